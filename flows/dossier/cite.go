package dossier

import (
	"clipcase/flows"
	"clipcase/media"
)

// cites says where in a channel's videos the seconds that matter are, so that
// nobody has to search: "see 2/3 at second 13".
func (w *writer) cites(channel string) []string {
	var pieces []Piece
	for _, p := range w.story.Record.Pieces {
		if p.Channel == channel && p.Kind != media.KindText && p.Kind != media.KindEML {
			pieces = append(pieces, p)
		}
	}
	var out []string
	for _, m := range w.story.Moments {
		for i, p := range pieces {
			if p.Kind != media.KindVideo || p.Original == nil || *p.Original != m.Original || p.Range == nil {
				continue
			}
			if m.Range.Start < p.Range[0] || m.Range.Start >= p.Range[1] {
				continue
			}
			out = append(out, w.say("cite", "from", flows.FormatClock(m.Range.Start), "to", flows.FormatClock(m.Range.End),
				"number", i+1, "of", len(pieces), "second", int(m.Range.Start-p.Range[0])))
			break
		}
	}
	return out
}
