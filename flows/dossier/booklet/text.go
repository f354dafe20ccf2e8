package booklet

import (
	"strings"

	"github.com/rivo/uniseg"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// metrics measures text in one font. It keeps what it measured and belongs to
// one goroutine.
type metrics struct {
	font   *Font
	buffer sfnt.Buffer
	widths map[rune]float64 // in units of the size; -1 = the font has no such character
	lacks  bool             // a character was replaced
}

func (f *Font) metrics() *metrics { return &metrics{font: f, widths: map[rune]float64{}} }

// has says whether a character can be drawn. PDF text here is of the basic
// plane only.
func (m *metrics) has(r rune) bool { return m.rune(r) >= 0 }

func (m *metrics) rune(r rune) float64 {
	if w, ok := m.widths[r]; ok {
		return w
	}
	w := -1.0
	if r >= ' ' && r <= 0xFFFF {
		glyph, err := m.font.face.GlyphIndex(&m.buffer, r)
		if err == nil && glyph != 0 {
			units := fixed.I(int(m.font.face.UnitsPerEm()))
			if advance, err := m.font.face.GlyphAdvance(&m.buffer, glyph, units, font.HintingNone); err == nil {
				w = float64(advance) / float64(units)
			}
		}
	}
	m.widths[r] = w
	return w
}

// span is the width of text at a size; every character of it can be drawn.
func (m *metrics) span(text string, size float64) float64 {
	var sum float64
	for _, r := range text {
		sum += max(0, m.rune(r))
	}
	return sum * size
}

// stranger stands for a character the font does not have.
const stranger = "□"

// drawable puts a box, that everybody sees, in the place of each visible
// character the font cannot draw: none may vanish without a trace.
func (m *metrics) drawable(text string) string {
	var b strings.Builder
	var cluster string
	state, rest := -1, text
	for rest != "" {
		cluster, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		b.WriteString(m.cluster(cluster))
	}
	return b.String()
}

func (m *metrics) cluster(cluster string) string {
	known := true
	for _, r := range cluster {
		known = known && m.has(r)
	}
	switch cluster {
	case "\n", "\r\n":
		return "\n"
	case "\t", "\u00a0", "\u3000":
		return " "
	case "✗":
		return "×"
	}
	if known {
		return cluster
	}
	m.lacks = true
	return stranger
}

// lines breaks text where people may: not before a full stop, not inside a word
// that fits, never inside a visible character.
func (m *metrics) lines(text string, size, width float64) []string {
	var all []string
	for paragraph := range strings.SplitSeq(m.drawable(text), "\n") {
		all = append(all, m.paragraph(paragraph, size, width)...)
	}
	return all
}

func (m *metrics) paragraph(text string, size, width float64) []string {
	var all []string
	var segment string
	line, state := "", -1
	for text != "" {
		segment, text, _, state = uniseg.FirstLineSegmentInString(text, state)
		if m.fits(line+segment, size, width) {
			line += segment
			continue
		}
		if line != "" {
			all = append(all, strings.TrimRight(line, " "))
		}
		parts := m.forced(segment, size, width)
		all, line = append(all, parts[:len(parts)-1]...), parts[len(parts)-1]
	}
	return append(all, strings.TrimRight(line, " "))
}

// forced breaks what is longer than a line, such as a fingerprint or an address,
// between visible characters. There is at least one part.
func (m *metrics) forced(segment string, size, width float64) []string {
	var all []string
	var cluster string
	line, state := "", -1
	for segment != "" {
		cluster, segment, _, state = uniseg.FirstGraphemeClusterInString(segment, state)
		if line != "" && !m.fits(line+cluster, size, width) {
			all, line = append(all, line), ""
		}
		line += cluster
	}
	return append(all, line)
}

func (m *metrics) fits(text string, size, width float64) bool {
	return m.span(strings.TrimRight(text, " "), size) <= width
}
