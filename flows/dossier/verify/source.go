package verify

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"clipcase/flows/dossier/bag"
)

// The most a bag may hold: what is beyond is refused unread.
const (
	maxFiles = 2 * bag.MaxFiles
	maxBytes = 1 << 41 // of all files together, unpacked
	maxSmall = 8 << 20 // of a file that is read as a whole
)

// found is one file where it lies.
type found struct {
	path  string
	bytes int64
	open  func() (io.ReadCloser, error)
}

// source is a bag as it lies there: files by path, and what must not be opened.
type source struct {
	files   map[string]found // by path, in composed characters
	refused []File
	faults  []string // what is wrong with an archive as a whole
	close   func() error
}

func newSource() *source {
	return &source{files: map[string]found{}, close: func() error { return nil }}
}

func key(p string) string { return norm.NFC.String(p) }

func (s *source) refuse(p, why string) {
	if len(s.refused) < 1000 { // enough to see what it is
		s.refused = append(s.refused, File{Path: p, State: Refused, Why: why})
	}
}

func (s *source) fault(format string, about ...any) {
	if len(s.faults) < 100 { // enough to see what it is
		s.faults = append(s.faults, fmt.Sprintf(format, about...))
	}
}

// rooted takes the one folder at the top of an archive away, if there is one and
// the bag lies in it.
func (s *source) rooted() {
	if _, ok := s.files[bag.Declaration]; ok {
		return
	}
	root := ""
	for p := range s.files {
		dir, rest, ok := strings.Cut(p, "/")
		if ok && rest == bag.Declaration {
			if root != "" {
				return // two bags: neither is meant
			}
			root = dir
		}
	}
	if root == "" {
		return
	}
	inside := make(map[string]found, len(s.files))
	for p, f := range s.files {
		if rest, ok := strings.CutPrefix(p, root+"/"); ok {
			f.path = strings.TrimPrefix(f.path, root+"/")
			inside[rest] = f
		} else {
			s.refuse(p, "beside the bag")
		}
	}
	s.files = inside
}

// paths are those of all files, sorted.
func (s *source) paths() []string {
	out := make([]string, 0, len(s.files))
	for p := range s.files {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

var errTooLong = errors.New("longer than it may be")

// small reads a whole file of bounded length. A file that is not there is nil.
func (s *source) small(p string) ([]byte, error) {
	f, ok := s.files[key(p)]
	if !ok {
		return nil, nil
	}
	if _, _, manifest := manifestName(p); f.bytes > maxSmall && !manifest || f.bytes > bag.MaxManifest {
		return nil, fmt.Errorf("%s: %w", p, errTooLong)
	}
	in, err := f.open()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	raw, err := io.ReadAll(io.LimitReader(in, f.bytes+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, fmt.Errorf("%s: %w", p, err)
	}
	if int64(len(raw)) > f.bytes {
		return nil, fmt.Errorf("%s: %w", p, errTooLong)
	}
	return raw, nil
}
