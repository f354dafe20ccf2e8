package media

import (
	"fmt"
	"strings"
)

// name numbers the drafts recipe by recipe, within one source by source; those
// made on request are numbered among themselves.
func name(drafts [][]draft, w Wish) [][]Piece {
	out := make([][]Piece, len(drafts))
	totals := map[bool]int{}
	for s, of := range drafts {
		out[s] = make([]Piece, len(of))
		for _, d := range of {
			totals[d.onRequest]++
		}
	}
	numbers := map[bool]int{}
	for recipe := range w.Recipes {
		for s, of := range drafts {
			for i, d := range of {
				if d.recipe != recipe {
					continue
				}
				numbers[d.onRequest]++
				out[s][i] = d.named(s, numbers[d.onRequest], totals[d.onRequest], w)
			}
		}
	}
	return out
}

// named is the piece as number of total, with the words burnt into it.
func (d draft) named(source, number, total int, w Wish) Piece {
	p := d.piece
	p.Source, p.Number, p.Of = w.Source, number, total
	p.Name = fileName(w.Prefix, number, total, p, d.onRequest)
	if d.label {
		p.Label = strings.TrimSpace(fmt.Sprintf("%s %d/%d", w.Label, number, total))
	}
	if d.caption && w.Caption != nil {
		p.Caption = w.Caption(source, number, total, p.Range.Start)
	}
	if p.Caption == "" && d.caption {
		p.Height -= CaptionBar(p.Width) // no words, no bar
	}
	return p
}

// fileName sorts as the pieces are handed in: numbers are as wide as the total.
func fileName(prefix string, number, total int, p Piece, onRequest bool) string {
	suffix := ""
	if onRequest {
		suffix = "-" + p.Codec
	}
	return fmt.Sprintf("%s-%0*dof%d%s.%s", prefix, len(fmt.Sprint(total)), number, total, suffix, extension(p.Kind))
}

func extension(kind Kind) string {
	switch kind {
	case KindGIF:
		return "gif"
	case KindImage:
		return "jpg"
	default:
		return "mp4"
	}
}
