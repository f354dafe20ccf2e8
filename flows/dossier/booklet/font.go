package booklet

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/image/font/sfnt"
)

// Font is a TrueType font with Chinese and Latin letters. It never changes and
// may be used by any number of goroutines.
type Font struct {
	name string
	data []byte // one face, as a file of its own
	face *sfnt.Font
}

// Name is the file the font was read from, without its folder.
func (f *Font) Name() string { return f.name }

// needed are characters without which no page can be read.
const needed = "案情摘要客服材料，。：；？！（）“”、…—·×✓○□→–≤ABCxyz0123456789/-:.%"

// fontMax is the size of a font file at most, bytes.
const fontMax = 64 << 20

// candidates are fonts that PDF can hold as they are: TrueType outlines, with
// Chinese and Latin in one file. The common Noto CJK is not among them: its
// outlines are of another kind.
func candidates() []string {
	return []string{"wqy-microhei.ttc", "wqy-zenhei.ttc", "Arial Unicode.ttf", "STHeiti Light.ttc", "simhei.ttf"}
}

// FindFont reads the font at path; with "" the first that fits of those this
// system has.
func FindFont(path string) (*Font, error) {
	if path != "" {
		return readFont(path)
	}
	found := map[string]string{}
	for _, dir := range []string{"/usr/share/fonts", "/usr/local/share/fonts", "/opt/homebrew/share/fonts", "/System/Library/Fonts", "/Library/Fonts"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // a folder that is missing or locked has no fonts for us
			}
			if name := strings.ToLower(d.Name()); found[name] == "" {
				found[name] = path
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("font: %w", err)
		}
	}
	var problems []error
	for _, name := range candidates() {
		if at := found[strings.ToLower(name)]; at != "" {
			font, err := readFont(at)
			if err == nil {
				return font, nil
			}
			problems = append(problems, err)
		}
	}
	return nil, errors.Join(append(problems, ErrNoFont)...)
}

// ErrNoFont says that this system has no font that booklets can be written in.
var ErrNoFont = errors.New("no TrueType font with Chinese was found for booklets: install the package fonts-wqy-microhei")

func readFont(path string) (*Font, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	if info.Size() > fontMax {
		return nil, fmt.Errorf("font %s: %d bytes, at most %d", filepath.Base(path), info.Size(), fontMax)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("font: %w", err)
	}
	if data, err = firstFace(data); err != nil {
		return nil, fmt.Errorf("font %s: %w", filepath.Base(path), err)
	}
	face, err := sfnt.Parse(data)
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", filepath.Base(path), err)
	}
	f := &Font{name: filepath.Base(path), data: data, face: face}
	m := f.metrics()
	for _, r := range needed {
		if !m.has(r) {
			return nil, fmt.Errorf("font %s has no glyph for %q", f.name, r)
		}
	}
	return f, nil
}

var errFontFile = errors.New("not a TrueType font")

// firstFace is the first font of a collection as a file of its own; a single
// font stays as it is. Fonts without TrueType outlines are refused.
func firstFace(data []byte) ([]byte, error) {
	at := 0
	if len(data) >= 16 && string(data[:4]) == "ttcf" {
		at = int(binary.BigEndian.Uint32(data[12:]))
	}
	if at < 0 || at+12 > len(data) {
		return nil, errFontFile
	}
	count := int(binary.BigEndian.Uint16(data[at+4:]))
	size := 12 + 16*count
	if at+size > len(data) {
		return nil, errFontFile
	}
	out := append(make([]byte, 0, len(data)), data[at:at+size]...)
	outlines := false
	for i := range count {
		entry := out[12+16*i : 28+16*i]
		offset, length := uint64(binary.BigEndian.Uint32(entry[8:])), uint64(binary.BigEndian.Uint32(entry[12:]))
		if offset+length > uint64(len(data)) {
			return nil, errFontFile
		}
		outlines = outlines || string(entry[:4]) == "glyf"
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
		start := len(out)
		out = append(out, data[offset:offset+length]...)
		binary.BigEndian.PutUint32(out[12+16*i+8:], uint32(start))
	}
	if !outlines {
		return nil, errFontFile
	}
	return out, nil
}
