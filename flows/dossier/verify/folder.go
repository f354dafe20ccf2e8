package verify

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"clipcase/flows/dossier/bag"
)

// openFolder lists a folder without following a link: os.Root keeps every opening
// inside, and only plain files are opened at all. Of names that differ only in
// how their letters are put together nobody can say which one the list means: all
// of them are refused.
func openFolder(dir string) (*source, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	s := newSource()
	s.close = root.Close
	count, seen := 0, map[string]bool{}
	err = fs.WalkDir(root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			return nil
		}
		if count++; count > maxFiles {
			return errTooLong
		}
		if !d.Type().IsRegular() {
			s.refuse(p, "not a plain file")
			return nil
		}
		if !bag.Fits(p) {
			s.refuse(p, "not a name a bag may have")
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if seen[key(p)] {
			if first, ok := s.files[key(p)]; ok {
				s.refuse(first.path, "a name that stands twice")
				delete(s.files, key(p))
			}
			s.refuse(p, "a name that stands twice")
			return nil
		}
		seen[key(p)] = true
		s.files[key(p)] = found{path: p, bytes: info.Size(), open: func() (io.ReadCloser, error) { return openPlain(root, p) }}
		return nil
	})
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

var errNotPlain = errors.New("not a plain file")

// openPlain never waits on what turned into a pipe since it was listed.
func openPlain(root *os.Root, p string) (io.ReadCloser, error) {
	f, err := root.OpenFile(p, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(errNotPlain, err, f.Close())
	}
	return f, nil
}
