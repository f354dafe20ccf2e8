package media

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Line is one line of words as it was read off a picture.
type Line struct {
	Text   string
	Sure   float64 // 0..1: how sure the reader is of its letters, by its own account
	Top    float64 // where the line begins, as a share of the picture's height
	Height float64 // of the line, as a share of the picture's height; 0 = not known, nor is Top
}

// Page is what was read off one picture, from top to bottom.
type Page struct {
	Lines []Line
	Spent time.Duration // processor time that reading took
}

// Reading is what stands on the screen of an original at a moment.
type Reading struct {
	At    float64 // seconds; 0 for a picture
	Lines []Line
}

// Seen is a line on the screen, from the moment at which it was first read to the
// last at which it still was.
type Seen struct {
	At    float64 `json:"at"`              // seconds from the first picture
	Until float64 `json:"until,omitempty"` // 0 = read once
	Text  string  `json:"text"`
}

// Stood says whether the line stood on the screen at a moment, as far as about
// seconds of it tell.
func (s Seen) Stood(at, about float64) bool {
	return at >= s.At-about && at <= max(s.At, s.Until)+about
}

const (
	sureEnough  = 0.55 // a line that is read with less is noise more often than not
	textEnough  = 2    // letters that make a line
	alikeShare  = 0.75 // of two lines that are the same one, read twice
	longestSeen = 60   // letters kept of a line
	mostSeen    = 160  // lines kept of an original
)

// Reading budget: what is read of one original at most.
const (
	readFirst  = 8  // pictures of the shortest recording
	readEvery  = 15 // seconds of recording for each one more
	readMost   = 24
	readBudget = 20 * time.Second // processor time for half a minute of recording
	readLimit  = 60 * time.Second // for the longest
)

// ReadAt are the moments of an original at which its words are read, in order:
// those at rest and its end, as many as its length is worth. Where none are known,
// they lie evenly.
func ReadAt(p Probe) []float64 {
	switch {
	case p.Kind == KindImage || p.Kind == KindVideo && p.Frames == 1:
		return []float64{0}
	case p.Kind != KindVideo:
		return nil
	}
	count := min(readMost, readFirst+int(p.Duration/readEvery))
	if len(p.Settled) > 0 {
		return atEven(p.settledToTheEnd(), count)
	}
	return evenly(p, Range{End: p.Shown(p.Duration)}, count)
}

// stillThere is after how many seconds without a moment at rest the end of a
// recording is looked at for itself.
const stillThere = 1.5

// settledToTheEnd are the moments at rest and, where the last of them is long
// before the end, what stands there then: a notice that comes up on a page at rest
// changes little, and people record last what they want to show.
func (p Probe) settledToTheEnd() []float64 {
	end := p.Last
	if end <= 0 {
		end = p.Duration - lastPicture
	}
	if end-p.Settled[len(p.Settled)-1] < stillThere {
		return p.Settled
	}
	return append(slices.Clone(p.Settled), end)
}

// lastPicture is how many seconds before the end the last picture is looked for
// where its time is not known.
const lastPicture = 0.25

// ReadWithin is the processor time that reading an original may take: what is
// read when it is used up is all.
func ReadWithin(p Probe) time.Duration {
	return min(readLimit, max(readBudget, time.Duration(p.Duration*float64(readBudget)/30)))
}

// atEven keeps at most count of the moments, evenly, the first and the last
// among them.
func atEven(moments []float64, count int) []float64 {
	if len(moments) <= count {
		return slices.Clone(moments)
	}
	out := make([]float64, count)
	for i := range out {
		out[i] = moments[i*(len(moments)-1)/max(1, count-1)]
	}
	return out
}

// Sound says whether the line is words, not what a reader makes of a picture.
func (l Line) Sound() bool {
	return l.Sure >= sureEnough && letters(l.Text) >= textEnough
}

// TimeLine is what came to stand on the screen, in order: a line that stays, or
// moves as the page scrolls, is told once, when it is first seen. Readings must
// be in order of time.
func TimeLine(readings []Reading) []Seen {
	type standing struct {
		text string
		as   int // place in out
	}
	var out []Seen
	var before []standing
	for _, r := range readings {
		var now []standing
		for _, l := range r.Lines {
			if !l.Sound() {
				continue
			}
			i := slices.IndexFunc(before, func(b standing) bool { return alike(b.text, l.Text) })
			switch {
			case i >= 0:
				out[before[i].as].Until = r.At
				now = append(now, standing{l.Text, before[i].as})
			case len(out) < mostSeen:
				now = append(now, standing{l.Text, len(out)})
				out = append(out, Seen{At: r.At, Text: string(first([]rune(l.Text), longestSeen))})
			}
		}
		if len(now) > 0 { // an empty reading is a page on its way, not a new one
			before = now
		}
	}
	return out
}

func first(text []rune, n int) []rune { return text[:min(n, len(text))] }

// alike says whether two readings are of the same line: of long ones a few
// letters may differ. Figures are what lines differ by that are otherwise the
// same ("1/3", a clock), so a clock that goes on is the same line.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	x, y := essence(a), essence(b)
	longest := max(len(x), len(y))
	if longest == 0 || float64(min(len(x), len(y))) < alikeShare*float64(longest) {
		return false
	}
	return 1-float64(distance(x, y))/float64(longest) >= alikeShare
}

// essence is what a line says: letters and figures, capitals as small ones.
func essence(text string) []rune {
	var out []rune
	for _, r := range strings.ToLower(text) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			out = append(out, r)
		}
	}
	return out
}

func letters(text string) int { return len(essence(text)) }

// distance is the number of letters to change, add or take away that makes a b.
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		corner := row[0]
		row[0] = i + 1
		for j := range b {
			up := row[j+1]
			cost := corner
			if a[i] != b[j] {
				cost++
			}
			row[j+1] = min(cost, up+1, row[j]+1)
			corner = up
		}
	}
	return row[len(b)]
}

// legibleFrom is how many letters must be read in the original before a share
// of them says anything.
const legibleFrom = 8

// LabelEdge is the share of a picture at its upper and at its lower end that labels may
// stand in.
const LabelEdge = 1.0 / 8

const (
	passageLetters = 60      // letters that are enough to compare
	passageMost    = 2.0 / 3 // of the picture that is worth parting from the rest
	passageMargin  = 0.75    // heights of a line
)

// Passage is the smallest part of a page, from its top to its bottom in shares of
// the picture's height, in which enough letters stand to be compared, and the lines
// in it: reading a part of a picture takes a part of the time. A page with few
// letters, or without places, is taken whole: 0, 1 and all lines.
func Passage(page []Line) (top, bottom float64, lines []Line) {
	var in []Line
	for _, l := range page {
		if l.Sound() && l.Height > 0 && l.Top > LabelEdge && l.Top+l.Height < 1-LabelEdge {
			in = append(in, l)
		}
	}
	slices.SortStableFunc(in, func(a, b Line) int { return cmp.Compare(a.Top, b.Top) })
	top, bottom, lines = 0, 1, page
	best := passageMost
	for i := range in {
		count, end := 0, 0.0
		for j := i; j < len(in) && count < passageLetters; j++ {
			count, end = count+letters(in[j].Text), math.Max(end, in[j].Top+in[j].Height)
		}
		margin := passageMargin * in[i].Height
		from, to := math.Max(0, in[i].Top-margin), math.Min(1, end+margin)
		if count < passageLetters || to-from >= best {
			continue
		}
		best, top, bottom = to-from, from, to
		lines = slices.DeleteFunc(slices.Clone(in), func(l Line) bool { return l.Top < in[i].Top || l.Top+l.Height > end })
	}
	return top, bottom, lines
}

// Legible is the share, 0 to 1, of the letters read in the original that are
// read in the piece too: for each sound line of the original, one less the
// character error rate against the line of the piece that is nearest to it,
// weighed by its length. Words that only the piece has, such as a label, count
// for nothing. known is false where the original has too few letters to tell.
func Legible(original, piece []Line) (share float64, known bool) {
	all, kept := 0, 0
	for _, l := range original {
		if !l.Sound() {
			continue
		}
		want := essence(l.Text)
		all += len(want)
		best := 0
		for _, p := range piece {
			best = max(best, len(want)-distance(want, essence(p.Text)))
		}
		kept += best
	}
	if all < legibleFrom {
		return 0, false
	}
	return math.Round(float64(kept)/float64(all)*1000) / 1000, true
}
