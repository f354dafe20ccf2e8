package flows

import (
	"slices"
	"strconv"
	"time"
)

// Pack finds a pack by its channel; nil if there is none.
func (c *Case) Pack(channel string) *Pack {
	for i := range c.Packs {
		if c.Packs[i].Channel == channel {
			return &c.Packs[i]
		}
	}
	return nil
}

// ClaimPacks gives the planned packs, and those another worker held, to the
// worker with token: what the other one makes is refused from then on. Whether it
// is still alive is not known here; who claims makes sure that it is not. It
// returns false if there is nothing to do now: no such pack, or exhibits still on
// their way. An error of class Conflict says that the case is over.
func (c *Case) ClaimPacks(token string) (bool, error) {
	if c.ended() || c.Submitted.IsZero() {
		return false, conflict("case %s takes no work", c.ID)
	}
	if c.Pending() {
		return false, nil
	}
	claimed := false
	for i := range c.Packs {
		p := &c.Packs[i]
		switch {
		case p.State == PackRendering && p.Attempt == token:
			claimed = true
		case p.State == PackPlanned || p.State == PackRendering:
			p.State, p.Attempt, claimed = PackRendering, token, true
			p.Tries++
		}
	}
	return claimed, nil
}

// ReleasePacks puts the packs a worker gives back (the program stops) where they
// were before it claimed them; the try is not counted.
func (c *Case) ReleasePacks(token string) []Effect {
	released := false
	for i := range c.Packs {
		if p := &c.Packs[i]; p.State == PackRendering && p.Attempt == token {
			p.State, p.Attempt, released = PackPlanned, "", true
			p.Tries = max(0, p.Tries-1)
		}
	}
	if !released {
		return nil
	}
	return c.wake()
}

// PackPart publishes what is made so far, so that it is handed out while the
// rest is being made. Pieces are all of the pack in the order of handing in, those
// still to be made without a Blob. What was published once stays: an attempt that
// has other pieces than the one before it begins a new round. An error of class
// Conflict means that the attempt is no longer the one that counts.
func (c *Case) PackPart(token string, pack Pack) ([]Effect, error) {
	p, err := c.claimed(token, pack.Channel)
	if err != nil {
		return nil, err
	}
	p.publish(pack)
	if !p.Parted {
		p.Parted, p.Told = true, len(p.Warnings)
	}
	return c.handOut(p), nil
}

// PackReady publishes what the worker with token made: Pieces, Subject, Words
// and Warnings of pack are taken. An error of class Conflict means that the
// attempt is no longer the one that counts; its files are to be dropped.
func (c *Case) PackReady(token string, pack Pack, now time.Time) ([]Effect, error) {
	p, err := c.claimed(token, pack.Channel)
	if err != nil {
		return nil, err
	}
	p.publish(pack)
	if c.Early != nil && c.Early.Pack.Channel == p.Channel {
		c.dropEarly("")
	}
	return append(c.ready(p, now), c.more(token)...), nil
}

// publish takes over what an attempt made of the pack.
func (p *Pack) publish(pack Pack) {
	if p.Parted && p.lacks(pack.Pieces) {
		p.Round++
		p.Parted, p.Handed, p.Told, p.Reworded = false, 0, 0, false
	}
	p.Reworded = p.Parted && (p.Reworded || p.Words != pack.Words)
	p.Pieces, p.Subject, p.Words, p.Warnings, p.Moments, p.Begun = pack.Pieces, pack.Subject, pack.Words, pack.Warnings, pack.Moments, pack.Begun
}

// lacks says whether a published piece is not among pieces.
func (p *Pack) lacks(pieces []Piece) bool {
	return slices.ContainsFunc(p.Pieces, func(old Piece) bool {
		return old.Blob != "" && !slices.ContainsFunc(pieces, func(x Piece) bool { return x.Blob == old.Blob && x.Name == old.Name })
	})
}

func (c *Case) ready(p *Pack, now time.Time) []Effect {
	p.State, p.Attempt, p.Ready, p.Error = PackReady, "", now, nil
	if c.Summary == "" && !p.only() && !slices.ContainsFunc(c.Packs, func(x Pack) bool { return !x.Delivered.IsZero() }) {
		c.Summary = p.handing()
	}
	c.note(now, "ready", "channel", p.Channel, "round", p.Round, "pieces", len(p.Pieces))
	return append(c.handOut(p), c.sealed()...)
}

// handing names one handing out of a pack in its case.
func (p *Pack) handing() string { return p.Channel + ":" + strconv.Itoa(p.Round) }

// only says whether a round has nothing but files: exact copies, or pieces made on
// request beside those that were given before.
func (p *Pack) only() bool { return p.Exact || p.Extra && len(p.Given) > 0 }

// sumsUp says whether the case summary comes with this round of a pack. A case
// that knows of none yet is of the time when the first pack planned had it.
func (c *Case) sumsUp(p *Pack) bool {
	if c.Summary != "" {
		return c.Summary == p.handing()
	}
	return len(c.Packs) > 0 && c.Packs[0].Channel == p.Channel && p.Round == 0
}

// Made counts the pieces that exist.
func (p *Pack) Made() int {
	n := 0
	for i := range p.Pieces {
		if p.Pieces[i].Blob != "" {
			n++
		}
	}
	return n
}

// Waits says whether something of the pack waits to be handed out: all of it, or
// a part while the rest is still being made.
func (p *Pack) Waits() bool {
	switch p.State {
	case PackReady, PackDelivering:
		return true
	case PackPlanned, PackRendering:
		return p.Parted && p.Made() > p.Handed
	}
	return false
}

// whole says whether the pack is made to its end.
func (p *Pack) whole() bool {
	return p.State == PackReady || p.State == PackDelivering || p.State == PackDelivered
}

// PackFailed records that a pack could not be made and says why; the other packs
// go on. A pack of which parts are out already ends with those, and says what is
// missing.
func (c *Case) PackFailed(token, channel string, problem Problem, now time.Time) ([]Effect, error) {
	p, err := c.claimed(token, channel)
	if err != nil {
		return nil, err
	}
	if p.Parted && p.Made() > 0 {
		p.cutShort(problem)
		c.note(now, "cut-short", "channel", channel, "class", string(problem.Class), "incident", problem.Incident)
		return append(c.ready(p, now), c.more(token)...), nil
	}
	p.State, p.Attempt, p.Error = PackFailed, "", &problem
	c.note(now, "failed", "channel", channel, "class", string(problem.Class), "incident", problem.Incident)
	blocks := []Block{{Text: T("talk.failed.line", "case", c.ID, "why", problem.Text)}}
	if problem.Class == UserMedia && (len(p.Over) > 0 || p.Else != "") {
		blocks = []Block{{Text: c.insteadOf(p, now)}}
	}
	if problem.Incident != "" {
		blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.incident", "number", problem.Incident)})
	}
	c.age(now)
	told := c.show("", time.Time{}, blocks...)
	told.Screen.Rows = [][]Choice{{c.keep("more", T("deliver.button.more"))}}
	return slices.Concat([]Effect{told}, c.more(token), c.sealed()), nil
}

// insteadOf goes on with the channel after one whose pack cannot be made smaller,
// and says so.
func (c *Case) insteadOf(p *Pack, now time.Time) Text {
	next, lighter := p.Else, len(p.Over) > 0
	if next == "" || c.Pack(next) != nil {
		if !lighter {
			return T("talk.why.nothing")
		}
		return T("talk.why.smallest", "case", c.ID)
	}
	c.Packs = append(c.Packs, Pack{Channel: next, State: PackPlanned, Fate: FateUnsent})
	c.note(now, "planned", "channel", next)
	if !lighter {
		return T("talk.why.instead.kind", "case", c.ID)
	}
	return T("talk.why.instead", "case", c.ID)
}

// cutShort leaves the pack with the pieces that exist.
func (p *Pack) cutShort(problem Problem) {
	var made []Piece
	var missing []int
	for _, piece := range p.Pieces {
		if piece.Blob != "" {
			made = append(made, piece)
		} else {
			missing = append(missing, piece.Number)
		}
	}
	p.Pieces = made
	p.Warnings = append(p.Warnings, T("deliver.short", "numbers", Numbers(missing), "why", problem.Text))
	if problem.Incident != "" {
		p.Warnings = append(p.Warnings, T("talk.incident", "number", problem.Incident))
	}
}

// Numbers is a list of numbers for an argument of words.
func Numbers(numbers []int) []Text {
	all := make([]Text, 0, len(numbers))
	for _, n := range numbers {
		all = append(all, Text{Plain: strconv.Itoa(n)})
	}
	return all
}

// more wakes the work again when the attempt is through and packs were planned
// in the meantime.
func (c *Case) more(token string) []Effect {
	for _, p := range c.Packs {
		if p.State == PackRendering && p.Attempt == token {
			return nil
		}
	}
	return c.wake()
}

func (c *Case) claimed(token, channel string) (*Pack, error) {
	p := c.Pack(channel)
	if p == nil || token == "" || p.State != PackRendering || p.Attempt != token || c.ended() {
		return nil, conflict("case %s: the attempt does not hold %s", c.ID, channel)
	}
	return p, nil
}

// handOut asks for the delivery of what the pack has by now, unless the person
// has blocked us: Resume does it when they come back.
func (c *Case) handOut(p *Pack) []Effect {
	if p.Stopped || !p.Waits() {
		return nil
	}
	return []Effect{c.delivery(p)}
}

func (c *Case) delivery(p *Pack) Effect {
	return Effect{Kind: EffectDeliver, Actor: c.Actor, Chat: c.Chat, Case: c.ID, Channel: p.Channel, Round: p.Round, Urgent: c.Urgent}
}
