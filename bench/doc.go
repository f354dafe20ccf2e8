// Command bench measures clipcase against the same work done by hand with
// ffmpeg and with HandBrakeCLI: processor time, wall time, memory, sizes and
// likeness, in turn and as ratios. What the figures are worth is said in
// docs/performance.md.
package main
