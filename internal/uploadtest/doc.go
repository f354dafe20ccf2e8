// Package uploadtest is a world in memory for tests of uploads: grants, records, a
// case and its conversation, with faults on demand. What an upload does is left
// to web/upload.
package uploadtest
