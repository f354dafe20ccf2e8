package bot

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"clipcase/flows"
)

// message is what goes out for a screen: parts in order, the keyboard under the last.
type message struct {
	parts []part
	keys  *keyboard
}

// message turns a screen into messages: at least one part with something to see.
func (b *Bot) message(s *flows.Screen) message {
	lang := b.lang(s.Lang)
	var pieces []piece
	for _, block := range s.Blocks {
		words := flows.Legible(b.render(lang, block.Text))
		if !visible(words) {
			continue
		}
		if block.Style == flows.StyleItem {
			words = bulleted(words)
		}
		pieces = append(pieces, piece{block.Style, words})
	}
	keys, left := b.buttons(s)
	for _, row := range s.Rows {
		for _, c := range row {
			if c.URL != "" && !linkable(c.URL) {
				pieces = append(pieces, piece{flows.StyleText, oneLine(c.URL)})
				left--
			}
		}
	}
	if left > 0 {
		b.log.Warn("buttons left out that Telegram would refuse", "step", s.Step, "count", left)
	}
	if len(pieces) == 0 {
		pieces = append(pieces, piece{flows.StyleText, b.say(lang, "bot.choose", nil)})
	}
	parts := layout(pieces)
	if len(parts) > partLimit {
		b.log.Warn("a screen is too long and was cut", "step", s.Step, "parts", len(parts))
		parts = append(parts[:partLimit-1], part{html: "…", plain: "…"})
	}
	if s.Picture != "" {
		parts = illustrated(parts, s.Picture)
	}
	return message{parts, keys}
}

// caption is the words under a file.
func (b *Bot) caption(lang string, line flows.Text, again bool) part {
	words := ""
	if line.Key != "" || line.Plain != "" {
		words = flows.Legible(b.render(lang, line))
	}
	if again {
		mark := b.say(lang, "bot.again", nil)
		if visible(words) {
			mark += "\n"
		}
		words = mark + words
	}
	if !visible(words) {
		return part{}
	}
	words = shorten(words, captionLimit)
	return part{html: dress(flows.StyleText, words), plain: words}
}

// again marks a part as sent once more: without its picture, for the words must
// come whatever keeps that from being answered.
func (p part) again(mark string) part {
	return part{html: escape(mark) + "\n\n" + p.html, plain: mark + "\n\n" + p.plain}
}

// bulleted puts a bullet before an entry that brings no mark or number of its own.
func bulleted(words string) string {
	first, _ := utf8.DecodeRuneInString(words)
	if unicode.IsDigit(first) || strings.ContainsRune("✓○✗·•", first) {
		return words
	}
	return "• " + words
}
