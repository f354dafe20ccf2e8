package upload

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/tus/tusd/v2/pkg/handler"
)

var (
	mimeForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+-]*$`)
	slotForm = regexp.MustCompile(`^[a-z0-9_-]{1,40}$`)
	sumForm  = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// said is what a browser says about a file: cleaned, and empty where it has no
// acceptable form.
type said struct {
	name, mime, slot, print string
	seconds                 float64 // how long it plays; 0 = the browser cannot tell
}

// told reads what the client of the protocol says about a file.
func told(meta handler.MetaData) said {
	seconds, err := strconv.ParseFloat(meta["seconds"], 64)
	if err != nil || !(seconds > 0) || seconds > mostSeconds {
		seconds = 0 // an aid for honest people only: what counts is measured when the file is here
	}
	return clean(said{name: meta["filename"], mime: meta["filetype"], slot: meta["slot"], print: meta["print"], seconds: seconds})
}

const (
	maxName = 255
	maxMIME = 100

	mostSeconds = 1e6 // longer than any recording
)

func clean(s said) said {
	s.name = fileName(s.name)
	s.mime = strings.ToLower(s.mime)
	if len(s.mime) > maxMIME || !mimeForm.MatchString(s.mime) {
		s.mime = ""
	}
	if !slotForm.MatchString(s.slot) {
		s.slot = ""
	}
	if !sumForm.MatchString(s.print) {
		s.print = ""
	}
	return s
}

// fileName is the last part of a name as a browser says it, on one line, valid and
// at most 255 bytes long, its ending kept.
func fileName(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, name))
	if strings.Trim(name, ". ") == "" {
		return ""
	}
	if len(name) <= maxName {
		return name
	}
	ending := ""
	if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 10 {
		ending = name[i:]
	}
	return cut(name, maxName-len(ending)) + ending
}

// cut is the longest beginning of s of at most n bytes that ends with a whole
// character.
func cut(s string, n int) string {
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
