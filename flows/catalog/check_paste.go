package catalog

import (
	"strings"
	"unicode/utf8"
)

// pasteCheck fills the templates of a channel with a sample in both languages:
// a channel whose words fail would be noticed by the person otherwise.
type pasteCheck struct{ channelCheck }

func (c pasteCheck) run() {
	w := c.Words
	local(c.doc, "words.body", w.Body)
	optional(c.doc, "words.title", w.Title)
	optional(c.doc, "words.piece_line", w.PieceLine)
	if w.BodyMax < 1 {
		c.doc.wrong("words.body_max", "words.body_max: want how many characters the text may have")
	}
	if len(w.Title) > 0 && w.TitleMax < 1 {
		c.doc.wrong("words.title_max", "words.title_max: want how many characters the title may have")
	}
	if !c.WordsOnly && len(w.PieceLine) == 0 {
		c.doc.wrong("words", "words.piece_line: want one line for a piece")
	}
	if l, ok := c.Limit("words"); ok && w.BodyMax > int(l.Value) {
		c.doc.wrong("words.body_max", "words.body_max is %d, over the limit words of %d", w.BodyMax, l.Value)
	}
	if l, ok := c.Limit("title"); ok && w.TitleMax > int(l.Value) {
		c.doc.wrong("words.title_max", "words.title_max is %d, over the limit title of %d", w.TitleMax, l.Value)
	}
	for _, lang := range []string{first, "en"} {
		c.fill("words.piece_line."+lang, w.PieceLine[lang], 120, SamplePiece(lang))
		for _, data := range []PasteData{SamplePaste(lang), {Case: "CC0042", Date: "2026-11-22", Scenario: "x"}} {
			c.fill("words.title."+lang, w.Title[lang], w.TitleMax, data)
			c.fill("words.body."+lang, w.Body[lang], w.BodyMax, data)
		}
	}
}

func (c pasteCheck) fill(path, text string, most int, data any) {
	if text == "" {
		return
	}
	filled, err := (*Catalog)(nil).Fill(text, data)
	if err != nil {
		c.doc.wrong(path, "%s: %v", path, err)
		return
	}
	if n := utf8.RuneCountInString(filled); most > 0 && n > most {
		c.doc.wrong(path, "%s: a usual text comes to %d characters, over %d", path, n, most)
	}
	if !c.Links && strings.Contains(filled, "://") {
		c.doc.wrong(path, "%s: the channel punishes links", path)
	}
}
