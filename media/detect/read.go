package detect

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clipcase/media"
)

// Read gives the words on pictures (PNG, JPEG, PNM) that were made by us, each from
// top to bottom, in their order. The settings are fixed, so that the readings of two
// pictures can be compared: a page of lines, both languages, no dictionary of the
// user's. The tool stands back behind others by nice, 0..19, and always a little. It
// takes as long to get ready as to read a few lines: pictures that are there at once
// should be given at once.
func (r *Reader) Read(ctx context.Context, pictures []string, nice int) ([]media.Page, error) {
	var paths []string
	for _, picture := range pictures {
		path, err := filepath.Abs(picture)
		if err != nil {
			return nil, fmt.Errorf("read words: %w", err)
		}
		paths = append(paths, path)
	}
	from, read, err := r.list(paths)
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	out, spent, err := r.run(ctx, run{nice: max(niceness, nice), read: read, pictures: len(paths)},
		from, "stdout", "-l", strings.Join(r.languages, "+"), "--oem", "1", "--psm", "6", "--dpi", "300",
		"-c", "tessedit_create_tsv=1", "-c", "tessedit_do_invert=1")
	if len(paths) > 1 {
		err = errors.Join(err, os.Remove(from))
	}
	if err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	pages := make([]media.Page, len(paths))
	for i, lines := range parse(out, len(paths)) {
		pages[i] = media.Page{Lines: lines, Spent: spent / time.Duration(len(paths))}
	}
	return pages, nil
}

// list is what the tool is given to read several pictures: a file with their names,
// next to the first.
func (r *Reader) list(paths []string) (from string, read []string, err error) {
	if len(paths) == 1 {
		return paths[0], paths, nil
	}
	f, err := os.CreateTemp(filepath.Dir(paths[0]), "pictures-*.txt")
	if err != nil {
		return "", nil, err
	}
	_, err = f.WriteString(strings.Join(paths, "\n") + "\n")
	return f.Name(), append([]string{f.Name()}, paths...), errors.Join(err, f.Close())
}
