package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"clipcase/flows"
)

// clean takes out of words what could hide, reorder or break a message: bytes
// that are no UTF-8, control characters, marks that turn the writing direction,
// invisible characters that Telegram counts as nothing.
func clean(words string) string {
	words = strings.ReplaceAll(strings.ToValidUTF8(words, "\uFFFD"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == zeroWidthJoiner:
			return r
		case r == '\t' || r == '\u2028' || r == '\u2029' || r == '\r':
			return ' '
		case unicode.Is(unicode.C, r) && !isTag(r): // control, format, private, unassigned surrogates
			return -1
		case r == '\u2800' || r == '\u3164' || r == '\u115F' || r == '\u1160' || r == '\uFFA0': // blanks that are letters by name
			return ' '
		}
		return r
	}, words)
}

const zeroWidthJoiner = '\u200D' // holds emoji families together

// isTag says whether r belongs to the flags of England, Scotland and Wales.
func isTag(r rune) bool { return r >= 0xE0020 && r <= 0xE007F }

// visible says whether anything of cleaned words can be seen.
func visible(words string) bool {
	return strings.ContainsFunc(words, func(r rune) bool {
		return !unicode.IsSpace(r) && r != zeroWidthJoiner && !isTag(r) && !unicode.Is(unicode.M, r)
	})
}

// oneLine is clean words in one line.
func oneLine(words string) string { return strings.Join(strings.Fields(clean(words)), " ") }

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
