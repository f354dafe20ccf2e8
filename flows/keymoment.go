package flows

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"clipcase/media"
)

// A key moment named by one time reaches from a little before to some seconds after.
const (
	keyBefore = 2.0
	keyAfter  = 8.0
)

// moment is a key moment as typed.
type moment struct {
	file  int // which recording, from 1; 0 = not said
	rng   media.Range
	point bool // one time, not a stretch
}

// parseMoment reads 00:42, 0:42-0:52, 1分20秒, 42秒到50秒, with 第2个 or 2# before
// it for the second recording. ok is false for anything else.
func parseMoment(text string) (m moment, ok bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	text = strings.NewReplacer("~", "-", "\u2014", "-", "\u2013", "-", "\u301c", "-", "至", "-", "到", "-", " to ", "-").Replace(halfWidth(text))
	text = strings.ReplaceAll(text, " ", "")
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
	from, to, stretch := strings.Cut(text, "-")
	start, ok := seconds(from)
	if !ok {
		return m, false
	}
	if !stretch {
		m.point = true
		m.rng = media.Range{Start: math.Max(0, start-keyBefore), End: start + keyAfter}
		return m, true
	}
	end, ok := seconds(to)
	if !ok || end <= start {
		return m, false
	}
	m.rng = media.Range{Start: start, End: end}
	return m, true
}

func keyFile() *regexp.Regexp {
	return regexp.MustCompile(`^(?:第([0-9]{1,2}|[一二三四五六七八九])[个段条][的,]?|([0-9]{1,2})#)`)
}

func keyTime() *regexp.Regexp {
	return regexp.MustCompile(`^(?:第)?(?:(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2})(?:\.\d+)?|(?:(\d{1,2})(?:小时|时|h))?(?:(\d{1,3})(?:分钟|分|m|min))?(?:(\d{1,5})(?:秒钟|秒|s|sec|seconds)?)?)$`)
}

// seconds reads one time: 0:42, 1:02:03, 42, 42秒, 1分20秒.
func seconds(text string) (float64, bool) {
	found := keyTime().FindStringSubmatch(text)
	if text == "" || found == nil {
		return 0, false
	}
	total, factors := 0, []int{0, 3600, 60, 1, 3600, 60, 1}
	for i := 1; i < len(found); i++ {
		if found[i] == "" {
			continue
		}
		n, err := strconv.Atoi(found[i])
		if err != nil {
			return 0, false
		}
		total += n * factors[i]
	}
	return float64(total), total <= 100*3600 && strings.ContainsAny(text, "0123456789")
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
