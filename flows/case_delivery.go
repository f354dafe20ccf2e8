package flows

import "time"

// FollowUpAfter is how long after a delivery the one question comes.
const FollowUpAfter = 48 * time.Hour

// RemindBefore is how long before the end of the retention the person is reminded.
const RemindBefore = 72 * time.Hour

// DeliveryBegun marks a ready pack as on its way; of one that is still being made
// it only notes that the person lets us write to them. It may be repeated. An
// error of class Conflict says that this round is no longer wanted, or that
// nothing of it waits.
func (c *Case) DeliveryBegun(channel string, round int, now time.Time) ([]Effect, error) {
	p, err := c.round(channel, round)
	if err != nil {
		return nil, err
	}
	switch p.State {
	case PackReady, PackDelivering:
		p.State, p.Stopped = PackDelivering, false
		return nil, nil
	case PackDelivered:
		return nil, nil
	}
	if p.Waits() {
		p.Stopped = false
		return nil, nil
	}
	return nil, conflict("pack %s of case %s is %s", channel, c.ID, p.State)
}

// PartDelivered notes that pieces of a pack were handed out which was still being
// made when that began; it may be repeated.
func (c *Case) PartDelivered(channel string, round, pieces int) ([]Effect, error) {
	p, err := c.round(channel, round)
	if err != nil {
		return nil, err
	}
	p.Handed = max(p.Handed, pieces)
	return nil, nil
}

// Delivered marks a pack as handed out and sets the clock of the follow-up
// question; it may be repeated.
func (c *Case) Delivered(channel string, round int, now time.Time) ([]Effect, error) {
	p, err := c.round(channel, round)
	if err != nil {
		return nil, err
	}
	switch p.State {
	case PackDelivered:
		return nil, nil
	case PackReady, PackDelivering:
	default:
		return nil, conflict("pack %s of case %s is %s", channel, c.ID, p.State)
	}
	p.State, p.Delivered, p.Stopped = PackDelivered, now, false
	c.note(now, "delivered", "channel", channel, "round", round)
	c.age(now)
	if p.Fate != FateUnsent {
		return nil, nil
	}
	return []Effect{c.followAt(p, now.Add(FollowUpAfter))}, nil
}

// followAt sets the clock of the next question about a pack; an earlier clock
// that is still running finds that it is not due.
func (c *Case) followAt(p *Pack, at time.Time) Effect {
	p.Due = at
	return c.timer("followup", p, at)
}

// DeliveryStopped records that the person does not let us write to them: the
// pack waits until they come back.
func (c *Case) DeliveryStopped(channel string, round int, now time.Time) error {
	p, err := c.round(channel, round)
	if err != nil {
		return err
	}
	switch p.State {
	case PackReady, PackDelivering:
		p.State = PackReady
	case PackPlanned, PackRendering: // its making goes on
	default:
		return conflict("pack %s of case %s is %s", channel, c.ID, p.State)
	}
	p.Stopped = true
	c.note(now, "stopped", "channel", channel)
	return nil
}

// Resume hands out what was stopped while the person had blocked us.
func (c *Case) Resume() []Effect {
	var effects []Effect
	for i := range c.Packs {
		if p := &c.Packs[i]; p.Stopped && !c.ended() {
			p.Stopped = false
			effects = append(effects, c.handOut(p)...)
		}
	}
	return effects
}

// Cancel ends the work on a case; the files stay until they are deleted.
func (c *Case) Cancel(now time.Time) []Effect {
	if !c.Cancelled.IsZero() {
		return nil
	}
	c.Cancelled = now
	c.note(now, "cancelled")
	c.age(now)
	return []Effect{{Kind: EffectCancel, Actor: c.Actor, Chat: c.Chat, Case: c.ID}}
}

// Remind tells once that the files will be deleted soon.
func (c *Case) Remind(now time.Time) []Effect {
	if !c.Reminded.IsZero() || c.Quarantined || c.Expires.IsZero() || !now.Before(c.Expires) || now.Before(c.remindAt()) {
		return nil
	}
	c.Reminded = now
	told := c.show("", time.Time{}, Block{Text: T("talk.expiry.soon", "case", c.ID, "date", FormatDay(c.Expires))})
	return []Effect{told}
}

// remindAt is when the person is told of the end: RemindBefore before it, of what is
// kept for a short time only when two thirds of that are over.
func (c *Case) remindAt() time.Time {
	since := c.Created
	if !c.Submitted.IsZero() {
		since = c.Submitted
	}
	if !c.Term.Since.IsZero() {
		since = c.Term.Since
	}
	return c.Expires.Add(-min(RemindBefore, c.Expires.Sub(since)/3))
}

// Expire says that the case's time is over and asks for it to be deleted.
func (c *Case) Expire(now time.Time) []Effect {
	if c.Expires.IsZero() || now.Before(c.Expires) {
		return nil
	}
	effects := []Effect{{Kind: EffectForget, Actor: c.Actor, Chat: c.Chat, Case: c.ID}}
	if c.Cancelled.IsZero() {
		c.Cancelled = c.Expires
	}
	if c.Quarantined {
		return effects
	}
	told := c.show("", time.Time{}, Block{Text: T("talk.expiry.gone", "case", c.ID)})
	told.Case = "" // it outlives the case
	return append([]Effect{told}, effects...)
}

func (c *Case) timer(name string, p *Pack, at time.Time) Effect {
	e := Effect{Kind: EffectTimer, Timer: name, Actor: c.Actor, Chat: c.Chat, Case: c.ID, After: at}
	if p != nil {
		e.Channel, e.Round = p.Channel, p.Round
	}
	return e
}

func (c *Case) round(channel string, round int) (*Pack, error) {
	p := c.Pack(channel)
	if p == nil || p.Round != round || c.ended() {
		return nil, conflict("case %s does not hand out round %d of %s", c.ID, round, channel)
	}
	return p, nil
}
