//go:build !unix

package ffmpeg

import "syscall"

// Systems without these signals never send them.
const (
	sigXCPU = syscall.Signal(24)
	sigXFSZ = syscall.Signal(25)
	sigSYS  = syscall.Signal(31)
)
