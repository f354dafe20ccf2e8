package flows

import (
	"regexp"
	"strconv"
	"strings"

	"clipcase/media"
)

// moment is a key moment as typed.
type moment struct {
	media.Moment
	file int // which recording, from 1; 0 = not said
}

// parseMoment reads what media.ReadMoment reads, with 第2个 or 2# before it for
// the second recording. ok is false for anything else.
func parseMoment(text string) (m moment, ok bool) {
	text = strings.ReplaceAll(halfWidth(strings.ToLower(text)), " ", "")
	if found := keyFile().FindStringSubmatch(text); found != nil {
		n := found[1] + found[2]
		if i := strings.Index("一二三四五六七八九", n); i >= 0 && n != "" && n[0] > '9' {
			n = strconv.Itoa(i/len("一") + 1)
		}
		file, err := strconv.Atoi(n)
		if err != nil || file < 1 || file > maxExhibits {
			return m, false
		}
		m.file, text = file, text[len(found[0]):]
	}
	m.Moment, ok = media.ReadMoment(text)
	return m, ok
}

func keyFile() *regexp.Regexp {
	return regexp.MustCompile(`^(?:第([0-9]{1,2}|[一二三四五六七八九])[个段条][的,]?|([0-9]{1,2})#)`)
}

// halfWidth turns full-width digits and signs, as Chinese keyboards type them,
// into ASCII.
func halfWidth(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0xFF01 && r <= 0xFF5E {
			return r - 0xFEE0
		}
		return r
	}, text)
}

// recordings lists the videos of a case, in the order they were sent.
func recordings(c *Case) []*Exhibit {
	var all []*Exhibit
	for _, e := range c.Usable() {
		if e.Probe != nil && e.Probe.Kind == media.KindVideo || e.Probe == nil && FileKind(e.File) == media.KindVideo {
			all = append(all, e)
		}
	}
	return all
}

// length is a recording's seconds as measured or announced; 0 = not known yet.
func length(e *Exhibit) float64 {
	if e.Probe != nil {
		return e.Probe.Duration
	}
	return e.File.Duration
}
