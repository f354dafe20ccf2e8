package bag

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"
)

// WriteFolder puts the files into the existing folder dir; those without Open
// are there already. It overwrites nothing.
func (b *Bag) WriteFolder(ctx context.Context, dir string) error {
	for _, f := range b.Files {
		if f.Open == nil {
			continue
		}
		if err := place(ctx, filepath.Join(dir, filepath.FromSlash(f.Path)), f); err != nil {
			return fmt.Errorf("bag: %w", err)
		}
	}
	return nil
}

func place(ctx context.Context, to string, f File) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	return pour(ctx, out, f)
}

// pour copies a file and demands its length and content: a bag that is wrong from
// the beginning must not be finished.
func pour(ctx context.Context, to io.Writer, f File) (err error) {
	from, err := f.Open(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	sum := sha256.New()
	n, err := io.CopyBuffer(io.MultiWriter(to, sum), struct{ io.Reader }{from}, make([]byte, 256<<10))
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", f.Path, err)
	case n != f.Bytes:
		return fmt.Errorf("%s: %d bytes of %d", f.Path, n, f.Bytes)
	case hex.EncodeToString(sum.Sum(nil)) != f.SHA256:
		return fmt.Errorf("%s: the content is not what its hash says", f.Path)
	}
	return nil
}

// Payloads hashes everything below dir/data, which is the payload of a bag in
// its folder. Anything that is not a plain file is an error.
func Payloads(ctx context.Context, dir string, when time.Time) ([]File, error) {
	var all []File
	err := filepath.WalkDir(filepath.Join(dir, "data"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%w: not a plain file", ErrPath)
		}
		rel, err := filepath.Rel(dir, p)
		if err != nil {
			return err
		}
		f, err := hashed(ctx, p)
		f.Path, f.When = filepath.ToSlash(rel), when
		all = append(all, f)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("bag: %w", err)
	}
	return all, nil
}

func hashed(ctx context.Context, p string) (File, error) {
	in, err := os.Open(p)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = in.Close() }() // only read
	stop := context.AfterFunc(ctx, func() { _ = in.Close() })
	defer stop()
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	if ctx.Err() != nil {
		return File{}, ctx.Err()
	}
	return File{Bytes: n, SHA256: hex.EncodeToString(sum.Sum(nil))}, err
}

// Remove takes away what WriteFolder put into dir, and the folders it made for it.
func (b *Bag) Remove(dir string) error {
	var errs []error
	folders := map[string]bool{}
	for _, f := range b.Files {
		if f.Open == nil {
			continue
		}
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(f.Path))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
		for above := path.Dir(f.Path); above != "."; above = path.Dir(above) {
			folders[above] = true
		}
	}
	// The deepest first: what lies inside sorts after. One with other things in it stays.
	for _, folder := range slices.Backward(slices.Sorted(maps.Keys(folders))) {
		err := os.Remove(filepath.Join(dir, filepath.FromSlash(folder)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrExist) { // ErrExist: not empty
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
