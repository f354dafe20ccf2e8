package flows

import (
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"clipcase/flows/catalog"
	"clipcase/media"
)

// maxExhibits is how many files one case takes.
const maxExhibits = 30

// together is how long after a file another one counts as sent with it: one
// answer is enough for both.
const together = 3 * time.Second

// commentWindow is how long after a line of text a file counts as what the line
// is about.
const commentWindow = 10 * time.Second

// file takes in something the person sent. text is its caption, command aside.
func (t *turn) file(f File, text string) {
	if t.refuseFile(f) {
		t.caption(text)
		t.reask()
		return
	}
	t.straggler()
	if t.session.Step == "forget" {
		t.session.Step = "" // who sends a file wants to go on
	}
	if t.kase != nil && !t.drafting() {
		t.fresh()
	}
	if t.kase == nil {
		t.comment()
	}
	if !t.open() {
		return
	}
	c := t.kase
	late := t.event.Album != "" || len(c.Exhibits) > 0 && t.now.Sub(c.Exhibits[len(c.Exhibits)-1].Received) < together
	switch {
	case f.Unique != "" && slices.ContainsFunc(c.Exhibits, func(e Exhibit) bool {
		return e.File.Unique == f.Unique && !e.Removed && e.State != ExhibitRefused
	}):
		t.hint(T("talk.file.twice"))
	case len(c.Usable()) >= maxExhibits:
		t.say(T("talk.file.many", "max", maxExhibits))
	default:
		t.accept(f)
	}
	t.caption(text)
	t.reask()
	t.late = late
}

// accept adds the file to the case and sets off fetching it.
func (t *turn) accept(f File) {
	c := t.kase
	f.Name, f.MIME, f.Origin = record(f.Name), record(f.MIME), record(f.Origin)
	e := Exhibit{
		ID: "e" + strconv.Itoa(len(c.Exhibits)+1), File: f, State: ExhibitFetching,
		Message: t.event.Message, Album: t.event.Album, Received: t.now,
	}
	c.Exhibits = append(c.Exhibits, e)
	t.place()
	t.effects = append(t.effects, Effect{Kind: EffectIngest, Case: c.ID, Exhibit: e.ID, Urgent: c.Urgent})
	t.spend = Spend{Actor: t.event.Actor, Bytes: f.Bytes, Seconds: f.Duration}
	if f.Grade() == GradeVideo && FileKind(f) == media.KindVideo && t.once("video") {
		t.tell(Block{Text: T("talk.file.asvideo")}, Block{Style: StyleNote, Text: T("talk.file.howto")})
	}
	if s := t.session.Step; s != "" && s != "exhibits" && s != "scenario" {
		t.hint(T("talk.file.added", "name", fileName(f)))
	}
}

// record is a line from outside as it is kept: cleaned, and no longer than a file
// name can be.
func record(line string) string {
	line, _ = Clean(line, 255)
	return oneLine(line)
}

// refuseFile says no to what cannot be fetched or is beyond the day's share,
// before a byte of it is read.
func (t *turn) refuseFile(f File) bool {
	limit := t.cfg.FetchLimit
	if f.TooBig || limit > 0 && f.Sent != SentUpload && f.Bytes > limit {
		blocks := []Block{{Text: T("talk.file.toobig", "name", fileName(f), "size", FormatBytes(f.Bytes))}}
		if limit > 0 {
			blocks[0].Text = T("talk.file.toobig.limit", "name", fileName(f), "size", FormatBytes(f.Bytes), "limit", strconv.FormatInt(limit>>20, 10)+" MB")
		}
		t.tell(append(blocks, Block{Text: T("talk.file.trim")})...)
		return true
	}
	if d := t.cfg.DailyBytes; d > 0 && t.person.BytesUsed+f.Bytes > d {
		t.tell(Block{Text: T("talk.quota.bytes", "limit", FormatBytes(d), "until", t.midnight())})
		return true
	}
	if d := t.cfg.DailySeconds; d > 0 && t.person.SecondsUsed+f.Duration > d {
		t.tell(Block{Text: T("talk.quota.minutes", "limit", int(d/60), "until", t.midnight())})
		return true
	}
	return false
}

// midnight is when the day's share is free again.
func (t *turn) midnight() string {
	day := t.now.In(zone())
	next := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location())
	return next.Format("2006-01-02 15:04")
}

// straggler keeps the late part of an album with its case: the draft it belongs
// to may have been left in between.
func (t *turn) straggler() {
	if t.event.Album == "" || t.kase != nil && t.drafting() {
		return
	}
	for _, c := range t.recent {
		if c.State(t.now) == CaseDraft && !c.Quarantined &&
			slices.ContainsFunc(c.Exhibits, func(e Exhibit) bool { return e.Album == t.event.Album }) {
			t.take(c)
			return
		}
	}
}

// take puts another of the person's cases in hand.
func (t *turn) take(c *Case) {
	t.kase, t.session.Case = cloneCase(c), c.ID
}

// comment makes the line sent just before the file its statement.
func (t *turn) comment() {
	n := t.session.Noted
	if n.Text != "" && t.now.Sub(n.At) <= commentWindow && *t.matter().statement == "" {
		t.setStatement(n.Text, n.From)
	}
	t.session.Noted = Noted{}
}

// caption takes the words under a file as the statement if there is none yet.
func (t *turn) caption(text string) {
	text, _ = Clean(text, MaxStatement)
	if text == "" {
		return
	}
	if t.talk.bypasses(text) {
		t.say(T("talk.bypass"))
		return
	}
	if *t.matter().statement == "" && (t.kase == nil || t.drafting()) {
		t.setStatement(text, t.event.Message)
	}
}

// place puts the files the person has not placed into the scenario's slots: first
// one into each required slot, then into the others, then wherever there is room.
func (t *turn) place() {
	c := t.kase
	if c == nil {
		return
	}
	s, ok := t.cat.Scenario(c.Scenario)
	if !ok {
		return
	}
	count := map[string]int{}
	for _, e := range c.Usable() {
		if e.Placed {
			count[e.Slot]++
		}
	}
	for _, e := range c.Usable() {
		if e.Placed {
			continue
		}
		e.Slot = freeSlot(s, c.Consent, count, string(FileKind(e.File)))
		count[e.Slot]++
	}
}

func freeSlot(s catalog.Scenario, consent []string, count map[string]int, kind string) string {
	fits := []func(catalog.Slot) bool{
		func(slot catalog.Slot) bool { return slot.Required && count[slot.ID] == 0 },
		func(slot catalog.Slot) bool { return slot.Consent == "" && count[slot.ID] == 0 },
		func(slot catalog.Slot) bool { return count[slot.ID] < max(1, slot.Max) },
		func(slot catalog.Slot) bool { return slot.Consent == "" },
	}
	for _, fit := range fits {
		for _, slot := range s.Exhibits {
			agreed := slot.Consent == "" || slices.Contains(consent, slot.ID)
			if agreed && slices.Contains(slot.Accept, kind) && fit(slot) {
				return slot.ID
			}
		}
	}
	return ""
}

// FileKind guesses what a file is from how it was sent, before anything is
// measured: video, image or document.
func FileKind(f File) media.Kind {
	mime := strings.ToLower(f.MIME)
	ext := strings.ToLower(filepath.Ext(f.Name))
	switch {
	case f.Sent == SentVideo || f.Sent == SentAnimation || f.Sent == SentRound || strings.HasPrefix(mime, "video/"):
		return media.KindVideo
	case f.Sent == SentPhoto || strings.HasPrefix(mime, "image/"):
		return media.KindImage
	case slices.Contains([]string{".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".3gp", ".ts", ".flv", ".mpg", ".wmv"}, ext):
		return media.KindVideo
	case slices.Contains([]string{".jpg", ".jpeg", ".png", ".heic", ".heif", ".webp", ".gif"}, ext):
		return media.KindImage
	}
	return media.KindDocument
}
