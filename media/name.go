package media

import (
	"fmt"
	"strings"
)

// name numbers the drafts, first the regular ones, then those made on request.
func name(drafts [][]draft, w Wish) [][]Piece {
	out := make([][]Piece, len(drafts))
	totals := map[bool]int{}
	for _, of := range drafts {
		for _, d := range of {
			totals[d.onRequest]++
		}
	}
	numbers := map[bool]int{}
	for s, of := range drafts {
		out[s] = []Piece{}
		for _, d := range of {
			numbers[d.onRequest]++
			number, total := numbers[d.onRequest], totals[d.onRequest]
			p := d.piece
			p.Source = w.Source
			p.Name = fileName(w.Prefix, number, total, p, d.onRequest)
			if d.label {
				p.Label = strings.TrimSpace(fmt.Sprintf("%s %d/%d", w.Label, number, total))
			}
			if d.caption && w.Caption != nil {
				p.Caption = w.Caption(s, number, total, p.Range.Start)
			}
			if p.Caption == "" && d.caption {
				p.Height -= CaptionBar(p.Width) // no words, no bar
			}
			out[s] = append(out[s], p)
		}
	}
	return out
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
