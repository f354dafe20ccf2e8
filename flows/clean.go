package flows

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/text/unicode/norm"

	"clipcase/media"
)

// Limits of what is kept of people's words, in characters (Unicode code points).
const (
	MaxStatement = 4000 // a statement; the rest is cut at a whole character and the person is told
	MaxAnswer    = 1000 // an answer whose question names no limit of its own
	maxName      = 40   // a file name as shown
	maxShown     = 300  // a statement as shown on a screen
	maxCluster   = 10   // code points of one visible character: stacked marks beyond are dropped
)

// Clean makes people's words safe to keep and show: valid UTF-8 in NFC, one kind
// of line break, without control characters, bidirectional overrides and
// invisible marks, no longer than most characters, never cut inside a visible
// character. cut says that something was left out at the end.
func Clean(raw string, most int) (text string, cut bool) {
	// A visible character has few code points; the factor keeps the work on
	// hostile input bounded before anything is normalised.
	if bound := most * 40; len(raw) > bound {
		raw, cut = strings.ToValidUTF8(raw[:bound], ""), true
	}
	kept, rest := head(strings.TrimSpace(norm.NFC.String(Legible(raw))), most, maxCluster)
	return strings.TrimSpace(kept), cut || rest
}

// Legible takes out of words what could hide, reorder or break a message: bytes
// that are no UTF-8, control characters, marks that turn the writing direction,
// characters that look like nothing. Lines end with "\n".
func Legible(words string) string {
	words = strings.ToValidUTF8(words, "\uFFFD")
	words = strings.ReplaceAll(strings.ReplaceAll(words, "\r\n", "\n"), "\r", "\n")
	return strings.Map(visible, words)
}

// Shorten cuts text for display to most characters, with an ellipsis.
func Shorten(text string, most int) string {
	kept, rest := head(text, most, maxCluster)
	if rest {
		return strings.TrimSpace(kept) + "…"
	}
	return kept
}

// Cut divides text so that kept has no more than most characters and ends where a
// visible character does, which is cut only if it alone is longer. kept is empty
// only if text is; most is at least 1.
func Cut(text string, most int) (kept, rest string) {
	end, count, state, left := 0, 0, -1, text
	for left != "" {
		var c string
		c, left, _, state = uniseg.FirstGraphemeClusterInString(left, state)
		if count += utf8.RuneCountInString(c); count > most {
			break
		}
		end += len(c)
	}
	if end > 0 {
		return text[:end], text[end:]
	}
	for end = range text {
		if most--; most < 0 {
			return text[:end], text[end:]
		}
	}
	return text, ""
}

// head is the first most code points of text in whole visible characters.
func head(text string, most, cluster int) (kept string, rest bool) {
	var b strings.Builder
	count, state := 0, -1
	for len(text) > 0 {
		var c string
		c, text, _, state = uniseg.FirstGraphemeClusterInString(text, state)
		if n := utf8.RuneCountInString(c); n > cluster {
			c = string([]rune(c)[:cluster])
		}
		n := utf8.RuneCountInString(c)
		if count+n > most {
			return b.String(), true
		}
		count += n
		b.WriteString(c)
	}
	return b.String(), false
}

// visible keeps what can be read; others become a space or vanish.
func visible(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r == '\t', r == '\u2028', r == '\u2029', r == '\u00A0':
		return ' '
	case r == '\u2800', r == '\u3164', r == '\u115F', r == '\u1160', r == '\uFFA0': // blanks that are letters by name
		return ' '
	case r == '\u200D', r == '\u200C', r == '\uFE0F': // joins in emoji and some scripts
		return r
	case unicode.Is(unicode.Cc, r), unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r):
		return -1
	case unicode.Is(unicode.Cf, r) && (r < 0xE0020 || r > 0xE007F): // flags of regions use the tags
		return -1
	}
	return r
}

// oneLine is text without line breaks.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// fileName is a file's name for people: cleaned and short; a word for the kind
// of file when it has none.
func fileName(f File) Text {
	name, _ := Clean(f.Name, 400)
	name = oneLine(name)
	switch {
	case name != "":
	case FileKind(f) == media.KindVideo:
		return T("talk.file.unnamed.video")
	case FileKind(f) == media.KindImage:
		return T("talk.file.unnamed.image")
	default:
		return T("talk.file.unnamed")
	}
	return Text{Plain: Shorten(name, maxName)}
}
