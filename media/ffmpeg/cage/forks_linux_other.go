//go:build linux && !amd64

package cage

// forks is empty: newer architectures have clone only.
func forks() []uint32 { return nil }
