package bot

import (
	"strings"
	"unicode/utf8"

	"clipcase/flows"
)

// Telegram's limits on one message, in characters after parsing, and on the
// styled stretches in it, below the hundred it keeps.
const (
	textLimit    = 4096 - 96 // the rest is room for the mark of a message sent once more
	captionLimit = 1024
	styleLimit   = 90
	partLimit    = 10 // messages one screen may become
)

// part is one message: as HTML, and plain for when Telegram will not have the markup.
type part struct {
	html    string
	plain   string
	picture string // key of the JPEG that stands above the words; "" = none
}

// escape makes words safe within Telegram's HTML.
func escape(words string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(words)
}

// dress puts the tags of a style around words.
func dress(style flows.Style, words string) string {
	words = escape(words)
	switch style {
	case flows.StyleTitle:
		return "<b>" + words + "</b>"
	case flows.StyleQuote:
		return "<blockquote>" + words + "</blockquote>"
	case flows.StyleCode:
		return "<pre>" + words + "</pre>"
	}
	return words
}

// piece is cleaned words of one style; item says whether it follows its
// neighbour without an empty line.
type piece struct {
	style flows.Style
	words string
}

// layout arranges pieces into as few messages as the limits allow.
func layout(pieces []piece) []part {
	var (
		parts  []part
		html   strings.Builder
		plain  strings.Builder
		length int
		styled int
		before flows.Style
	)
	flush := func() {
		if length > 0 {
			parts = append(parts, part{html: html.String(), plain: plain.String()})
		}
		html.Reset()
		plain.Reset()
		length, styled = 0, 0
	}
	for _, whole := range pieces {
		for _, words := range divide(whole.words, textLimit) {
			gap := "\n\n"
			if whole.style == flows.StyleItem && before == flows.StyleItem {
				gap = "\n"
			}
			size := utf8.RuneCountInString(words)
			if length > 0 && (length+len(gap)+size > textLimit || styled >= styleLimit) {
				flush()
			}
			if length > 0 {
				html.WriteString(gap)
				plain.WriteString(gap)
				length += len(gap)
			}
			html.WriteString(dress(whole.style, words))
			plain.WriteString(words)
			length += size
			if whole.style == flows.StyleTitle || whole.style == flows.StyleQuote || whole.style == flows.StyleCode {
				styled++
			}
			before = whole.style
		}
	}
	flush()
	return parts
}
