package box

import (
	"archive/zip"
	"io"
	"unicode/utf8"

	"clipcase/media"
)

// Sizes up to which documents are looked at.
const (
	maxText = 1 << 20
	maxZip  = 64 << 20
)

// walkZip takes a zip for a document only if it holds a text document; nothing
// is unpacked.
func walkZip(l *look, _ *Info) error {
	if l.size > maxZip {
		return refuse(media.RefusedNotMedia, "archive")
	}
	z, err := zip.NewReader(io.NewSectionReader(l.r, 0, l.size), l.size)
	if err != nil {
		return refuse(media.RefusedNotMedia, "archive: %w", err)
	}
	for _, f := range z.File {
		if f.Name == "word/document.xml" {
			return nil
		}
	}
	return refuse(media.RefusedNotMedia, "archive")
}

// walkText accepts whole, valid UTF-8 without control characters.
func walkText(l *look, _ *Info) error {
	if l.size > maxText {
		return refuse(media.RefusedNotMedia, "%d bytes of something", l.size)
	}
	text, err := l.head(l.size)
	if err != nil {
		return err
	}
	if !utf8.Valid(text) {
		return refuse(media.RefusedNotMedia, "neither media nor text")
	}
	for _, r := range string(text) {
		if r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7f {
			return refuse(media.RefusedNotMedia, "control characters")
		}
	}
	return nil
}
