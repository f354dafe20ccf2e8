//go:build unix

package ffmpeg

import "syscall"

const (
	sigXCPU = syscall.SIGXCPU
	sigXFSZ = syscall.SIGXFSZ
	sigSYS  = syscall.SIGSYS
)
