// Package mail writes a case's e-mail as a draft that mail programs open for
// sending. What it says and holds is decided by whoever calls; it sends nothing.
package mail
