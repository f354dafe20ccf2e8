package verify

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"clipcase/flows/dossier/bag"
)

const (
	maxDirectory = 32 << 20 // bytes of an archive's list of files
	maxRatio     = 200      // unpacked to packed; a bag's text is packed to a tenth
	freeRatio    = 1 << 20  // up to this size any ratio is harmless
)

// ErrNotBag says that what was given is not a bag at all.
var ErrNotBag = errors.New("not a bag")

// openArchive lists a ZIP. Names that lead out of it, links, names that stand
// twice and files that unpack to far more than they take are refused and never
// opened.
func openArchive(name string) (*source, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = ErrNotBag
	}
	if err == nil {
		err = checkDirectory(f, info.Size())
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
	return s, nil
}

func (s *source) list(z *zip.Reader, size int64) {
	seen := map[string]int{}
	for _, e := range z.File {
		seen[bag.Fold(e.Name)]++
	}
	var packed uint64
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
		default:
			s.files[key(e.Name)] = found{path: e.Name, bytes: int64(e.UncompressedSize64), open: func() (io.ReadCloser, error) { return e.Open() }}
		}
	}
}

func ascii(name string) bool {
	return strings.IndexFunc(name, func(r rune) bool { return r > 0x7e || r < 0x20 }) < 0
}

// checkDirectory bounds the list of files before anything reads it into memory.
func checkDirectory(f io.ReaderAt, size int64) error {
	tail := make([]byte, min(size, 22+1<<16))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < 22 {
		return fmt.Errorf("%w: no archive", ErrNotBag)
	}
	length := uint64(binary.LittleEndian.Uint32(tail[at+12:]))
	if at >= 20 && bytes.Equal(tail[at-20:at-16], []byte("PK\x06\x07")) {
		var end [56]byte
		offset := binary.LittleEndian.Uint64(tail[at-12:])
		if offset > uint64(size) {
			return fmt.Errorf("%w: the list of files lies outside", ErrNotBag)
		}
		if _, err := f.ReadAt(end[:], int64(offset)); err != nil || !bytes.Equal(end[:4], []byte("PK\x06\x06")) {
			return fmt.Errorf("%w: no list of files", ErrNotBag)
		}
		length = binary.LittleEndian.Uint64(end[40:])
	}
	if length > maxDirectory {
		return fmt.Errorf("%w: a list of files of %d bytes", ErrNotBag, length)
	}
	return nil
}
