package flows

import (
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
// moments it speaks for. Whoever is being asked for the moment is shown them.
// Again it changes nothing.
func (c *Case) ExhibitRead(id string, seen []media.Seen, moments []media.Candidate, now time.Time) ([]Effect, error) {
	e, err := c.ongoing(id)
	if err != nil {
		return nil, err
	}
	if !e.Unread() {
		return nil, nil
	}
	e.Read, e.Moments = true, moments[:min(len(moments), Candidates)]
	e.Seen = append([]media.Seen{}, seen[:min(len(seen), seenKept)]...)
	if len(e.Moments) == 0 || !c.Submitted.IsZero() || c.Key != nil || c.KeyAsked {
		return nil, nil
	}
	return []Effect{c.timer(timerMoments, nil, now)}, nil
}

// timerMoments is the clock that says that there are moments to choose from.
const timerMoments = "moments"

// proposal is a moment that can be pressed.
type proposal struct {
	choice  Choice
	exhibit *Exhibit
	at      float64
}

// proposals are the moments of all recordings of the case in hand.
func (t *turn) proposals() []proposal {
	if t.kase == nil {
		return nil
	}
	all := recordings(t.kase)
	var out []proposal
	for i, e := range all {
		for n, m := range e.Moments {
			label := T("talk.key.busy", "at", FormatClock(m.At))
			if m.Text != "" {
				text, _ := Clean(m.Text, lineShown)
				label = T("talk.key.at", "at", FormatClock(m.At), "line", text)
			}
			if len(all) > 1 {
				label = T("talk.key.of", "number", i+1, "what", label)
			}
			out = append(out, proposal{Choice{ID: "at." + e.ID + "." + strconv.Itoa(n), Label: label}, e, m.At})
		}
	}
	return out
}

const lineShown = 24 // letters of a line on the screen that a button has room for

func (t *turn) momentRows() [][]Choice {
	var rows [][]Choice
	for _, p := range t.proposals() {
		rows = append(rows, []Choice{p.choice})
	}
	return rows
}

// pickMoment takes a proposal as the key moment.
func (t *turn) pickMoment(choice string) {
	for _, p := range t.proposals() {
		if p.choice.ID != choice {
			continue
		}
		r := media.Around(p.at)
		if l := length(p.exhibit); l > 0 {
			r.End = min(r.End, l)
		}
		t.keepKey(p.exhibit, r)
		delete(t.kase.From, fromKey)
		t.goOn(t.talk.step("key"))
		return
	}
	t.unknown()
}

// offerMoments shows the step again to someone in a chat who is being asked for
// the moment; a page looks again by itself.
func (t *turn) offerMoments(c *Case) {
	if t.kase != nil && t.kase.ID == c.ID && t.drafting() && t.session.Step == "key" && !strings.HasPrefix(t.session.Chat, "web:") {
		t.ask()
	}
}
