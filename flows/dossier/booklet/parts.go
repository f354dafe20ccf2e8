package booklet

import (
	"rsc.io/qr"

	"clipcase/flows/dossier"
)

func (s *setter) part(p dossier.Part) {
	switch p.Kind {
	case dossier.PartText:
		s.gap(0.4)
		s.text(p.Text, s.size, 0, ink())
	case dossier.PartNote:
		s.text(p.Text, s.size*0.85, 0, pale())
		s.y += s.size * 0.3
	case dossier.PartQuote:
		s.quote(p.Text)
	case dossier.PartList:
		for _, item := range p.Items {
			s.text(item, s.size, s.size*0.6, ink())
			s.y += s.size * 0.2
		}
	case dossier.PartFields:
		s.fields(p.Rows)
	case dossier.PartCards:
		for _, row := range p.Rows {
			s.card(row)
		}
	case dossier.PartHashes:
		for _, row := range p.Rows {
			s.hash(row)
		}
	case dossier.PartFrames:
		s.frames(p.Frames)
	case dossier.PartCode:
		s.code(p.Text)
	}
}

// quote sets the person's words with a bar beside every line.
func (s *setter) quote(text string) {
	s.gap(0.3)
	indent := s.size * 1.1
	for _, l := range s.lines(text, s.size, s.inner()-2*indent) {
		h := s.size * leading
		s.need(h)
		s.put(mark{x: s.left(), y: s.y, w: s.inner(), h: h + 0.5, colour: tint()})
		s.put(mark{x: s.left(), y: s.y, w: s.size * 0.25, h: h + 0.5, colour: accent()})
		s.put(mark{x: s.left() + indent, y: s.y + s.size*1.1, text: l, size: s.size, colour: ink()})
		s.y += h
	}
	s.y += s.size * 0.5
}

// fields sets names and values side by side.
func (s *setter) fields(rows [][]string) {
	names := s.inner() * 0.24
	for _, row := range rows {
		left, right := s.lines(row[0], s.size, names-s.size), s.lines(row[1], s.size, s.inner()-names)
		h := float64(max(len(left), len(right))) * s.size * leading
		s.need(h)
		for i, l := range left {
			s.put(mark{x: s.left(), y: s.y + (float64(i)*leading+1.15)*s.size, text: l, size: s.size, colour: pale()})
		}
		for i, l := range right {
			s.put(mark{x: s.left() + names, y: s.y + (float64(i)*leading+1.15)*s.size, text: l, size: s.size, colour: ink()})
		}
		s.y += h + s.size*0.25
		s.put(mark{x: s.left(), y: s.y - s.size*0.12, w: s.inner(), h: s.size * 0.05, colour: line()})
	}
	s.y += s.size * 0.4
}

// card sets a title with lines below it.
func (s *setter) card(row []string) {
	s.need(s.size * leading * 3)
	s.text(row[0], s.size*1.05, 0, accent())
	for _, l := range row[1:] {
		s.text(l, s.size*0.95, s.size, ink())
	}
	s.y += s.size * 0.7
}

// hash sets a file's name and facts, below them its fingerprint.
func (s *setter) hash(row []string) {
	size := s.size * 0.85
	s.need(3 * size * leading)
	s.text(row[0]+"  "+row[1], size, 0, ink())
	s.text(row[2], size, size, pale())
	s.put(mark{x: s.left(), y: s.y + size*0.1, w: s.inner(), h: s.size * 0.05, colour: line()})
	s.y += size * 0.5
}

// rows divides pictures into rows: those that stand upright and those that lie
// never share one.
func (s *setter) rows(all []dossier.Frame) [][]dossier.Frame {
	var rows [][]dossier.Frame
	for len(all) > 0 {
		n := 1
		for n < len(all) && n < s.cells(all[0]) && lies(all[n]) == lies(all[0]) {
			n++
		}
		rows, all = append(rows, all[:n]), all[n:]
	}
	return rows
}

func lies(f dossier.Frame) bool { return f.Width > f.Height }

// cells is how many pictures of its kind a row has.
func (s *setter) cells(f dossier.Frame) int {
	if lies(f) {
		return max(1, s.columns-1)
	}
	return s.columns
}

// row is one row of pictures, measured.
type row struct {
	frames   []dossier.Frame
	cell     float64 // width of one
	most     float64 // height of one at most
	captions [][]string
	height   float64
}

const captionLines = 4 // of one picture at most

// rowShare is the part of a page that a row of pictures takes at most: two with
// their captions stand below a title.
const rowShare = 0.36

func (s *setter) measure(frames []dossier.Frame) row {
	cells := float64(s.cells(frames[0]))
	r := row{frames: frames, cell: (s.inner() - s.between()*(cells-1)) / cells, captions: make([][]string, len(frames))}
	r.most = r.cell * 2.4
	if s.height > 0 {
		r.most = min(r.most, (s.bottom()-s.margin)*rowShare)
	}
	size := s.small()
	for i, f := range frames {
		lines := s.lines(f.Title, size, r.cell)
		for _, text := range []string{f.Line, f.Caption} {
			if text != "" {
				lines = append(lines, s.lines(text, size, r.cell)...)
			}
		}
		if len(lines) > captionLines {
			lines = append(lines[:captionLines-1], "…")
		}
		r.captions[i] = lines
		_, h := within(f, r.cell, r.most)
		r.height = max(r.height, h+size*(0.4+leading*float64(len(lines)))+s.size*0.7)
	}
	return r
}

func (s *setter) between() float64 { return s.size * 1.2 }
func (s *setter) small() float64   { return s.size * 0.85 }

// frames sets pictures in rows, each with its words below.
func (s *setter) frames(all []dossier.Frame) {
	for _, frames := range s.rows(all) {
		r := s.measure(frames)
		s.need(r.height)
		for i, f := range r.frames {
			s.frame(f, s.left()+float64(i)*(r.cell+s.between()), r, r.captions[i])
		}
		s.y += r.height
	}
}

func (s *setter) frame(f dossier.Frame, x float64, r row, caption []string) {
	size := s.small()
	w, h := within(f, r.cell, r.most)
	s.put(mark{x: x - 0.7, y: s.y - 0.7, w: w + 1.4, h: h + 1.4, colour: line()})
	s.put(mark{x: x, y: s.y, w: w, h: h, picture: f.Path})
	for n, l := range caption {
		c := pale()
		if n == 0 {
			c = ink()
		}
		s.put(mark{x: x, y: s.y + h + size*(0.4+1.15+leading*float64(n)), text: l, size: size, colour: c})
	}
}

// within scales a picture into a cell.
func within(f dossier.Frame, cell, most float64) (w, h float64) {
	w, h = cell, cell*float64(max(1, f.Height))/float64(max(1, f.Width))
	if h > most {
		w, h = w*most/h, most
	}
	return w, h
}

// code sets an address as a QR code and in letters. One that is too long for a
// code stands in letters alone.
func (s *setter) code(text string) {
	if c, err := qr.Encode(text, qr.M); err == nil {
		const quiet = 4 // light modules all around, by the standard
		module := s.inner() * 0.3 / float64(c.Size+2*quiet)
		side := module * float64(c.Size+2*quiet)
		s.need(side + s.size*leading*2)
		for y := range c.Size {
			for x := 0; x < c.Size; x++ {
				run := x
				for run < c.Size && c.Black(run, y) {
					run++
				}
				if run > x {
					s.put(mark{x: s.left() + float64(x+quiet)*module, y: s.y + float64(y+quiet)*module, w: float64(run-x) * module, h: module * 1.02, colour: ink()})
					x = run
				}
			}
		}
		s.y += side
	}
	s.text(text, s.size*0.85, 0, ink())
}
