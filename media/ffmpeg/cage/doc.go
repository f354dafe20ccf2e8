// Package cage confines one child process: it re-executes our own binary, which
// gives up what the tool does not need and then becomes the tool. What the tool
// is asked to do, and what its answer is worth, is left to the caller.
package cage
