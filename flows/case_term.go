package flows

import (
	"slices"
	"time"
)

// Term is how long a case is kept, as it was said when it was begun or handed in:
// what the operator changes later holds for later cases.
type Term struct {
	Until     time.Time `json:"until,omitzero"`      // whatever becomes of the case, it is not kept longer
	Delivered int       `json:"delivered,omitempty"` // days after everything was handed out; 0 = no shorter time
	Closed    int       `json:"closed,omitempty"`    // days after it was cancelled or every place answered; 0 = no shorter time
	Phase     termPhase `json:"phase,omitempty"`
	Since     time.Time `json:"since,omitzero"` // from when the shorter time counts; zero = Until holds
}

// termPhase says which of a case's times counts.
type termPhase string

const (
	termRunning   termPhase = ""
	termDelivered termPhase = "delivered"
	termClosed    termPhase = "closed"
)

// term gives a case the times that hold for it from now on.
func (c Config) term(now time.Time, days int) Term {
	t := Term{Until: now.AddDate(0, 0, days)}
	if c.DeliveredDays < c.RetentionDays {
		t.Delivered = c.DeliveredDays
	}
	if c.ClosedDays < c.RetentionDays {
		t.Closed = c.ClosedDays
	}
	return t
}

// age moves the case's end when the case was handed out or closed since it was
// looked at last, or goes on again. A new end is told of anew before it comes. A
// case of the time before this was kept keeps its end.
func (c *Case) age(now time.Time) {
	phase := c.phase()
	if c.Term.Until.IsZero() || phase == c.Term.Phase {
		return
	}
	days := map[termPhase]int{termDelivered: c.Term.Delivered, termClosed: c.Term.Closed}[phase]
	end, since := c.Term.Until, time.Time{}
	if sooner := now.AddDate(0, 0, days); days > 0 && sooner.Before(end) {
		end, since = sooner, now
	}
	if c.Term.Phase = phase; !end.Equal(c.Expires) {
		c.Expires, c.Term.Since, c.Reminded = end, since, time.Time{}
	}
}

func (c *Case) phase() termPhase {
	is := func(states ...PackState) bool {
		return !slices.ContainsFunc(c.Packs, func(p Pack) bool { return !slices.Contains(states, p.State) })
	}
	switch {
	case !c.Cancelled.IsZero():
		return termClosed
	case c.Submitted.IsZero() || is(PackFailed) || !is(PackDelivered, PackFailed):
		return termRunning
	case !slices.ContainsFunc(c.Packs, func(p Pack) bool { return p.Fate != FateAnswered }):
		return termClosed
	}
	return termDelivered
}
