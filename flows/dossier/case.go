package dossier

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
)

// OriginalPath is where an exhibit's original stands in a bag.
func OriginalPath(e *flows.Exhibit) string { return OriginalFile(e.ID, e.File.Name, e.SHA256) }

// PiecePath is where a piece of a channel stands in a bag.
func PiecePath(channel, name string) string { return "data/" + channel + "/" + name }

// Message is a pack's words as a file; "" = it has none.
func Message(p *flows.Pack) string {
	switch {
	case p.Words == "" && p.Subject == "":
		return ""
	case p.Subject == "":
		return p.Words + "\n"
	}
	return p.Subject + "\n\n" + p.Words + "\n"
}

// FromCase is the story of a case as it stands: what exists of it, and nothing
// that is still to come. Without originals it is the story for others. The same case
// gives the same story; it has no timings.
func FromCase(cat *catalog.Catalog, c *flows.Case, originals bool) Story {
	scenario, _ := cat.Scenario(c.Scenario) // one that was taken out of the catalogue has no name any more
	say := func(t flows.Text) string { return flows.Render(cat, c.Lang, t) }
	s := Story{Scenario: scenario, Made: c.Created.In(flows.Zone()), Record: &Record{Case: c.ID, Scenario: c.Scenario, Statement: c.Statement}}
	for _, q := range scenario.Questions {
		if answer := c.Answers[q.ID]; answer != "" {
			s.Record.Answers = append(s.Record.Answers, Answer{ID: q.ID, Question: q.Text.In(c.Lang), Answer: answer})
			s.Answers = append(s.Answers, catalog.PasteAnswer{Question: q.Text.In(c.Lang), Answer: answer})
		}
	}
	for i := range c.Exhibits {
		e := &c.Exhibits[i]
		if e.Removed || e.SHA256 == "" || e.Blob == "" {
			continue
		}
		s.Record.Originals = append(s.Record.Originals, fromExhibit(e, say))
		if m, ok := moment(c, e); ok {
			s.Moments = append(s.Moments, Moment{Original: e.SHA256, Range: m})
		}
		if at := e.Received.In(flows.Zone()); !e.Received.IsZero() && (s.Received.IsZero() || at.Before(s.Received)) {
			s.Received = at
		}
		name, _ := flows.Clean(e.File.Name, 80)
		s.Record.Timeline = append(s.Record.Timeline, Timeline(e.SHA256, e.Seen)...)
		s.Screen = append(s.Screen, Telling(e.SHA256, name, e.Seen, scenario.Moments)...)
		if e.Probe != nil && e.Refusal == nil {
			for _, text := range Taken(name, *e.Probe) {
				s.Record.Warnings = append(s.Record.Warnings, say(text))
			}
		}
		slot := ""
		if at := slices.IndexFunc(scenario.Exhibits, func(x catalog.Slot) bool { return x.ID == e.Slot }); at >= 0 && e.Refusal == nil {
			slot = scenario.Exhibits[at].Name.In(c.Lang)
		}
		s.Slots, s.Arrived = append(s.Slots, slot), append(s.Arrived, say(flows.ArrivalText(e.File)))
	}
	for _, x := range OriginalsStamped(c) {
		if slices.ContainsFunc(s.Record.Originals, func(o Original) bool { return o.SHA256 == x.Original }) {
			s.Stamped = append(s.Stamped, x)
		}
	}
	s.Screen = s.Screen[:min(len(s.Screen), SeenShown)]
	for i := range c.Packs {
		p := &c.Packs[i]
		s.Record.Pieces = append(s.Record.Pieces, fromPack(c, p)...)
		for _, w := range p.Warnings {
			if said := say(w); !slices.Contains(s.Record.Warnings, said) {
				s.Record.Warnings = append(s.Record.Warnings, said)
			}
		}
		if p.Made() == 0 && Message(p) == "" && p.Error == nil {
			continue
		}
		channel, _ := cat.Channel(p.Channel)
		told := Pack{Channel: channel, Subject: p.Subject, Words: p.Words}
		if p.Error != nil {
			told.Failed = say(p.Error.Text)
		}
		s.Packs = append(s.Packs, told)
	}
	s.Record.SettleTools()
	if !originals {
		return s.ForOthers()
	}
	return s
}

// OriginalsStamped is what authorities said of the originals of a case.
func OriginalsStamped(c *flows.Case) []Stamped {
	var out []Stamped
	for _, x := range c.Stamps {
		if x.Bag == "" {
			out = append(out, Stamped{Original: x.Digest, By: x.Name, At: x.At})
		}
	}
	return out
}

// moment is the stretch of an exhibit that the packs were made around.
func moment(c *flows.Case, e *flows.Exhibit) (media.Range, bool) {
	for i := range c.Packs {
		for _, m := range c.Packs[i].Moments {
			if m.Exhibit == e.ID {
				return m.Range, true
			}
		}
	}
	return media.Range{}, false
}

func fromExhibit(e *flows.Exhibit, say func(flows.Text) string) Original {
	o := Original{File: OriginalPath(e), Name: GivenName(e.File.Name), SHA256: e.SHA256, Bytes: e.Bytes, Grade: string(e.File.Grade()), Status: "ok"}
	switch {
	case e.Refusal != nil:
		o.Status, o.Error = "refused", &Error{Class: string(e.Refusal.Code), Text: say(flows.RefusalText(e.Refusal))}
		return o
	case e.Probe == nil || e.Probe.Kind == media.KindDocument:
		return o
	case e.Probe.Damaged:
		o.Status = "damaged"
	}
	o.Width, o.Height, o.Codec = &e.Probe.Width, &e.Probe.Height, &e.Probe.Codec
	if e.Probe.Kind == media.KindVideo {
		o.Duration, o.FPS = &e.Probe.Duration, &e.Probe.FPS
	}
	return o
}

// fromPack are the pieces that exist, then the words.
func fromPack(c *flows.Case, p *flows.Pack) []Piece {
	var out []Piece
	for i := range p.Pieces {
		x := &p.Pieces[i]
		if x.Blob == "" {
			continue
		}
		piece := Piece{Channel: p.Channel, File: PiecePath(p.Channel, x.Name), SHA256: x.SHA256, Bytes: x.Bytes, Kind: x.Kind, Fit: x.Fit, Quality: x.Quality}
		if e := c.Exhibit(x.Exhibit); e != nil {
			piece.Original = &e.SHA256
		}
		if x.Beside != nil {
			beside := *x.Beside
			for _, side := range []*string{&beside.Left, &beside.Right} {
				if e := c.Exhibit(*side); e != nil {
					*side = e.SHA256
				}
			}
			piece.Beside = &beside
		}
		if x.Width > 0 {
			piece.Width, piece.Height, piece.Codec, piece.Label = &x.Width, &x.Height, &x.Codec, &x.Label
			piece.Range = &[2]float64{x.Range.Start, x.Range.End}
		}
		if x.Duration > 0 {
			piece.Duration, piece.FPS = &x.Duration, &x.FPS
		}
		piece.Derive(x.How)
		out = append(out, piece)
	}
	if text := Message(p); text != "" {
		sum := sha256.Sum256([]byte(text))
		out = append(out, Piece{Channel: p.Channel, File: PiecePath(p.Channel, "message.txt"), SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(text)), Kind: media.KindText})
	}
	return out
}
