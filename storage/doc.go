// Package storage keeps cases, conversations, the outbox, everything that waits to
// be sent and what lets someone in through a browser in Redis, and originals and
// pieces in a folder of blobs or on an S3 server. What is kept and when it changes
// is decided by those who call it.
//
// Every change of the conversation or of a case goes through one Lua script that
// does all of it or nothing (scripts/commit.lua). The client repeats a command
// whose answer was lost, so every script bears running twice.
//
// With no Redis address, Open runs a private redis-server in the data folder.
// Scripts build some of their keys themselves: one Redis or a Sentinel set, not
// a Redis Cluster.
//
// Blobs stand in a folder or on an S3 server. Another backend implements the small
// interface "durable" (durable writes, reads that go on, staging, room) beside a
// blob.Bucket and is chosen in OpenBlobs by the scheme of its address.
package storage
