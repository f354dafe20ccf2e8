// Package bag writes the files of a case as a BagIt 1.0 bag (RFC 8493), into a
// folder or as a streamed ZIP; what is in the files, who signs the manifests and
// whether a bag holds is for others.
package bag
