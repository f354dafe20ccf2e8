// Package wording finds in what a person wrote the words that a channel's filter
// may stop, and says the same without them. It knows no channel and changes
// nothing by itself: whether the neutral wording is used is the person's choice.
package wording

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"clipcase/flows/catalog"
)

// Hit is one place in a text. Say is the neutral wording; "" = taken out.
type Hit struct {
	Class string // id of the catalogue's class: advertising, contact, insult
	Found string
	Say   string

	start, end int
}

// Find is every place in text that the list names, in its order, none
// overlapping another; where several begin alike the longest counts. Say is in lang.
func Find(list []catalog.Wording, lang, text string) []Hit {
	var all []Hit
	for _, class := range list {
		for _, item := range class.Items {
			for _, place := range places(item, text) {
				all = append(all, Hit{Class: class.ID, Found: text[place[0]:place[1]], Say: item.Say.In(lang), start: place[0], end: place[1]})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end))
	})
	end := 0
	return slices.DeleteFunc(all, func(h Hit) bool {
		if h.start < end {
			return true
		}
		end = h.end
		return false
	})
}

// Neutral is text with every hit in its neutral wording. Text without a hit comes
// back as it is.
func Neutral(list []catalog.Wording, lang, text string) string {
	hits := Find(list, lang, text)
	if len(hits) == 0 {
		return text
	}
	said, at := "", 0
	for _, h := range hits {
		said += text[at:h.start] + h.Say
		if h.Say == "" {
			said, at = closed(said, text, h.end)
			continue
		}
		at = h.end
	}
	return strings.TrimSpace(said + text[at:])
}

const (
	commas = "，、,"
	stops  = "。！？；：.!?;:)）"
)

// closed mends the seam where words were taken out: one comma of two, no comma
// before a stop or at the beginning of a line, one space. It gives what was said so
// far and where to go on in text.
func closed(said, text string, at int) (string, int) {
	before := strings.TrimRight(said, " \t")
	rest := strings.TrimLeft(text[at:], " \t")
	spaced := len(before) < len(said) || len(rest) < len(text)-at
	begins := before == "" || strings.HasSuffix(before, "\n")
	next, size := utf8.DecodeRuneInString(rest)
	switch {
	case rest == "" || next == '\n':
		before = strings.TrimRight(before, commas+" \t")
	case begins && strings.ContainsRune(commas+stops, next), strings.ContainsRune(commas, next) && strings.ContainsAny(lastOf(before), commas):
		rest = strings.TrimLeft(rest[size:], " \t")
	case strings.ContainsRune(stops, next):
		before = strings.TrimRight(before, commas+" \t")
	case strings.ContainsRune(commas, next) || begins:
	case spaced:
		before += " "
	}
	return before, len(text) - len(rest)
}

func lastOf(text string) string {
	r, _ := utf8.DecodeLastRuneInString(text)
	return string(r)
}

// places is where an item stands in text, as byte offsets.
func places(item catalog.WordingItem, text string) [][]int {
	expression := item.Pattern
	if expression == "" {
		quoted := make([]string, len(item.Find))
		for i, words := range item.Find {
			quoted[i] = regexp.QuoteMeta(words)
		}
		// Longer ones first: the first that fits is taken.
		slices.SortFunc(quoted, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
		expression = "(?i)(?:" + strings.Join(quoted, "|") + ")"
	}
	var out [][]int
	for _, place := range regexp.MustCompile(expression).FindAllStringIndex(text, -1) {
		if place[0] < place[1] && apart(text, place[0]) && apart(text, place[1]) {
			out = append(out, place)
		}
	}
	return out
}

// apart says whether no Latin word and no number goes on over the place: Chinese
// has no such borders.
func apart(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	behind, _ := utf8.DecodeRuneInString(text[at:])
	goesOn := latin(before) && latin(behind) || unicode.IsDigit(before) && unicode.IsDigit(behind)
	return !goesOn
}

func latin(r rune) bool { return r < unicode.MaxLatin1 && (unicode.IsLetter(r) || unicode.IsDigit(r)) }
