// Package upload takes in files from browsers: in parts that can be resumed
// (tus), or by a plain form; it keeps them until their case has stored them. Who
// may upload is decided by grants that others make, what a file is worth by the
// case it enters.
package upload
