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
	var b strings.Builder
	at := 0
	for _, h := range hits {
		b.WriteString(text[at:h.start])
		b.WriteString(h.Say)
		at = h.end
	}
	b.WriteString(text[at:])
	return tidy(b.String())
}

// tidy takes away what is left around words that were taken out.
func tidy(text string) string {
	for _, rule := range []struct{ pattern, by string }{
		{`[ \t]{2,}`, " "},
		{`[，、, ]+([。！？；.!?;])`, "$1"}, // a comma before an end
		{`([，、,])[，、, ]*[，、,]`, "$1"}, // two commas
		{`(?m)^[ \t]*[，、,。.；;][ \t]*`, ""},
		{` +([，。、！？；：,.!?;:)）])`, "$1"},
	} {
		text = regexp.MustCompile(rule.pattern).ReplaceAllString(text, rule.by)
	}
	return strings.TrimSpace(text)
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
