package dossier

import (
	"clipcase/flows"
	"clipcase/flows/catalog"
)

// Leaflet is the blocks of a screen on paper: every title begins a section, the
// first one names the whole.
func Leaflet(c *catalog.Catalog, lang string, blocks []flows.Block) Book {
	book := Book{
		Lang: lang, Footer: "clipcase", Missing: c.Say(lang, "booklet.glyphs", nil),
		Page: func(page, of int) string {
			return c.Say(lang, "booklet.page", map[string]any{"page": page, "of": of})
		},
	}
	for _, b := range blocks {
		text := flows.Render(c, lang, b.Text)
		if b.Style == flows.StyleTitle || len(book.Sections) == 0 {
			if book.Title == "" {
				book.Title = text
			}
			book.Sections = append(book.Sections, Section{Title: text})
			continue
		}
		s := &book.Sections[len(book.Sections)-1]
		switch b.Style {
		case flows.StyleItem:
			if n := len(s.Parts); n == 0 || s.Parts[n-1].Kind != PartList {
				s.Parts = append(s.Parts, Part{Kind: PartList})
			}
			list := &s.Parts[len(s.Parts)-1]
			list.Items = append(list.Items, "· "+text)
		case flows.StyleNote:
			s.Parts = append(s.Parts, Part{Kind: PartNote, Text: text})
		default:
			s.Parts = append(s.Parts, Part{Kind: PartText, Text: text})
		}
	}
	return book
}
