package flows

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"clipcase/flows/catalog"
)

// reasons lists why a channel can refuse a pack: short id behind a button, as
// kept in the pack, words.
func reasons() []struct {
	id, kept string
	label    Text
} {
	return []struct {
		id, kept string
		label    Text
	}{
		{"big", "too-big", T("talk.why.big")},
		{"long", "too-long", T("talk.why.long")},
		{"kind", "wrong-kind", T("talk.why.kind")},
		{"read", "not-legible", T("talk.why.read")},
		{"other", "other", T("talk.why.other")},
	}
}

// sent records that the person handed the pack in.
func (t *turn) sent(p *Pack, ch catalog.Channel) {
	p.Fate = FateSent
	t.kase.note(t.now, "sent", "channel", p.Channel)
	words, at := T("talk.follow.sent"), t.now.Add(FollowUpAfter)
	if clock := t.clockFor(ch); clock != nil {
		words, at = T("talk.follow.clock", "what", t.local(clock.Text)), after(*clock, t.now)
	}
	if t.session.Quiet {
		words = T("talk.follow.noted")
	}
	t.effects = append(t.effects, t.kase.followAt(p, at))
	rows := [][]Choice{{t.kase.keep("more", T("deliver.button.more"))}}
	t.alone("note", rows, Block{Text: words})
}

// clockFor is when clipcase asks what became of a pack that was handed in: the
// channel's own clock, else the scenario's unless that one counts working hours,
// which it does for the company channels only. nil = the usual two days.
func (t *turn) clockFor(ch catalog.Channel) *catalog.Clock {
	if ch.Follow != nil {
		return ch.Follow
	}
	if s, ok := t.cat.Scenario(t.kase.Scenario); ok && s.Clock != nil && !s.Clock.Working {
		return s.Clock
	}
	return nil
}

// after is when a clock that starts now runs out. Working hours are 9 to 18 from
// Monday to Friday in Asia/Shanghai; holidays are not known.
func after(c catalog.Clock, now time.Time) time.Time {
	if !c.Working {
		return now.Add(time.Duration(c.Hours) * time.Hour)
	}
	at, left := now.In(Zone()), time.Duration(c.Hours)*time.Hour
	for {
		opens := time.Date(at.Year(), at.Month(), at.Day(), 9, 0, 0, 0, at.Location())
		closes := opens.Add(9 * time.Hour)
		if at.Before(opens) {
			at = opens
		}
		if day := at.Weekday(); day != time.Saturday && day != time.Sunday && at.Before(closes) {
			if rest := closes.Sub(at); left <= rest {
				return at.Add(left).UTC()
			} else {
				left -= rest
			}
		}
		at = opens.AddDate(0, 0, 1)
	}
}

// askWhy asks for the reason of a refusal.
func (t *turn) askWhy(p *Pack, ch catalog.Channel) {
	var all []Choice
	for _, r := range reasons() {
		c := t.kase.keepPack("why", p, r.label)
		c.ID += "." + r.id
		all = append(all, c)
	}
	t.alone("why", inRows(all, 2), Block{Text: T("talk.why.ask", "channel", t.local(ch.Name))})
}

// refused takes the refusal and goes on: the channel's tier that answers the
// reason, else the next channel that can be reached. Whether the pack can be made
// that way shows when it is made: see Case.PackFailed.
func (t *turn) refused(p *Pack, ch catalog.Channel, why string) {
	c := t.kase
	i := slices.IndexFunc(reasons(), func(r struct {
		id, kept string
		label    Text
	}) bool {
		return r.id == why
	})
	if i < 0 {
		t.unknown()
		return
	}
	p.Fate, p.Reason = FateRefused, reasons()[i].kept
	c.note(t.now, "refused-by-channel", "channel", p.Channel, "reason", p.Reason)
	t.refusal = refusalOf(p, ch)
	next, ok := t.nextChannel(c)
	if tier, made := ch.Next(p.Tier, p.Reason); made {
		lighter := p.Reason == catalog.TooBig || p.Reason == catalog.TooLong
		remake(p, tier, lighter)
		p.Else = next.ID
		c.note(t.now, "planned", "channel", p.Channel, "tier", p.Tier)
		t.effects = append(t.effects, c.wake()...)
		text := T("talk.why.smaller", "channel", t.local(ch.Name))
		if !lighter {
			text = T("talk.why.otherwise", "channel", t.local(ch.Name), "what", t.local(ch.Tiers[tier].Name))
		}
		t.alone("note", nil, Block{Text: text})
		return
	}
	if !ok {
		t.alone("note", nil, Block{Text: T("talk.why.nothing")})
		return
	}
	c.Packs = append(c.Packs, Pack{Channel: next.ID, State: PackPlanned, Fate: FateUnsent})
	c.note(t.now, "planned", "channel", next.ID)
	t.effects = append(t.effects, c.wake()...)
	t.alone("note", nil, Block{Text: T("talk.why.next", "channel", t.local(next.Name))})
}

// nextChannel is the first one without a pack that the person can reach.
func (t *turn) nextChannel(c *Case) (catalog.Channel, bool) {
	for _, ch := range t.channels(c) {
		if c.Pack(ch.ID) == nil && reachable(ch, c.Can) {
			return ch, true
		}
	}
	return catalog.Channel{}, false
}

// timer is a clock of ours that ran out. Whatever it finds, the person's place in
// the conversation stays.
func (t *turn) timer() {
	id, rest, _ := strings.Cut(t.event.Other, ":")
	hand := t.session.Case
	c, ok := t.timed(id)
	if !ok {
		return
	}
	c = cloneCase(c)
	switch t.event.Choice {
	case "followup":
		channel, round, _ := strings.Cut(rest, ":")
		t.followUp(c, channel, round)
	case timerMoments:
		t.offerMoments(c)
	case "expiry":
		if c.Expires.Sub(t.now) <= 2*RemindBefore {
			if told := c.Remind(t.now); len(told) > 0 {
				t.kase, t.changed = c, true
				if !t.session.Blocked {
					t.effects = append(t.effects, told...)
				}
			}
		}
	}
	t.session.Case = hand
}

// timed finds the case of a clock: absent ones are nobody's fault here.
func (t *turn) timed(id string) (*Case, bool) {
	if !caseNumber(id) || slices.Contains(t.session.Gone, id) {
		return nil, false
	}
	if t.kase != nil && t.kase.ID == id {
		return t.kase, true
	}
	for _, c := range t.recent {
		if c.ID == id {
			return c, true
		}
	}
	c, known := t.have.loaded[id]
	if !known {
		t.lacks.load = id
	}
	return c, c != nil && c.Actor == t.event.Actor
}

// followUp asks once what became of a pack: handed in, refused, not yet.
func (t *turn) followUp(c *Case, channel, round string) {
	i := slices.IndexFunc(c.Packs, func(p Pack) bool {
		return p.State == PackDelivered && (channel == "" || p.Channel == channel && (round == "" || strconv.Itoa(p.Round) == round))
	})
	if t.session.Quiet || t.session.Blocked || i < 0 || c.ended() {
		return
	}
	p := &c.Packs[i]
	ch, ok := t.cat.Channel(p.Channel)
	if !ok || p.Fate == FateAnswered || p.Fate == FateRefused || p.Due.IsZero() || t.now.Before(p.Due) {
		return
	}
	p.Asked, p.Due = t.now, time.Time{}
	t.kase, t.changed = c, true
	name := t.local(ch.Name)
	quiet := []Choice{{ID: "quiet", Label: T("talk.follow.stop")}}
	if p.Fate == FateSent {
		t.alone("follow", [][]Choice{
			{c.keepPack("yes", p, T("talk.follow.solved")), c.keepPack("refd", p, T("deliver.button.refused"))},
			quiet, {c.keepPack("wait", p, T("talk.follow.nothing"))},
		}, Block{Text: T("talk.follow.heard", "case", c.ID, "channel", name)})
		return
	}
	t.alone("follow", [][]Choice{
		{c.keepPack("refd", p, T("deliver.button.refused")), c.keepPack("wait", p, T("talk.follow.notyet"))},
		quiet, {c.keepPack("sent", p, T("deliver.button.sent"))},
	}, Block{Text: T("talk.follow.ask", "case", c.ID, "channel", name)})
}
