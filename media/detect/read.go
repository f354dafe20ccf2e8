package detect

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"clipcase/media"
)

// Read gives the words on a picture (PNG, JPEG, PNM) that was made by us, from
// top to bottom. The settings are fixed, so that the readings of two pictures can
// be compared: a page of lines, both languages, no dictionary of the user's. The
// tool stands back behind others by nice, 0..19, and always a little.
func (r *Reader) Read(ctx context.Context, picture string, nice int) (media.Page, error) {
	path, err := filepath.Abs(picture)
	if err != nil {
		return media.Page{}, fmt.Errorf("read words: %w", err)
	}
	out, spent, err := r.run(ctx, max(niceness, nice), []string{path},
		path, "stdout", "-l", strings.Join(r.languages, "+"), "--oem", "1", "--psm", "6", "--dpi", "300",
		"-c", "tessedit_create_tsv=1", "-c", "tessedit_do_invert=1")
	if err != nil {
		return media.Page{Spent: spent}, fmt.Errorf("read words: %w", err)
	}
	return media.Page{Lines: parse(out), Spent: spent}, nil
}
