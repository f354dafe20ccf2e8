package media

import (
	"regexp"
	"strconv"
	"strings"
)

// A single moment stands for the seconds around it.
const (
	MomentBefore = 2.0
	MomentAfter  = 8.0
)

var (
	patternClock  = regexp.MustCompile(`^(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2})(\.\d+)?$`)
	patternSpoken = regexp.MustCompile(`^(?:(\d{1,2})(?:小时|时|h))?(?:(\d{1,3})(?:分钟|分|m|min))?(?:(\d{1,5})(\.\d+)?(?:秒钟|秒|s|sec|seconds)?)?$`)
	patternBare   = regexp.MustCompile(`^\d{1,5}(?:\.\d+)?$`)
	patternUnit   = regexp.MustCompile(`[时分秒hms]`)
	patternAround = regexp.MustCompile(`^(?:大概|大约|约|就在|在|从|第|around|about|from|at)+|(?:左右|的时候|的地方|那里|附近|处|开始|吧)+$`)
)

// Moment is a key moment as typed.
type Moment struct {
	Range Range
	Point bool // one time was named, not a stretch
}

// ReadMoment reads a key moment as people type it when they are asked for one:
// "00:42", "0:42-0:52", "1:02:03", "42秒", "1分20秒到1分30秒", with full-width
// characters as well; a bare number is seconds. A single moment t is the range
// [t-2, t+8]; nothing begins before 0. ok is false for anything that cannot be one,
// such as a minute of 75 seconds or an end before its start.
func ReadMoment(text string) (m Moment, ok bool) {
	text = narrow(text)
	for _, sep := range []string{"-", "到", "至", "to"} {
		left, right, ok := strings.Cut(text, sep)
		if !ok {
			continue
		}
		start, okStart := seconds(left)
		end, okEnd := seconds(right)
		if !okStart || !okEnd || end <= start {
			return Moment{}, false
		}
		return Moment{Range: Range{Start: start, End: end}}, true
	}
	at, ok := seconds(text)
	if !ok {
		return Moment{}, false
	}
	return Moment{Range: Around(at), Point: true}, true
}

// Around is the range a single moment stands for.
func Around(at float64) Range {
	return Range{Start: max(0, at-MomentBefore), End: at + MomentAfter}
}

// narrow turns full-width characters into plain ones, every dash into "-", and
// drops spaces.
func narrow(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r >= '\uff10' && r <= '\uff19': // full-width digits
			return r - '\uff10' + '0'
		case strings.ContainsRune(":\uff1a\ufe30\u2236", r):
			return ':'
		case strings.ContainsRune("-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d~\uff5e\u301c", r):
			return '-'
		case r == '\uff0e' || r == '\u3002':
			return '.'
		case r == ' ' || r == '\u3000' || r == '\t':
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(text)))
	for strings.Contains(text, "--") {
		text = strings.ReplaceAll(text, "--", "-")
	}
	return strings.TrimRight(text, ".")
}

// seconds reads one point in time.
func seconds(text string) (float64, bool) {
	text = patternAround.ReplaceAllString(text, "")
	if m := patternClock.FindStringSubmatch(text); m != nil {
		return total(m[1], m[2], m[3]+m[4], true)
	}
	if patternBare.MatchString(text) {
		return total("", "", text, false)
	}
	if !patternUnit.MatchString(text) {
		return 0, false
	}
	if m := patternSpoken.FindStringSubmatch(text); m != nil && m[1]+m[2]+m[3] != "" {
		return total(m[1], m[2], m[3]+m[4], m[2] != "")
	}
	return 0, false
}

// total adds up; the parts are digits by the patterns. There is no minute of more
// than 60 seconds, and no hour of more than 60 minutes.
func total(hours, minutes, secs string, sixty bool) (float64, bool) {
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0 // an absent part
		}
		return v
	}
	h, m, s := number(hours), number(minutes), number(secs)
	if sixty && s >= 60 || hours != "" && m >= 60 {
		return 0, false
	}
	return h*3600 + m*60 + s, true
}
