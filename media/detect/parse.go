package detect

import (
	"math"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"clipcase/media"
)

const (
	mostLines  = 200 // of one picture
	mostRunes  = 200 // of one line
	surestWord = 100.0
	wordLevel  = "5"
	pageLevel  = "1"
)

// parse reads tesseract's table of so many pictures: one line a word, with the numbers
// of its picture, block, paragraph and line. Whatever does not look like that is left
// out.
func parse(table []byte, pictures int) [][]media.Line {
	out := make([][]media.Line, pictures)
	var words []word
	place, at, high := "", 0, 0.0
	end := func() {
		if l, ok := line(words, high); ok && len(out[at]) < mostLines {
			out[at] = append(out[at], l)
		}
		words = nil
	}
	for row := range strings.Lines(string(table)) {
		cells := strings.Split(strings.TrimRight(row, "\r\n"), "\t")
		if len(cells) != 12 {
			continue
		}
		number, err := strconv.Atoi(cells[1])
		if err != nil || number < 1 || number > pictures {
			continue
		}
		if number-1 != at {
			end()
			at, high = number-1, 0
		}
		if cells[0] == pageLevel {
			high, _ = strconv.ParseFloat(cells[9], 64) // 0 = heights are not known
		}
		if cells[0] != wordLevel {
			continue
		}
		if here := strings.Join(cells[1:5], "."); here != place {
			end()
			place = here
		}
		w, ok := read(cells)
		if !ok {
			continue
		}
		if n := len(words); n > 0 && w.left-words[n-1].right > gap*math.Max(w.height, words[n-1].height) {
			end() // what stands in another column is another line
		}
		words = append(words, w)
	}
	end()
	return out
}

type word struct {
	text        string
	sure        float64
	top, height float64
	left, right float64 // pixels
}

// gap is the space between two words, in heights of a letter, that parts a line.
const gap = 2.2

// read takes a word from its row; ok is false for one that is not one.
func read(cells []string) (w word, ok bool) {
	var numbers [5]float64
	for i, column := range []int{6, 7, 8, 9, 10} {
		v, err := strconv.ParseFloat(cells[column], 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return w, false
		}
		numbers[i] = v
	}
	return word{text: cells[11], left: numbers[0], right: numbers[0] + numbers[2], top: numbers[1], height: numbers[3], sure: math.Min(1, numbers[4]/surestWord)}, true
}

// line puts words together; ok is false if nothing legible is in them.
func line(words []word, page float64) (media.Line, bool) {
	var l media.Line
	var text []string
	sum, count := 0.0, 0.0
	l.Top = math.Inf(1)
	for _, w := range words {
		n := float64(len([]rune(w.text)))
		text, sum, count = append(text, w.text), sum+w.sure*n, count+n
		l.Top, l.Height = math.Min(l.Top, w.top), math.Max(l.Height, w.height)
	}
	l.Text = normal(strings.Join(text, " "))
	if l.Text == "" || count == 0 {
		return l, false
	}
	l.Sure = sum / count
	if page > 0 {
		l.Top, l.Height = math.Min(1, l.Top/page), math.Min(1, l.Height/page)
	} else {
		l.Top, l.Height = 0, 0
	}
	return l, true
}

// normal is text in one form: composed, without what cannot be seen, and without
// the spaces that tesseract puts between Chinese characters.
func normal(text string) string {
	var runes []rune
	for _, r := range norm.NFC.String(strings.ToValidUTF8(text, "")) {
		switch {
		case unicode.IsSpace(r):
			runes = append(runes, ' ')
		case unicode.IsGraphic(r) && !unicode.Is(unicode.Co, r) && r != unicode.ReplacementChar:
			runes = append(runes, r)
		}
	}
	var b strings.Builder
	var before rune
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if r == ' ' {
			next := i
			for next < len(runes) && runes[next] == ' ' {
				next++
			}
			if before != 0 && next < len(runes) && (!chinese(before) || !chinese(runes[next])) {
				b.WriteByte(' ')
			}
			i = next - 1
			continue
		}
		b.WriteRune(r)
		before = r
	}
	if out := []rune(b.String()); len(out) > mostRunes {
		return strings.TrimSpace(string(out[:mostRunes]))
	}
	return b.String()
}

// chinese says whether r is written without spaces around it.
func chinese(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) || r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF
}
