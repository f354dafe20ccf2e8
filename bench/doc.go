// Command bench measures the reference job: a 30 s phone recording of about
// 120 MB prepared for four channels, against the time ffmpeg needs just to decode
// and scale it. The two run in turn, so that the ratio holds on a noisy machine.
package main
