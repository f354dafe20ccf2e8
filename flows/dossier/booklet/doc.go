// Package booklet draws a case on pages: a PDF and one long picture of the same
// content. What stands in them is decided by flows/dossier.
package booklet
