package ffmpeg

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
)

// labelRunes are what every label is made of: a font without them would draw
// boxes, and nobody would notice until a person's evidence is handed in.
const labelRunes = "客服专用申诉材料原创疑似侵权0123456789-/:.…" + string(lacking)

// lacking stands for a character that the font does not have.
const lacking = '?'

// findFont is a font file that has the label's characters: the given one, or
// the best of the system's.
func findFont(given string) (string, error) {
	const mend = "install a font with Chinese, such as the package fonts-noto-cjk"
	if given != "" {
		if err := hasRunes(given, labelRunes); err != nil {
			return "", fmt.Errorf("font: %w: %s", err, mend)
		}
		return given, nil
	}
	var found []string
	for _, dir := range []string{"/usr/share/fonts", "/usr/local/share/fonts", "/opt/homebrew/share/fonts", "/System/Library/Fonts", "/Library/Fonts"} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil //nolint:nilerr // a folder that is missing or locked has no fonts for us
			}
			if rank(path) >= 0 && !d.IsDir() {
				found = append(found, path)
			}
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("font: %w", err)
		}
	}
	slices.SortFunc(found, func(a, b string) int {
		if d := rank(a) - rank(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, path := range found {
		if hasRunes(path, labelRunes) == nil {
			return path, nil
		}
	}
	return "", errors.New("no font with Chinese was found: " + mend)
}

// rank orders font files by how well they read on a small screen; -1 = not a
// font with Chinese as far as its name goes.
func rank(path string) int {
	name := strings.ToLower(filepath.Base(path))
	if ext := filepath.Ext(name); ext != ".ttc" && ext != ".otf" && ext != ".ttf" {
		return -1
	}
	good := []string{"notosanscjksc-regular", "notosanssc-regular", "sourcehansanssc-regular", "sourcehansanscn-regular", "notosanscjk-regular",
		"pingfang", "wqy-microhei", "wqy-zenhei", "droidsansfallback", "stheiti", "notosanscjk", "notoserifcjk", "hiragino", "arialunicode", "uming", "ukai"}
	for i, prefix := range good {
		if strings.HasPrefix(strings.ReplaceAll(name, " ", ""), prefix) {
			return i
		}
	}
	return -1
}

// hasRunes reads the font's character map; nil = every rune has a glyph.
func hasRunes(path, runes string) error {
	table, err := glyphs(path)
	if err != nil {
		return err
	}
	for _, r := range runes {
		if !table.has(uint32(r)) {
			return fmt.Errorf("%s has no glyph for %q", filepath.Base(path), r)
		}
	}
	return nil
}

// glyphs are the characters a font can draw.
func glyphs(path string) (segments, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	table, err := characterMap(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
	}
	return table, nil
}

// drawable is text without the characters that would come out as boxes: what only
// changes its neighbours is left out, of the others one mark stands for each run.
func (s segments) drawable(text string) string {
	var out strings.Builder
	lost := false
	for _, r := range text {
		switch {
		case s.has(uint32(r)):
			out.WriteRune(r)
			lost = false
		case !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) && !lost:
			out.WriteRune(lacking)
			lost = true
		}
	}
	return out.String()
}

// segments are the ranges of characters a font has.
type segments [][2]uint32

func (s segments) has(r uint32) bool {
	return slices.ContainsFunc(s, func(seg [2]uint32) bool { return seg[0] <= r && r <= seg[1] })
}

var errNoMap = errors.New("no Unicode character map")

// characterMap reads the cmap table of the first face (formats 4 and 12).
func characterMap(r io.ReaderAt) (segments, error) {
	head, err := readAt(r, 0, 16)
	if err != nil {
		return nil, err
	}
	start := int64(0)
	if string(head[:4]) == "ttcf" {
		start = int64(binary.BigEndian.Uint32(head[12:]))
	}
	if head, err = readAt(r, start, 12); err != nil {
		return nil, err
	}
	tables := int(binary.BigEndian.Uint16(head[4:]))
	dir, err := readAt(r, start+12, tables*16)
	if err != nil {
		return nil, err
	}
	for i := range tables {
		entry := dir[i*16:]
		if string(entry[:4]) != "cmap" {
			continue
		}
		offset, length := int64(binary.BigEndian.Uint32(entry[8:])), int(binary.BigEndian.Uint32(entry[12:]))
		if length > 8<<20 {
			return nil, errNoMap
		}
		cmap, err := readAt(r, offset, length)
		if err != nil {
			return nil, err
		}
		return mapSegments(cmap)
	}
	return nil, errNoMap
}

func mapSegments(cmap []byte) (segments, error) {
	if len(cmap) < 4 {
		return nil, errNoMap
	}
	u16 := func(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	var out segments
	for i := range u16(cmap, 2) {
		at := 4 + i*8
		if at+8 > len(cmap) {
			break
		}
		offset := int(binary.BigEndian.Uint32(cmap[at+4:]))
		if offset < 0 || offset+16 > len(cmap) {
			continue
		}
		sub := cmap[offset:]
		switch u16(sub, 0) {
		case 4:
			count := u16(sub, 6) / 2
			for s := 0; s < count && 16+count*2+s*2+2 <= len(sub); s++ {
				out = append(out, [2]uint32{uint32(u16(sub, 16+count*2+s*2)), uint32(u16(sub, 14+s*2))})
			}
		case 12:
			count := int(binary.BigEndian.Uint32(sub[12:]))
			for s := 0; s < count && 16+s*12+12 <= len(sub); s++ {
				group := sub[16+s*12:]
				out = append(out, [2]uint32{binary.BigEndian.Uint32(group), binary.BigEndian.Uint32(group[4:])})
			}
		}
	}
	if len(out) == 0 {
		return nil, errNoMap
	}
	return out, nil
}

func readAt(r io.ReaderAt, at int64, n int) ([]byte, error) {
	buf := make([]byte, n)
	if _, err := r.ReadAt(buf, at); err != nil {
		return nil, err
	}
	return buf, nil
}
