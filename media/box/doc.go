// Package box looks at the outside of a file in plain Go before any tool sees
// it: which format it really is, whether it is whole, whether its own figures
// are sane; what is inside the pictures is left to media/ffmpeg.
package box
