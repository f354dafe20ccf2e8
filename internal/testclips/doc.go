// Package testclips makes sample recordings with ffmpeg: small ones with one
// oddity each for tests, and a phone recording like the ones people send for
// the demo and the benchmark. It judges nothing about them.
package testclips
