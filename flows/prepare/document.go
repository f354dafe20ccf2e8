package prepare

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// document writes the record and the summary.
func (w *work) document(context.Context) error {
	from := w.meter.elapsed()
	w.timeline()
	for _, e := range w.exhibits {
		w.record.Originals = append(w.record.Originals, w.original(e))
	}
	story := w.story()
	for _, p := range w.packs {
		told := dossier.Pack{Channel: p.channel, Subject: p.subject, Words: p.body}
		if p.failed != nil {
			told.Failed = w.say(*p.failed)
		}
		story.Packs = append(story.Packs, told)
	}
	summary := dossier.Summarize(w.cfg.Catalog, w.req.Lang, story)
	w.record.Timings.Document = (w.meter.elapsed() - from + w.writing).Seconds()
	w.record.Timings.Total = w.meter.elapsed().Seconds()
	w.record.SettleTools()
	if err := dossier.Write(w.data, w.record, summary); err != nil {
		return err
	}
	if w.req.HandOver != "" {
		if err := w.handOver(story.ForOthers()); err != nil {
			return err
		}
	}
	w.meter.now.Left = 0
	w.meter.reach(100)
	return nil
}

// handOver writes what others may see of the case.
func (w *work) handOver(story dossier.Story) error {
	dir := filepath.Join(w.req.HandOver, "data")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("hand over: %w", err)
	}
	return dossier.Write(dir, story.Record, dossier.Summarize(w.cfg.Catalog, w.req.Lang, story))
}

// story is what is told of the case beside its record.
func (w *work) story() dossier.Story {
	story := dossier.Story{Record: w.record, Scenario: w.scenario, Made: w.req.Now.In(w.cfg.Zone), Answers: w.words.answers, Screen: w.told()}
	names := map[string]string{}
	for _, e := range w.exhibits {
		slot := ""
		if e.usable() {
			slot = w.slotName(e)
		}
		story.Slots = append(story.Slots, slot)
		if e.key != nil {
			story.Moments = append(story.Moments, dossier.Moment{Original: e.sha256, Range: *e.key})
		}
		story.Arrived = append(story.Arrived, w.say(e.Came))
		at := e.At
		if !at.IsZero() {
			at = at.In(w.cfg.Zone)
			if story.Received.IsZero() || at.Before(story.Received) {
				story.Received = at
			}
		}
		story.Came = append(story.Came, at)
		names[e.sha256] = dossier.GivenName(e.Name)
	}
	story.Course, story.Stamped = dossier.Course(w.cfg.Catalog, w.req.Lang, w.req.History, names), w.req.Stamped
	story.Head = (&flows.Case{History: w.req.History}).Head()
	return story
}

func (w *work) original(e *exhibit) dossier.Original {
	o := dossier.Original{
		File: e.file, Name: dossier.GivenName(e.Name), SHA256: e.sha256, Bytes: e.bytes,
		Grade: string(e.Grade), Status: "ok", Absent: !w.req.Original,
	}
	if e.Grade == "" {
		o.Grade = string(flows.GradeUnknown)
	}
	switch {
	case e.refusal != nil:
		o.Status = "refused"
		o.Error = &dossier.Error{Class: string(e.refusal.Code), Text: w.say(flows.RefusalText(e.refusal))}
		return o
	case e.probe.Damaged:
		o.Status = "damaged"
	}
	if e.probe.Kind == media.KindDocument {
		return o
	}
	o.Width, o.Height, o.Codec = ref(e.probe.Width), ref(e.probe.Height), ref(e.probe.Codec)
	if e.probe.Kind == media.KindVideo {
		o.Duration, o.FPS = ref(e.probe.Duration), ref(e.probe.FPS)
	}
	return o
}

// entries are the pack's lines in the record: the pieces, then the words.
func (p *pack) entries() []dossier.Piece {
	var out []dossier.Piece
	for _, f := range p.finished() {
		piece := p.entry(f)
		piece.Derive(f.how())
		out = append(out, piece)
	}
	return append(out, p.message())
}

func (p *pack) entry(f *file) dossier.Piece {
	m := f.made
	piece := dossier.Piece{Channel: p.channel.ID, File: "data/" + p.channel.ID + "/" + m.Piece.Name, SHA256: m.SHA256, Bytes: m.Bytes,
		Kind: m.Piece.Kind, Fit: p.fits(f)}
	switch {
	case f.document:
		piece.Original = ref(f.exhibit.sha256)
		return piece
	case f.story != nil:
		if m.Width > 0 {
			piece.Width, piece.Height, piece.Codec = ref(m.Width), ref(m.Height), ref(m.Codec)
		}
		if f.story.Compare {
			piece.Range, piece.Beside = &[2]float64{m.Piece.Range.Start, m.Piece.Range.End}, p.pair.beside()
			piece.Beside.Left, piece.Beside.Right = p.pair.left.sha256, p.pair.right.sha256
			if m.Duration > 0 {
				piece.Duration, piece.FPS = ref(m.Duration), ref(m.FPS)
			}
		}
		return piece
	}
	piece.Width, piece.Height, piece.Codec, piece.Label = ref(m.Width), ref(m.Height), ref(m.Codec), ref(m.Piece.Label)
	piece.Original, piece.Range, piece.Quality = ref(f.exhibit.sha256), &[2]float64{m.Piece.Range.Start, m.Piece.Range.End}, m.Quality
	if m.Piece.Kind != media.KindImage {
		piece.Duration, piece.FPS = ref(m.Duration), ref(m.FPS)
	}
	return piece
}

// message is the words' line in the record.
func (p *pack) message() dossier.Piece {
	text := p.body + "\n"
	if p.subject != "" {
		text = p.subject + "\n\n" + text
	}
	sum := sha256.Sum256([]byte(text))
	out := dossier.Piece{
		Channel: p.channel.ID, File: "data/" + p.channel.ID + "/" + messageFile, SHA256: hex.EncodeToString(sum[:]),
		Bytes: int64(len(text)), Kind: media.KindText, Fit: []media.Fit{},
	}
	for _, l := range []struct {
		name string
		max  int
		text string
	}{{"words", p.channel.Words.BodyMax, p.body}, {"title", p.channel.Words.TitleMax, p.subject}} {
		if l.max > 0 && l.text != "" {
			out.Fit = append(out.Fit, media.Fit{Limit: l.name, Max: float64(l.max), Value: float64(utf8.RuneCountInString(l.text)), Source: p.limitSource(l.name)})
		}
	}
	return out
}

func (p *pack) limitSource(name string) string {
	l, _ := p.channel.Limit(name) // without one the source is unknown, which the empty text says
	return l.Source
}

// flowsPack is the pack as cases keep it.
func (p *pack) flowsPack(state flows.PackState) flows.Pack {
	out := flows.Pack{
		Channel: p.channel.ID, Tier: p.tier, Extra: p.extra, State: state, Fate: flows.FateUnsent, Begun: p.begun,
		Subject: p.subject, Words: p.body, Warnings: slices.Clone(p.notes), Ready: p.cfg.Clock(),
	}
	for _, e := range p.exhibits {
		if e.key != nil {
			out.Moments = append(out.Moments, flows.KeyMoment{Exhibit: e.ID, Range: *e.key})
		}
	}
	for _, f := range p.hoped() {
		out.Pieces = append(out.Pieces, p.flowsPiece(f))
	}
	return out
}

func (p *pack) flowsPiece(f *file) flows.Piece {
	of := f.piece()
	piece := flows.Piece{
		Name: of.Name, Number: of.Number, Kind: of.Kind, Label: of.Label, Line: f.line, Exhibit: f.exhibit.ID, Range: of.Range, Plan: f.planned(),
	}
	if f.story != nil && f.story.Compare {
		piece.Beside = p.pair.beside()
	}
	if f.made == nil {
		return piece
	}
	if f.kept != nil {
		piece.Blob = f.kept.Blob
	}
	m := f.made
	piece.Bytes, piece.SHA256, piece.Width, piece.Height, piece.Codec = m.Bytes, m.SHA256, m.Width, m.Height, m.Codec
	piece.Thumb, piece.Fit, piece.Quality, piece.How = f.thumb, p.fits(f), m.Quality, f.how()
	if of.Kind != media.KindImage {
		piece.Duration, piece.FPS = m.Duration, m.FPS
	}
	return piece
}

func ref[T any](v T) *T { return &v }
