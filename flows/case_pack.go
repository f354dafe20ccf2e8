package flows

import "time"

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

// PackReady publishes what the worker with token made: Pieces, Subject, Words
// and Warnings of pack are taken. An error of class Conflict means that the
// attempt is no longer the one that counts; its files are to be dropped.
func (c *Case) PackReady(token string, pack Pack, now time.Time) ([]Effect, error) {
	p, err := c.claimed(token, pack.Channel)
	if err != nil {
		return nil, err
	}
	p.State, p.Attempt, p.Ready, p.Error = PackReady, "", now, nil
	p.Pieces, p.Subject, p.Words, p.Warnings = pack.Pieces, pack.Subject, pack.Words, pack.Warnings
	c.note(now, "ready", "channel", p.Channel, "round", p.Round, "pieces", len(p.Pieces))
	return append([]Effect{c.delivery(p)}, c.more(token)...), nil
}

// PackFailed records that a pack could not be made and says why; the other packs
// go on.
func (c *Case) PackFailed(token, channel string, problem Problem, now time.Time) ([]Effect, error) {
	p, err := c.claimed(token, channel)
	if err != nil {
		return nil, err
	}
	p.State, p.Attempt, p.Error = PackFailed, "", &problem
	c.note(now, "failed", "channel", channel, "class", string(problem.Class), "incident", problem.Incident)
	blocks := []Block{{Text: T("talk.failed.line", "case", c.ID, "why", problem.Text)}}
	if problem.Incident != "" {
		blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.incident", "number", problem.Incident)})
	}
	told := c.show("", time.Time{}, blocks...)
	told.Screen.Rows = [][]Choice{{c.keep("more", T("deliver.button.more"))}}
	return append([]Effect{told}, c.more(token)...), nil
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

func (c *Case) delivery(p *Pack) Effect {
	return Effect{Kind: EffectDeliver, Actor: c.Actor, Chat: c.Chat, Case: c.ID, Channel: p.Channel, Round: p.Round, Urgent: c.Urgent}
}
