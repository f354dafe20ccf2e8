package verify

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"clipcase/flows/dossier/bag"
)

const (
	maxRatio  = 200     // unpacked to packed; a bag's text is packed to a tenth
	freeRatio = 1 << 20 // up to this size any ratio is harmless
	freeTotal = 1 << 26 // the same of all files together
)

// ErrNotBag says that what was given is not a bag at all.
var ErrNotBag = errors.New("not a bag")

// openArchive lists a ZIP. Names that lead out of it, links, names that stand
// twice and files that unpack to far more than they take are refused and never
// opened. A pipe is never waited on.
func openArchive(name string) (*source, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotBag
	}
	var d directory
	if err == nil {
		d, err = checkDirectory(f, info.Size())
	}
	var z *zip.Reader
	if err == nil {
		if z, err = zip.NewReader(f, info.Size()); err != nil && !errors.Is(err, zip.ErrInsecurePath) {
			err = fmt.Errorf("%w: %w", ErrNotBag, err)
		} else {
			err = nil
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	s := newSource()
	s.close = f.Close
	s.list(z, info.Size())
	if err := s.frame(f, d); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *source) list(z *zip.Reader, size int64) {
	seen := map[string]int{}
	for _, e := range z.File {
		seen[bag.Fold(e.Name)]++
	}
	var packed, whole uint64
	for i, e := range z.File {
		packed += e.CompressedSize64
		switch {
		case strings.HasSuffix(e.Name, "/") && e.UncompressedSize64 == 0 && bag.Fits(strings.TrimSuffix(e.Name, "/")):
			continue
		case i >= maxFiles:
			s.refuse(e.Name, "one of too many")
		case !bag.Fits(e.Name) || e.NonUTF8 && !ascii(e.Name):
			s.refuse(e.Name, "a name that could lead elsewhere")
		case !e.Mode().IsRegular():
			s.refuse(e.Name, "not a plain file")
		case seen[bag.Fold(e.Name)] > 1:
			s.refuse(e.Name, "a name that stands twice")
		case e.Flags&1 != 0 || e.Method != zip.Store && e.Method != zip.Deflate:
			s.refuse(e.Name, "packed in a way that is not read")
		case packed > uint64(size):
			s.refuse(e.Name, "packed over another file")
		case e.UncompressedSize64 > freeRatio && e.UncompressedSize64/maxRatio > e.CompressedSize64:
			s.refuse(e.Name, "unpacks to far more than it takes")
		case whole+e.UncompressedSize64 > freeTotal && (whole+e.UncompressedSize64)/maxRatio > uint64(size):
			s.refuse(e.Name, "with the others unpacks to far more than they take")
		default:
			whole += e.UncompressedSize64
			s.files[key(e.Name)] = found{path: e.Name, bytes: int64(e.UncompressedSize64), open: func() (io.ReadCloser, error) { return e.Open() }}
		}
	}
}

func ascii(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return r > 0x7e || r < 0x20 }) < 0
}
