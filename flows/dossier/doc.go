// Package dossier writes what is known of a case: the record that programs read
// and the summary that people read. It decides nothing and renders no media.
package dossier
