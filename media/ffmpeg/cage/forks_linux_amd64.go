package cage

import "golang.org/x/sys/unix"

// forks are the calls beside clone that make a process.
func forks() []uint32 { return []uint32{unix.SYS_FORK, unix.SYS_VFORK} }
