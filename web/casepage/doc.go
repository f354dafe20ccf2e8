// Package casepage shows one case to its owner: what is ready for each channel,
// the originals with their fingerprints, links to single files, everything as one
// archive. Who is there is web/entry's to say, what a press means the conversation's.
package casepage
