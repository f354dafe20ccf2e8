// Package ffmpeg measures recordings and renders planned pieces with ffmpeg,
// ffprobe, gifsicle and heif-convert, each confined by media/ffmpeg/cage; what
// is to be made, and whether it is right, is decided by media.
package ffmpeg
