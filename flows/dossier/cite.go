package dossier

import (
	"path"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
)

// Cites are the lines that say where in a channel's videos the seconds that matter
// are, as the summary has them.
func Cites(c *catalog.Catalog, lang string, s Story, channel string) []string {
	w := writer{c: c, lang: lang, story: s}
	return w.cites(channel)
}

// cites says where in a channel's videos the seconds that matter are, so that
// nobody has to search. Files are cited by their names: where one could not be
// made, the place in the list is not the number in the name.
func (w *writer) cites(channel string) []string {
	var out []string
	for _, m := range w.story.Moments {
		for _, p := range w.story.Record.Pieces {
			if p.Channel != channel || p.Kind != media.KindVideo || p.Original == nil || *p.Original != m.Original || p.Range == nil {
				continue
			}
			if m.Range.Start < p.Range[0] || m.Range.Start >= p.Range[1] {
				continue
			}
			out = append(out, w.say("cite", "from", flows.FormatClock(m.Range.Start), "to", flows.FormatClock(m.Range.End),
				"file", path.Base(p.File), "second", int(m.Range.Start-p.Range[0])))
			break
		}
	}
	return out
}
