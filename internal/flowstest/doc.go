// Package flowstest is what tests of conversations stand on: flows.Store in
// memory and the built-in catalogue, read once a process. It makes no events
// and judges nothing.
package flowstest
