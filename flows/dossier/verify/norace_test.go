//go:build !race

package verify_test

const step = 1 // every bit is flipped
