package dossier

import (
	"clipcase/flows"
	"clipcase/media"
)

// SeenShown is how many lines of the screen the summary shows at most.
const SeenShown = 10

// Seen is a line that stood on the screen of an original.
type Seen struct {
	Original string  `json:"original"` // SHA-256
	Name     string  `json:"-"`        // of the original, as people see it; for the summary
	At       float64 `json:"at"`       // seconds; 0 for a picture
	Text     string  `json:"text"`     // as it was read by machine
}

// SeenMost is how many characters of a line on the screen are kept.
const SeenMost = 60

// Timeline is what was seen of an original, as the record has it.
func Timeline(original string, seen []media.Seen) []Seen {
	var out []Seen
	for _, s := range seen {
		text, _ := flows.Clean(s.Text, SeenMost)
		out = append(out, Seen{Original: original, At: s.At, Text: text})
	}
	return out
}

// Telling are the lines of an original, called name, that say most in the words of
// the matter, at most SeenShown.
func Telling(original, name string, seen []media.Seen, words []string) []Seen {
	out := Timeline(original, media.Highlights(seen, words, SeenShown))
	for i := range out {
		out[i].Name = name
	}
	return out
}

// screen tells what stood on the screen, in the words that matter here: with the
// name of the file where there are several.
func (w *writer) screen() {
	if len(w.story.Screen) == 0 {
		return
	}
	several := false
	for _, s := range w.story.Screen {
		several = several || s.Original != w.story.Screen[0].Original
	}
	var rows []string
	for _, s := range w.story.Screen {
		row := flows.FormatClock(s.At) + " " + s.Text
		if several {
			row += " · " + s.Name
		}
		rows = append(rows, row)
	}
	w.add(block{kind: heading, level: 2, text: w.say("screen")}, block{kind: paragraph, text: w.say("screen.what")}, block{kind: list, items: rows})
}
