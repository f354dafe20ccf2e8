package dossier

import (
	"fmt"
	"slices"
	"strings"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
)

// Summary is the page about the case that people read, before it has a look.
type Summary struct {
	lang   string
	title  string
	blocks []block
}

// Summarize tells the story in lang: first what happened, in the person's own
// words, then what is there and missing, then what goes where, last what all of
// it shows and what it does not.
func Summarize(c *catalog.Catalog, lang string, s Story) Summary {
	w := writer{c: c, lang: lang, story: s}
	w.head()
	w.happened()
	w.exhibits()
	w.screen()
	w.missing()
	for _, p := range s.Packs {
		w.pack(p)
	}
	w.notes()
	w.fingerprints()
	w.meaning()
	return Summary{lang: lang, title: w.say("title", "case", s.Record.Case), blocks: w.blocks}
}

// writer collects the blocks of one summary.
type writer struct {
	c      *catalog.Catalog
	lang   string
	story  Story
	blocks []block
}

// say is words of this package: pairs are argument names and values.
func (w *writer) say(key string, pairs ...any) string {
	args := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return w.c.Say(w.lang, "dossier."+key, args)
}

func (w *writer) add(b ...block) { w.blocks = append(w.blocks, b...) }

func (w *writer) head() {
	r := w.story.Record
	w.add(block{kind: heading, level: 1, text: w.say("title", "case", r.Case)})
	w.add(block{kind: table, rows: [][]string{
		{w.say("case"), r.Case},
		{w.say("scenario"), w.story.Scenario.Name.In(w.lang)},
		{w.say("made"), w.story.Made.Format(stamp)},
	}})
}

func (w *writer) happened() {
	w.add(block{kind: heading, level: 2, text: w.say("happened")})
	if w.story.Record.Statement == "" && len(w.story.Answers) == 0 {
		w.add(block{kind: paragraph, text: w.say("happened.nothing")})
		return
	}
	if text := w.story.Record.Statement; text != "" {
		w.add(block{kind: quote, text: text})
	}
	for _, a := range w.story.Answers {
		w.add(block{kind: paragraph, text: a.Question}, block{kind: quote, text: a.Answer})
	}
}

func (w *writer) exhibits() {
	w.add(block{kind: heading, level: 2, text: w.say("exhibits")})
	rows := [][]string{{w.say("column.file"), w.say("column.for"), w.say("column.facts"), w.say("column.arrived"), w.say("column.state")}}
	for i, o := range w.story.Record.Originals {
		slot, arrived := w.about(i, o)
		rows = append(rows, []string{o.Name, slot, w.facts(o), arrived, w.state(o)})
	}
	w.add(block{kind: table, header: true, rows: rows})
}

// about is what original i stands for, and how it reached us.
func (w *writer) about(i int, o Original) (slot, arrived string) {
	if i < len(w.story.Slots) {
		slot = w.story.Slots[i]
	}
	if i < len(w.story.Arrived) {
		arrived = w.story.Arrived[i]
	}
	if arrived == "" {
		arrived = flows.Render(w.c, w.lang, flows.GradeText(flows.Grade(o.Grade)))
	}
	return slot, arrived
}

func (w *writer) state(o Original) string {
	state := w.say("status." + o.Status)
	if o.Error != nil {
		state += ": " + o.Error.Text
	}
	return state
}

// facts is what was measured: size, then length and pixels where there are any.
func (w *writer) facts(o Original) string {
	facts := []string{flows.FormatBytes(o.Bytes)}
	if o.Duration != nil {
		facts = append(facts, flows.FormatClock(*o.Duration))
	}
	if o.Width != nil && o.Height != nil {
		facts = append(facts, fmt.Sprintf("%d×%d", *o.Width, *o.Height))
	}
	return strings.Join(facts, " · ")
}

func (w *writer) missing() {
	w.add(block{kind: heading, level: 2, text: w.say("list")}, block{kind: list, items: w.checklist()})
}

// checklist compares what the scenario asks for with what is there.
func (w *writer) checklist() []string {
	var rows []string
	for _, slot := range w.story.Scenario.Exhibits {
		name := slot.Name.In(w.lang)
		switch {
		case slices.Contains(w.story.Slots, name):
			rows = append(rows, w.say("list.there", "name", name))
		case slot.Required:
			rows = append(rows, w.say("list.missing", "name", name, "hint", slot.Hint.In(w.lang)))
		default:
			rows = append(rows, w.say("list.optional", "name", name))
		}
	}
	if w.story.Record.Statement != "" || len(w.story.Answers) > 0 {
		rows = append(rows, w.say("list.there", "name", w.say("list.statement")))
	} else {
		rows = append(rows, w.say("list.missing", "name", w.say("list.statement"), "hint", w.say("list.statement.hint")))
	}
	return rows
}

func (w *writer) pack(p Pack) {
	w.add(block{kind: heading, level: 2, text: w.say("pack", "channel", p.Channel.Name.In(w.lang))})
	if p.Failed != "" {
		w.add(block{kind: paragraph, text: p.Failed})
	}
	rows := [][]string{{w.say("column.file"), w.say("column.stretch"), w.say("column.facts"), w.say("column.limits")}}
	for _, piece := range w.story.Record.Pieces {
		if piece.Channel == p.Channel.ID {
			rows = append(rows, []string{piece.File, stretch(piece), w.measured(piece), w.limits(piece)})
		}
	}
	if len(rows) > 1 {
		w.add(block{kind: table, header: true, rows: rows})
	}
	if cites := w.cites(p.Channel.ID); len(cites) > 0 {
		w.add(block{kind: list, items: cites})
	}
	var steps []string
	for _, s := range p.Channel.Steps {
		steps = append(steps, s.In(w.lang))
	}
	if len(steps) > 0 {
		w.add(block{kind: list, ordered: true, items: steps})
	}
	if p.Channel.WhereFrom.Source == "" {
		w.add(block{kind: note, text: w.c.Say(w.lang, "catalog.unverified", nil)})
	}
	if p.Subject != "" {
		w.add(block{kind: paragraph, text: w.say("pack.subject")}, block{kind: code, text: p.Subject})
	}
	if p.Words != "" {
		w.add(block{kind: paragraph, text: w.say("pack.words")}, block{kind: code, text: p.Words})
	}
}

func stretch(p Piece) string {
	switch {
	case p.Range == nil:
		return ""
	case p.Range[0] == p.Range[1]:
		return flows.FormatClock(p.Range[0])
	}
	return flows.FormatClock(p.Range[0]) + "–" + flows.FormatClock(p.Range[1])
}

func (w *writer) measured(p Piece) string {
	facts := []string{flows.FormatBytes(p.Bytes)}
	if p.Width != nil && p.Height != nil {
		facts = append(facts, fmt.Sprintf("%d×%d", *p.Width, *p.Height))
	}
	if p.Codec != nil && p.Kind == media.KindVideo {
		facts = append(facts, *p.Codec)
	}
	return strings.Join(facts, " · ")
}

// limits sets each limit against the value: "5.8 MB ≤ 6 MB".
func (w *writer) limits(p Piece) string {
	var out []string
	for _, f := range p.Fit {
		value, limit := fmt.Sprintf("%.4g", f.Value), fmt.Sprintf("%.4g", f.Max)
		if strings.HasSuffix(f.Limit, "bytes") {
			value, limit = flows.FormatBytes(int64(f.Value)), flows.FormatBytes(int64(f.Max))
		}
		sign := "≤"
		if !f.OK() {
			sign = ">"
		}
		key := "dossier.limit." + f.Limit
		name := f.Limit
		if w.c.Has(w.lang, key) {
			name = w.c.Say(w.lang, key, nil)
		}
		out = append(out, fmt.Sprintf("%s %s %s %s", name, value, sign, limit))
	}
	return strings.Join(out, "; ")
}

func (w *writer) notes() {
	if len(w.story.Record.Warnings) == 0 {
		return
	}
	w.add(block{kind: heading, level: 2, text: w.say("notes")}, block{kind: list, items: w.story.Record.Warnings})
}

func (w *writer) fingerprints() {
	w.add(block{kind: heading, level: 2, text: w.say("fingerprints")}, block{kind: paragraph, text: w.say("fingerprints.what")})
	rows := [][]string{{w.say("column.file"), "SHA-256"}}
	for _, o := range w.story.Record.Originals {
		rows = append(rows, []string{o.File, o.SHA256})
	}
	for _, p := range w.story.Record.Pieces {
		rows = append(rows, []string{p.File, p.SHA256})
	}
	w.add(block{kind: table, header: true, rows: rows})
	w.stamped()
}

// stamped tells who else says when an original was there.
func (w *writer) stamped() {
	if len(w.story.Stamped) == 0 {
		return
	}
	rows := [][]string{{w.say("column.file"), w.say("column.by"), w.say("column.at")}}
	for _, s := range w.story.Stamped {
		for _, o := range w.story.Record.Originals {
			if o.SHA256 == s.Original {
				rows = append(rows, []string{o.File, s.By, flows.FormatTime(s.At)})
			}
		}
	}
	w.add(block{kind: paragraph, text: w.say("stamped.what")}, block{kind: table, header: true, rows: rows})
}

func (w *writer) meaning() {
	w.add(
		block{kind: heading, level: 2, text: w.say("meaning")},
		block{kind: list, items: w.covers()},
		block{kind: heading, level: 2, text: w.say("meaning.not")},
		block{kind: list, items: w.coversNot()},
		block{kind: paragraph, text: w.say("meaning.keep")},
	)
}

// covers is what the proof covers, coversNot what it does not.
func (w *writer) covers() []string {
	return []string{w.say("meaning.unchanged"), w.say("meaning.pieces")}
}

func (w *writer) coversNot() []string {
	return []string{w.say("meaning.not.before"), w.say("meaning.not.who"), w.say("meaning.not.operator"), w.say("meaning.not.outcome")}
}
