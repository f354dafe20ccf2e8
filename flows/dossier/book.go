package dossier

import (
	"fmt"
	"slices"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
)

// Frame is one picture of the story board.
type Frame struct {
	Path          string // a JPEG
	Width, Height int    // pixels
	Title         string // its number and running time
	Line          string // what stands on it that matters, as it was read; "" = not known
	Caption       string // what it is a picture of; "" = said elsewhere
}

// Book is what a booklet or a long picture holds, before it has a look. Every
// word in it is plain text.
type Book struct {
	Lang     string
	Case     string
	Title    string
	Footer   string // stands on every page
	Missing  string // said at the end if the font lacks characters of it
	Page     func(page, of int) string
	Sections []Section
}

// Section is one part of a book that a bookmark leads to.
type Section struct {
	Title string
	Parts []Part
}

// PartKind is how a part looks.
type PartKind int

// The kinds of parts.
const (
	PartText   PartKind = iota // Text
	PartNote                   // Text, smaller and paler
	PartQuote                  // Text: the person's own words
	PartList                   // Items, each with its own mark
	PartFields                 // Rows of a name and a value
	PartCards                  // Rows: a title, then its lines
	PartHashes                 // Rows: a file, its facts, its SHA-256
	PartFrames                 // Frames
	PartCode                   // Text as a QR code, and below it in letters
)

// Part is a piece of a section.
type Part struct {
	Kind   PartKind
	Text   string
	Items  []string
	Rows   [][]string
	Frames []Frame
}

// Book tells the story as a book: the case and what is there and missing, the
// person's words, the story board, the exhibits, the fingerprints, the link if
// there is one, and what all of it shows and what not.
func (s Story) Book(c *catalog.Catalog, lang string) Book {
	b := binder{writer{c: c, lang: lang, story: s}}
	r := s.Record
	book := Book{
		Lang: lang, Case: r.Case, Title: b.say("title", "case", r.Case), Footer: r.Case + " · " + s.Scenario.Name.In(lang), Missing: b.book("glyphs"),
		Page: func(page, of int) string {
			return c.Say(lang, "booklet.page", map[string]any{"page": page, "of": of})
		},
	}
	add := func(title string, parts ...Part) { book.Sections = append(book.Sections, Section{title, parts}) }
	add(b.say("title", "case", r.Case), b.cover()...)
	add(b.say("happened"), b.words()...)
	if len(s.Frames) > 0 {
		add(b.book("frames"), Part{Kind: PartNote, Text: b.storyboard()}, Part{Kind: PartFrames, Frames: s.Frames})
	}
	add(b.say("exhibits"), b.cards())
	add(b.say("fingerprints"), b.hashes()...)
	if s.Link != "" {
		add(b.book("link"), Part{Kind: PartNote, Text: b.book("link.what")}, Part{Kind: PartCode, Text: s.Link})
	}
	add(b.book("custody"), b.custody()...)
	return book
}

// binder turns what the summary's writer knows into parts of a book.
type binder struct{ writer }

// book is words of the booklet.
func (b *binder) book(key string) string { return b.c.Say(b.lang, "booklet."+key, nil) }

func (b *binder) cover() []Part {
	r := b.story.Record
	received := ""
	if !b.story.Received.IsZero() {
		received = b.story.Received.Format(stamp)
	}
	rows := [][]string{{b.say("case"), r.Case}, {b.say("scenario"), b.story.Scenario.Name.In(b.lang)}}
	if received != "" {
		rows = append(rows, []string{b.say("received"), received})
	}
	rows = append(rows, []string{b.say("made"), b.story.Made.Format(stamp)})
	return []Part{{Kind: PartFields, Rows: rows}, {Kind: PartText, Text: b.say("list")}, {Kind: PartList, Items: b.checklist()}}
}

// storyboard says what the pictures are, and what the words under them are.
func (b *binder) storyboard() string {
	text := b.book("frames.what")
	if slices.ContainsFunc(b.story.Frames, func(f Frame) bool { return f.Line != "" }) {
		text += b.book("frames.read")
	}
	return text
}

func (b *binder) words() []Part {
	if b.story.Record.Statement == "" && len(b.story.Answers) == 0 {
		return []Part{{Kind: PartText, Text: b.say("happened.nothing")}}
	}
	var parts []Part
	if text := b.story.Record.Statement; text != "" {
		parts = append(parts, Part{Kind: PartQuote, Text: text})
	}
	for _, a := range b.story.Answers {
		parts = append(parts, Part{Kind: PartText, Text: a.Question}, Part{Kind: PartQuote, Text: a.Answer})
	}
	return parts
}

func (b *binder) cards() Part {
	var rows [][]string
	for i, o := range b.story.Record.Originals {
		row := []string{fmt.Sprintf("%d. %s", i+1, o.Name)}
		slot, _ := b.about(i, o)
		for _, line := range [][2]string{{"column.for", slot}, {"column.facts", b.facts(o)}, {"column.state", b.state(o)}} {
			if line[1] != "" {
				row = append(row, b.field(b.say(line[0]), line[1]))
			}
		}
		rows = append(rows, row)
	}
	return Part{Kind: PartCards, Rows: rows}
}

// field is a name and its value in one line.
func (b *binder) field(name, value string) string {
	return b.c.Say(b.lang, "booklet.field", map[string]any{"name": name, "value": value})
}

func (b *binder) hashes() []Part {
	r := b.story.Record
	parts := []Part{{Kind: PartNote, Text: b.say("fingerprints.what")}}
	if b.story.Received.IsZero() {
		parts = append(parts, Part{Kind: PartText, Text: b.book("hashes.originals")})
	} else {
		parts = append(parts, Part{Kind: PartText, Text: b.c.Say(b.lang, "booklet.hashes.originals.at", map[string]any{"at": b.story.Received.Format(stamp)})})
	}
	var originals, pieces [][]string
	for _, o := range r.Originals {
		originals = append(originals, []string{o.Name, flows.FormatBytes(o.Bytes), o.SHA256})
	}
	for _, p := range r.Pieces {
		if p.Kind != media.KindText {
			pieces = append(pieces, []string{p.File, flows.FormatBytes(p.Bytes), p.SHA256})
		}
	}
	parts = append(parts, Part{Kind: PartHashes, Rows: originals})
	if len(pieces) > 0 {
		parts = append(parts, Part{Kind: PartText, Text: b.book("hashes.pieces")}, Part{Kind: PartHashes, Rows: pieces})
	}
	return parts
}

func marked(mark string, items []string) []string {
	out := slices.Clone(items)
	for i := range out {
		out[i] = mark + out[i]
	}
	return out
}

// stamp is how moments are told in documents.
const stamp = "2006-01-02 15:04 (UTC-07:00)"
