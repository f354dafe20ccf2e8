// Package media is the arithmetic of fitting: from what was measured of a file,
// the limits of a channel and the wishes of a person it decides which pieces to
// make, and afterwards whether what came out is what was planned. It runs
// nothing and reads no file; media/ffmpeg does.
package media
