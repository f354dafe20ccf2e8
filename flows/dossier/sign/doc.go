// Package sign makes and checks Ed25519 signatures that minisign reads, and keeps
// the key; what is signed is for others.
package sign
