package dossier

import (
	"path"
	"slices"
	"strings"

	"clipcase/flows"
)

// nameMost is how many characters of a file's name are kept.
const nameMost = 255

// GivenName is a file's name as it was given, in composed characters and without
// what could hide or turn it. It stands in records and never in a path.
func GivenName(name string) string {
	name, _ = flows.Clean(strings.ReplaceAll(name, "\n", " "), nameMost)
	return name
}

// OriginalFile is where an original stands in a bag: its number in the case, the
// beginning of its hash, and an ending that programs know it by. All of it is ours:
// a name from outside, however it is cleaned, can still look like another, be too
// long for another system, or tell what its owner did not mean to.
func OriginalFile(id, name, sha256 string) string {
	return "data/original/" + id + "-" + sha256[:min(8, len(sha256))] + ending(name)
}

// ending is that of a name if it is one of those we know, else none.
func ending(name string) string {
	known := []string{".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".flv", ".3gp", ".mpg", ".wmv", ".gif", ".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".bmp",
		".tif", ".tiff", ".pdf", ".docx", ".doc", ".txt", ".md", ".html"}
	ext := strings.ToLower(path.Ext(name))
	if slices.Contains(known, ext) {
		return ext
	}
	return ""
}
