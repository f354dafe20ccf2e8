package flows

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"clipcase/media"
)

// Candidates is how many moments of a recording are proposed at most. Their small
// pictures stand behind its Previews: PreviewBlob from Previews on.
const Candidates = 3

// seenKept is how many lines of one exhibit's time line a case keeps.
const seenKept = 80

// Unread says whether the words on the screen of an exhibit may still be read.
func (e *Exhibit) Unread() bool {
	return !e.Read && !e.Removed && e.State == ExhibitProbed && e.Probe != nil && e.Probe.Kind != media.KindDocument
}

// ExhibitRead records what stands on the screen of a measured exhibit and which
// moments it speaks for, with the sheet that shows them (its SheetBlob; "" = none).
// Whoever is being asked for the moment is shown them. Again it changes nothing.
func (c *Case) ExhibitRead(id string, seen []media.Seen, moments []media.Candidate, sheet string, now time.Time) ([]Effect, error) {
	e, err := c.ongoing(id)
	if err != nil {
		return nil, err
	}
	if !e.Unread() {
		return nil, nil
	}
	e.Read, e.Moments = true, moments[:min(len(moments), Candidates)]
	e.Seen = append([]media.Seen{}, seen[:min(len(seen), seenKept)]...)
	if sheet != "" {
		c.Sheet = sheet
	}
	if len(e.Moments) == 0 || !c.Submitted.IsZero() || c.Key != nil || c.KeyAsked {
		return nil, nil
	}
	return []Effect{c.timer(timerMoments, nil, now)}, nil
}

// timerMoments is the clock that says that there are moments to choose from.
const timerMoments = "moments"

// Proposal is a moment of a recording that can be chosen.
type Proposal struct {
	Exhibit *Exhibit
	Number  int // of its Moments, from 0
	file    int // which recording, from 1
}

// Proposals are the moments of all recordings of the case, in the order in which
// they are offered and stand on a sheet.
func (c *Case) Proposals() []Proposal {
	var out []Proposal
	for i, e := range recordings(c) {
		for n := range e.Moments {
			out = append(out, Proposal{e, n, i + 1})
		}
	}
	return out
}

// SheetBlob is the key of the sheet that shows the case's proposals as they are
// now, "" if there are none: other proposals have another.
func (c *Case) SheetBlob() string {
	all := c.Proposals()
	if len(all) == 0 {
		return ""
	}
	hash := sha256.New()
	for _, p := range all {
		_, _ = fmt.Fprintf(hash, "%s %.3f\n", p.Exhibit.ID, p.moment().At) // a hash takes everything
	}
	return "cases/" + c.ID + "/preview/sheet-" + hex.EncodeToString(hash.Sum(nil)[:8]) + ".jpg"
}

func (p Proposal) moment() media.Candidate { return p.Exhibit.Moments[p.Number] }

func (p Proposal) choice() string { return "at." + p.Exhibit.ID + "." + strconv.Itoa(p.Number) }

// proposals are those of the case in hand.
func (t *turn) proposals() []Proposal {
	if t.kase == nil {
		return nil
	}
	return t.kase.Proposals()
}

// sheet is the picture of all that is proposed, "" if there is none of just that. It
// is for the person's own chat: pages have pictures of their own, and a group is
// shown none.
func (t *turn) sheet() string {
	if t.kase == nil || t.event.Direct || t.event.Group || t.onPages() || t.kase.Sheet != t.kase.SheetBlob() {
		return ""
	}
	return t.kase.Sheet
}

// onPages says whether the person has no chat.
func (t *turn) onPages() bool { return strings.HasPrefix(t.session.Chat, "web:") }

const lineShown = 24 // letters of a line on the screen that a button has room for

func (t *turn) momentRows() [][]Choice {
	var rows [][]Choice
	numbered, several := t.sheet() != "", t.kase != nil && len(recordings(t.kase)) > 1
	for i, p := range t.proposals() {
		m := p.moment()
		label := T("talk.key.busy", "at", FormatClock(m.At))
		if m.Text != "" {
			text, _ := Clean(m.Text, lineShown)
			label = T("talk.key.at", "at", FormatClock(m.At), "line", text)
		}
		if several {
			label = T("talk.key.of", "number", p.file, "what", label)
		}
		if numbered {
			label = T("talk.key.numbered", "number", i+1, "what", label)
		}
		rows = append(rows, []Choice{{ID: p.choice(), Label: label}})
	}
	return rows
}

// pickMoment takes a proposal as the key moment.
func (t *turn) pickMoment(choice string) {
	for _, p := range t.proposals() {
		if p.choice() != choice {
			continue
		}
		r := media.Around(p.moment().At)
		if l := length(p.Exhibit); l > 0 {
			r.End = min(r.End, l)
		}
		t.keepKey(p.Exhibit, r)
		delete(t.kase.From, fromKey)
		t.goOn(t.talk.step("key"))
		return
	}
	t.unknown()
}

// offerMoments shows the step again to someone in a chat who is being asked for
// the moment; a page looks again by itself.
func (t *turn) offerMoments(c *Case) {
	if t.kase != nil && t.kase.ID == c.ID && t.drafting() && t.session.Step == "key" && !t.onPages() {
		t.ask()
	}
}
