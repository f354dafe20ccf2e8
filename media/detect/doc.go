// Package detect finds what stands on a picture: it reads words with tesseract,
// confined by media/ffmpeg/cage; what the words are worth is decided by media.
package detect
