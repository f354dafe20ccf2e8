//go:build race

package verify_test

const step = 3 // from one bit that is flipped to the next
