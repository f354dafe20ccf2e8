// Package verify says of a bag from a stranger whether it holds: every file, the
// signature, the time stamps and the history; it believes nothing it reads, writes
// nothing, and leaves the words to others.
package verify
