package flows

import (
	"slices"
	"strconv"
	"time"

	"clipcase/flows/catalog"
)

// What pages need to know of a case beside its data.

// PackState is how far a pack is and what became of it, in words.
func (c *Case) PackState(p *Pack) Text { return packState(c, *p) }

// StateText is the state of a case at a time, in words.
func (c *Case) StateText(now time.Time) Text {
	if c.Quarantined {
		return T("talk.case.held")
	}
	switch c.State(now) {
	case CaseDraft:
		return T("talk.case.draft")
	case CaseDone:
		return T("talk.case.done")
	case CaseCancelled:
		return T("talk.case.cancelled")
	case CaseExpired:
		return T("talk.case.expired")
	}
	return T("talk.case.open")
}

// ReasonText is why a pack was refused, in words; false for a reason that is none
// of those people are asked for.
func ReasonText(kept string) (Text, bool) {
	for _, r := range reasons() {
		if r.kept == kept {
			return r.label, true
		}
	}
	return Text{}, false
}

// Said is what the person said of the case: the statement and the answers, in
// their own words.
func (c *Case) Said(s catalog.Scenario, lang string) string { return said(c, s, lang) }

// Holds is how many usable files a case has for a slot; "" counts those for none.
func (c *Case) Holds(slot string) (n int) {
	for _, e := range c.Usable() {
		if e.Slot == slot {
			n++
		}
	}
	return n
}

// PressPack is the choice by which a page says something of a pack in its present
// round (sent, refd, wait, yes, exact, twin, apart, mail; why with a reason appended after
// a dot). It is sent as an EventChoice with the token TokenKeep.
func (c *Case) PressPack(verb string, p *Pack) string {
	i := slices.IndexFunc(c.Packs, func(x Pack) bool { return x.Channel == p.Channel })
	return verb + "." + c.ID + "." + strconv.Itoa(i) + "." + strconv.Itoa(p.Round)
}

// PressCase is the choice that puts a case in hand (case) or shows its other
// channels (more).
func (c *Case) PressCase(verb string) string { return verb + "." + c.ID }

// TokenKeep is the token of choices that stay good as long as their case exists.
const TokenKeep = tokenKeep

// FormatTime is a date and time of day as people of the first platform read it.
func FormatTime(t time.Time) string { return t.In(Zone()).Format("2006-01-02 15:04") }
