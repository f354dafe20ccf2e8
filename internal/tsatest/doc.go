// Package tsatest runs a time stamp authority for tests: openssl ts behind a small
// HTTP server on loopback.
package tsatest
