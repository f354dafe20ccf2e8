// Package arch checks what no compiler checks: who may import whom, who may
// start processes, how long a file may get, and that documents point to things
// that exist. It reads files and leaves running to the other tests.
package arch
