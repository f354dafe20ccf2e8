package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"clipcase/flows"
)

// visible says whether anything of legible words can be seen: marks, and what
// joins or tags characters, are nothing by themselves.
func visible(words string) bool {
	return strings.ContainsFunc(words, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.M)
	})
}

// oneLine is legible words in one line.
func oneLine(words string) string { return strings.Join(strings.Fields(flows.Legible(words)), " ") }

// shorten cuts words to at most limit characters, with an ellipsis in place of
// what is missing.
func shorten(words string, limit int) string {
	if utf8.RuneCountInString(words) <= limit {
		return words
	}
	head, _ := flows.Cut(words, limit-1)
	return head + "…"
}

// divide cuts words into parts of at most limit characters: at the end of a
// line, else of a sentence, else between words, else anywhere.
func divide(words string, limit int) []string {
	var parts []string
	for utf8.RuneCountInString(words) > limit {
		head, tail := flows.Cut(words, limit)
		if at := border(head); at > 0 {
			head, tail = head[:at], head[at:]+tail
		}
		parts = append(parts, strings.TrimRight(head, " \n"))
		words = strings.TrimLeft(tail, " \n")
	}
	if words != "" {
		parts = append(parts, words)
	}
	return parts
}

// border finds the byte after the best place to end a part in its second half.
func border(head string) int {
	half := len(head) / 2
	for _, ends := range []string{"\n", "。\uff01\uff1f!?\uff1b;", ".,\uff0c "} {
		if at := strings.LastIndexAny(head, ends); at >= half {
			_, size := utf8.DecodeRuneInString(head[at:])
			return at + size
		}
	}
	return 0
}
