package verify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"clipcase/flows/dossier/bag"
)

// Contents are the files of a bag for whoever wants to look into them. As when it
// is checked nothing outside is ever opened, and no file is longer than it says.
type Contents struct{ source *source }

// Open opens the bag at path, a folder or a ZIP; close it afterwards.
func Open(path string) (*Contents, error) {
	s, err := openSource(path)
	if err != nil {
		return nil, err
	}
	return &Contents{s}, nil
}

// Close ends the use of the bag.
func (c *Contents) Close() error { return c.source.close() }

// Unnamed are the files below data/ that are not among those named, sorted.
func (c *Contents) Unnamed(named map[string]bool) []string {
	known := composed(named)
	var all []string
	for path := range c.source.files {
		if strings.HasPrefix(path, bag.Payload) && !known[path] {
			all = append(all, path)
		}
	}
	slices.Sort(all)
	return all
}

// composed are the names in composed characters, as files are known by.
func composed(named map[string]bool) map[string]bool {
	known := make(map[string]bool, len(named))
	for path := range named {
		known[key(path)] = true
	}
	return known
}

// Small is a file of a few megabytes at most as a whole; nil = it is not there.
func (c *Contents) Small(path string) ([]byte, error) { return c.source.small(path) }

// Copy writes a file of the bag to a new one and says what its hash is. fs.ErrNotExist
// says that it is not there.
func (c *Contents) Copy(ctx context.Context, path, to string) (digest string, err error) {
	f, ok := c.source.files[key(path)]
	if !ok {
		return "", fmt.Errorf("%q: %w", path, os.ErrNotExist)
	}
	in, err := f.open()
	if err != nil {
		return "", err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", errors.Join(err, in.Close())
	}
	sum := sha256.New()
	stop := context.AfterFunc(ctx, func() { _ = out.Close() }) // ends the copy
	n, err := io.Copy(io.MultiWriter(out, sum), io.LimitReader(in, f.bytes+1))
	if !stop() {
		return "", errors.Join(ctx.Err(), in.Close())
	}
	if err == nil && n > f.bytes {
		err = errTooLong
	}
	if err = errors.Join(err, out.Close(), in.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// openSource opens a bag without reading more of it than what it holds.
func openSource(path string) (*source, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	open := openArchive
	switch {
	case info.IsDir():
		open = openFolder
	case !info.Mode().IsRegular(): // opening a pipe or a device would do something to it
		return nil, ErrNotBag
	}
	s, err := open(path)
	if err != nil {
		return nil, err
	}
	s.rooted()
	if _, ok := s.files[bag.Declaration]; !ok {
		return nil, errors.Join(ErrNotBag, s.close())
	}
	return s, nil
}
