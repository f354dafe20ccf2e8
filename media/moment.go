package media

import (
	"fmt"
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

// ParseMoment reads a key moment as people type it: "00:42", "0:42-0:52",
// "1:02:03", "42秒", "1分20秒到1分30秒", with full-width characters as well. A single
// moment t is the range [t-2, t+8]; nothing begins before 0. false means that
// the text is not a moment at all; an error that it is one that cannot be
// (a minute of 75 seconds, an end before its start).
func ParseMoment(text string) (Range, bool, error) {
	m, ok, err := readMoment(text, false)
	return m.Range, ok, err
}

// Moment is a key moment as typed.
type Moment struct {
	Range Range
	Point bool // one time was named, not a stretch
}

// ReadMoment is ParseMoment for the answer to a question for a time: a bare
// number is seconds. ok is false for anything that cannot be one.
func ReadMoment(text string) (m Moment, ok bool) {
	m, ok, err := readMoment(text, true)
	return m, ok && err == nil
}

func readMoment(text string, bare bool) (Moment, bool, error) {
	text = narrow(text)
	for _, sep := range []string{"-", "到", "至", "to"} {
		left, right, ok := strings.Cut(text, sep)
		if !ok {
			continue
		}
		start, okStart, err := seconds(left, bare)
		end, okEnd, errEnd := seconds(right, bare)
		if !okStart || !okEnd {
			return Moment{}, false, nil
		}
		if err != nil || errEnd != nil {
			return Moment{}, true, firstOf(err, errEnd)
		}
		if end <= start {
			return Moment{}, true, fmt.Errorf("moment %q: the end is not after the start", text)
		}
		return Moment{Range: Range{Start: start, End: end}}, true, nil
	}
	at, ok, err := seconds(text, bare)
	if !ok || err != nil {
		return Moment{}, ok, err
	}
	return Moment{Range: Around(at), Point: true}, true, nil
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

// seconds reads one point in time. A bare number may be anything, an order, a
// phone: it is one only where bare says that a time was asked for.
func seconds(text string, bare bool) (float64, bool, error) {
	text = patternAround.ReplaceAllString(text, "")
	if m := patternClock.FindStringSubmatch(text); m != nil {
		return total(text, m[1], m[2], m[3]+m[4], true)
	}
	if !patternUnit.MatchString(text) {
		if bare && patternBare.MatchString(text) {
			return total(text, "", "", text, false)
		}
		return 0, false, nil
	}
	if m := patternSpoken.FindStringSubmatch(text); m != nil && m[1]+m[2]+m[3] != "" {
		return total(text, m[1], m[2], m[3]+m[4], m[2] != "")
	}
	return 0, false, nil
}

// total adds up; the parts are digits by the patterns.
func total(text, hours, minutes, secs string, sixty bool) (float64, bool, error) {
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return 0 // an absent part
		}
		return v
	}
	h, m, s := number(hours), number(minutes), number(secs)
	if sixty && s >= 60 || hours != "" && m >= 60 {
		return 0, true, fmt.Errorf("moment %q: there is no such time", text)
	}
	return h*3600 + m*60 + s, true, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
