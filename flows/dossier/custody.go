package dossier

import (
	"fmt"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
)

// Noted is a line of a case's history, in words.
type Noted struct {
	At   time.Time
	Text string
}

// notedMost is how many lines of its history a book tells; more are counted.
const notedMost = 24

// Course tells a history: what happened to the originals and what was made of
// them, in order, as far as it is for whoever gets the files. names are those of the
// originals by their SHA-256. What repeats within a minute is told once.
func Course(c *catalog.Catalog, lang string, history []flows.Entry, names map[string]string) []Noted {
	var out []Noted
	for _, e := range history {
		sha256, _ := e.Args["sha256"].(string)
		by, _ := e.Args["authority"].(string)
		key := "booklet.course." + e.What
		if name := names[sha256]; name != "" && c.Has(lang, key+".named") {
			key += ".named"
		}
		if !c.Has(lang, key) {
			continue
		}
		now := Noted{At: e.At, Text: c.Say(lang, key, map[string]any{"name": names[sha256], "by": by})}
		if !slices.ContainsFunc(out, func(n Noted) bool {
			return n.Text == now.Text && n.At.Truncate(time.Minute).Equal(now.At.Truncate(time.Minute))
		}) {
			out = append(out, now)
		}
	}
	return out
}

// custody tells how the originals came, what was done since, who vouches for it as
// far as that is known, and what all of it shows and what not.
func (b *binder) custody() []Part {
	parts := []Part{b.arrivals()}
	if course := b.course(); len(course) > 0 {
		parts = append(parts, Part{Kind: PartText, Text: b.book("course")}, Part{Kind: PartList, Items: course})
	}
	if head := b.story.Head; head != "" {
		parts = append(parts, Part{Kind: PartNote, Text: b.field(b.book("course.head"), head)})
	}
	if key := b.story.Record.Signer; key != "" {
		parts = append(parts, Part{Kind: PartText, Text: b.book("signed")}, Part{Kind: PartNote, Text: b.field(b.book("signed.key"), key)})
	}
	return append(parts,
		Part{Kind: PartText, Text: b.say("meaning")}, Part{Kind: PartList, Items: marked("✓ ", b.covers())},
		Part{Kind: PartText, Text: b.say("meaning.not")}, Part{Kind: PartList, Items: marked("× ", b.coversNot())},
		Part{Kind: PartText, Text: b.say("meaning.keep")},
	)
}

// arrivals are the originals with how and when each came, and who besides us says
// that it was there.
func (b *binder) arrivals() Part {
	var rows [][]string
	for i, o := range b.story.Record.Originals {
		_, arrived := b.about(i, o)
		row := []string{fmt.Sprintf("%d. %s", i+1, o.Name), b.field(b.book("came"), arrived)}
		if i < len(b.story.Came) && !b.story.Came[i].IsZero() {
			row = append(row, b.field(b.book("came.at"), b.story.Came[i].Format(stamp)))
		}
		for _, s := range b.story.Stamped {
			if s.Original == o.SHA256 {
				row = append(row, b.c.Say(b.lang, "booklet.stamped", map[string]any{"at": s.At.In(flows.Zone()).Format(stamp), "by": s.By}))
			}
		}
		rows = append(rows, row)
	}
	return Part{Kind: PartCards, Rows: rows}
}

// course is the history in lines; of a long one the middle is only counted.
func (b *binder) course() []string {
	var lines []string
	for _, n := range b.story.Course {
		lines = append(lines, flows.FormatTime(n.At)+"  "+n.Text)
	}
	if over := len(lines) - notedMost; over > 0 {
		more := b.c.Say(b.lang, "booklet.course.more", map[string]any{"count": over})
		lines = slices.Concat(lines[:notedMost/2], []string{more}, lines[len(lines)-notedMost/2:])
	}
	return lines
}
