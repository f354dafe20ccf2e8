package booklet

import (
	"math"

	"clipcase/flows/dossier"
)

// colour is a shade of a page.
type colour struct{ r, g, b uint8 }

func ink() colour    { return colour{0x1c, 0x1c, 0x1e} }
func pale() colour   { return colour{0x5c, 0x5f, 0x66} }
func line() colour   { return colour{0xd5, 0xd8, 0xdd} }
func tint() colour   { return colour{0xf3, 0xf5, 0xf8} }
func accent() colour { return colour{0x1f, 0x5f, 0xa8} }

// mark is one thing on a page: text at a baseline, a filled box, or a picture.
type mark struct {
	x, y, w, h float64
	text       string
	size       float64
	picture    string // path of a JPEG
	colour     colour
}

// leaf is a page with what stands on it, in the order it is drawn.
type leaf struct {
	marks     []mark
	bookmarks []bookmark
}

type bookmark struct {
	title string
	y     float64
}

// paper is what is drawn on. Height 0 is endless: one page as long as it needs.
type paper struct {
	width, height float64
	margin        float64
	size          float64 // of plain text; everything else follows
	columns       int     // of pictures that stand upright
}

// setter puts a book on paper, from the top down.
type setter struct {
	paper
	*metrics
	pages []leaf
	y     float64 // where the next thing begins
}

const leading = 1.55 // of lines, in sizes

func (s *setter) left() float64   { return s.margin }
func (s *setter) inner() float64  { return s.width - 2*s.margin }
func (s *setter) bottom() float64 { return s.height - s.margin*1.25 } // the page's number stands below

func (s *setter) page() *leaf { return &s.pages[len(s.pages)-1] }

func (s *setter) put(m mark) { s.page().marks = append(s.page().marks, m) }

// need begins a new page where the next h would not fit on this one.
func (s *setter) need(h float64) {
	if len(s.pages) == 0 || s.height > 0 && s.y+h > s.bottom() && s.y > s.margin {
		s.pages = append(s.pages, leaf{})
		s.y = s.margin
	}
}

func (s *setter) gap(sizes float64) {
	if s.y > s.margin {
		s.y += sizes * s.size
	}
}

// text sets lines; indent is taken from the left.
func (s *setter) text(text string, size, indent float64, c colour) {
	for _, l := range s.lines(text, size, s.inner()-indent) {
		s.need(size * leading)
		s.put(mark{x: s.left() + indent, y: s.y + size*1.15, text: l, size: size, colour: c})
		s.y += size * leading
	}
}

// set puts the whole book down. The last thing said is what the font lacks.
func set(p paper, f *Font, book dossier.Book) *setter {
	s := &setter{paper: p, metrics: f.metrics()}
	s.need(0)
	for i, section := range book.Sections {
		s.section(i == 0, section)
	}
	if s.lacks && book.Missing != "" {
		s.gap(0.6)
		s.text(book.Missing, s.size*0.85, 0, pale())
	}
	if s.height == 0 {
		s.height = math.Ceil(s.y + s.margin)
	} else {
		s.numbers(book)
	}
	return s
}

// numbers puts the footer on every page.
func (s *setter) numbers(book dossier.Book) {
	size := s.size * 0.8
	for i := range s.pages {
		y := s.height - s.margin*0.6
		page := s.drawable(book.Page(i+1, len(s.pages)))
		room := s.inner() - s.span(page, size) - 2*size
		footer := s.lines(book.Footer, size, room)[0]
		s.pages[i].marks = append(s.pages[i].marks,
			mark{x: s.left(), y: y - size*1.6, w: s.inner(), h: 0.6, colour: line()},
			mark{x: s.left(), y: y, text: footer, size: size, colour: pale()},
			mark{x: s.width - s.margin - s.span(page, size), y: y, text: page, size: size, colour: pale()})
	}
}

func (s *setter) section(first bool, section dossier.Section) {
	size := s.size * 1.4
	if first {
		size = s.size * 1.9
	} else {
		s.gap(1.8)
	}
	s.need(size*leading + s.opening(section)) // never a title alone at the foot of a page
	s.page().bookmarks = append(s.page().bookmarks, bookmark{section.Title, s.y})
	s.text(section.Title, size, 0, accent())
	s.put(mark{x: s.left(), y: s.y, w: s.inner(), h: s.size * 0.09, colour: accent()})
	s.y += s.size * 0.6
	for _, part := range section.Parts {
		s.part(part)
	}
}

// opening is about how high the beginning of a section is below its title.
func (s *setter) opening(section dossier.Section) float64 {
	for _, p := range section.Parts {
		if p.Kind == dossier.PartFrames && len(p.Frames) > 0 {
			return s.size*4 + s.measure(s.rows(p.Frames)[0]).height
		}
	}
	return s.size * 6
}
