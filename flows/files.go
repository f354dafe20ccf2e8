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

// commentWindow is how long after a line of text a file counts as what the line
// is about.
const commentWindow = 10 * time.Second

// file takes in something the person sent. text is its caption, command aside.
func (t *turn) file(f File, text string) {
	b := t.batch()
	if why := t.refuseFile(f); why != nil {
		b.leave(f, *why)
		t.caption(text)
		t.tally(b)
		return
	}
	t.straggler()
	t.bound()
	if t.session.Step == "forget" {
		t.session.Step = "" // who sends a file wants to go on
	}
	if t.kase != nil && !t.drafting() {
		t.fresh()
	}
	t.comment()
	if !t.open() {
		return
	}
	c := t.kase
	if b.Case != c.ID {
		b.Case, b.Taken = c.ID, nil
	}
	switch {
	case f.Unique != "" && slices.ContainsFunc(c.Exhibits, func(e Exhibit) bool {
		return e.File.Unique == f.Unique && !e.Removed && e.State != ExhibitRefused
	}):
		b.leave(f, T("talk.left.twice"))
	case len(c.Usable()) >= maxExhibits:
		b.leave(f, T("talk.left.many", "max", maxExhibits))
	default:
		b.Taken = append(b.Taken, t.accept(f))
	}
	t.caption(text)
	t.tally(b)
}

// accept adds the file to the case and sets off fetching it.
func (t *turn) accept(f File) string {
	c := t.kase
	f.Name, f.MIME, f.Origin = record(f.Name), record(f.MIME), record(f.Origin)
	e := Exhibit{
		ID: "e" + strconv.Itoa(len(c.Exhibits)+1), File: f, State: ExhibitFetching,
		Message: t.event.Message, Album: t.event.Album, Received: t.now,
	}
	if s, ok := t.cat.Scenario(c.Scenario); ok && agreed(s, c.Consent, t.event.Slot, string(FileKind(f))) {
		e.Slot, e.Placed = t.event.Slot, true
	}
	c.Exhibits = append(c.Exhibits, e)
	t.place()
	t.effects = append(t.effects, Effect{Kind: EffectIngest, Case: c.ID, Exhibit: e.ID, Urgent: c.Urgent})
	t.spend = Spend{Actor: t.event.Actor, Bytes: f.Bytes, Seconds: f.Duration}
	if f.Grade() == GradeVideo && FileKind(f) == media.KindVideo && t.once("video") {
		t.tell(Block{Text: T("talk.file.asvideo")}, Block{Style: StyleNote, Text: T("talk.file.howto")})
	}
	return e.ID
}

// record is a line from outside as it is kept: cleaned, and no longer than a file
// name can be.
func record(line string) string {
	line, _ = Clean(line, 255)
	return oneLine(line)
}

// refuseFile says no to what cannot be fetched or is beyond the day's share,
// before a byte of it is read; nil if nothing speaks against it.
func (t *turn) refuseFile(f File) *Text {
	left := func(why Text, blocks ...Block) *Text {
		t.tell(blocks...)
		return &why
	}
	limit := t.cfg.FetchLimit
	if f.TooBig || limit > 0 && f.Sent != SentUpload && f.Bytes > limit {
		blocks := []Block{{Text: T("talk.file.toobig", "name", fileName(f), "size", FormatBytes(f.Bytes))}}
		if limit > 0 {
			blocks[0].Text = T("talk.file.toobig.limit", "name", fileName(f), "size", FormatBytes(f.Bytes), "limit", strconv.FormatInt(limit>>20, 10)+" MB")
		}
		why := T("talk.left.big")
		if t.linked() {
			t.offerUpload(blocks, Block{Style: StyleNote, Text: T("talk.file.trim.or")})
			return &why
		}
		blocks = append(blocks, Block{Text: T("talk.file.trim")})
		if t.cfg.PublicURL == "" {
			blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.file.nolink")})
		}
		return left(why, blocks...)
	}
	if d := t.cfg.DailyBytes; d > 0 && t.person.BytesUsed+f.Bytes > d {
		return left(T("talk.left.quota"), Block{Text: T("talk.quota.bytes", "limit", FormatBytes(d), "until", t.midnight())})
	}
	if d := t.cfg.DailySeconds; d > 0 && (t.person.SecondsUsed+f.Duration > d || t.person.SecondsUsed >= d && FileKind(f) != media.KindImage) {
		return left(T("talk.left.quota"), Block{Text: T("talk.quota.minutes", "limit", int(d/60), "until", t.midnight())})
	}
	return nil
}

// midnight is when the day's share is free again.
func (t *turn) midnight() string { return NextDay(t.now) }

// NextDay is when a day's share is free again, in words for people.
func NextDay(now time.Time) string {
	day := now.In(Zone())
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

// comment keeps the line sent just before the file: it is about it.
func (t *turn) comment() {
	if n := t.session.Noted; n.Text != "" && t.now.Sub(n.At) <= commentWindow {
		message := t.event.Message
		t.event.Message = n.From // so that an edit of the line corrects it
		t.keepWords(n.Text, true)
		t.event.Message = message
	}
	t.session.Noted = Noted{}
}

// caption keeps the words under a file.
func (t *turn) caption(text string) {
	text, _ = Clean(text, MaxStatement)
	switch {
	case text == "":
	case t.talk.bypasses(text):
		t.say(T("talk.bypass"))
	case t.kase == nil || t.drafting():
		t.keepWords(text, true)
	}
}

// place puts the files the person has not placed into the scenario's slots: first
// one into each required slot, then into the others, then wherever there is room.
// Pictures and documents go where such a file is asked for first, as long as there
// is room: a slot for a recording takes them, but is not for them.
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
		e.Slot = FreeSlot(s, c.Consent, count, string(FileKind(e.File)))
		count[e.Slot]++
	}
}

// FreeSlot is where a file of a kind belongs, given which slots may be filled that
// need an agreement and how many files each has: see place. "" if none takes it.
func FreeSlot(s catalog.Scenario, consent []string, count map[string]int, kind string) string {
	own := func(slot catalog.Slot) bool {
		return kind != string(media.KindVideo) && len(slot.Accept) > 0 && slot.Accept[0] == kind && count[slot.ID] < max(1, slot.Max)
	}
	fits := []func(catalog.Slot) bool{
		func(slot catalog.Slot) bool { return own(slot) && slot.Required && count[slot.ID] == 0 },
		func(slot catalog.Slot) bool { return own(slot) && slot.Consent == "" },
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

// agreed says whether a file of this kind may stand in a slot that was chosen for
// it.
func agreed(s catalog.Scenario, consent []string, id, kind string) bool {
	return slices.ContainsFunc(s.Exhibits, func(slot catalog.Slot) bool {
		return slot.ID == id && slices.Contains(slot.Accept, kind) && (slot.Consent == "" || slices.Contains(consent, id))
	})
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
