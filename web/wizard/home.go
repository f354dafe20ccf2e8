package wizard

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"clipcase/flows"
	"clipcase/web/entry"
)

// perMinute is how many pages one person may look at, and how many forms they may
// send, in a minute; thumbsPerMinute the same for small pictures.
const (
	perMinute       = 240
	thumbsPerMinute = 1200
)

// home shows the step in hand.
func (z *Wizard) home(w http.ResponseWriter, r *http.Request, v entry.Visitor) {
	query := r.URL.Query()
	live := query.Has("live") // a look by the page itself: nothing is made for it
	what := "wizard"
	if live {
		what = "look"
	}
	if !z.visitors.Limit(w, r, what, perMinute, time.Minute) {
		return
	}
	state, bare, err := z.stand(r.Context(), v)
	if err == nil && state.Person.Banned {
		z.visitors.Absent(w, r) // their sessions end with the ban; this one is about to
		return
	}
	if err != nil {
		z.visitors.Trouble(w, r, err)
		return
	}
	if bare != nil {
		z.write(w, http.StatusOK, v, "step", z.bare(v, *bare))
		return
	}
	p, err := z.sheet(r.Context(), v, state, look{begun: query.Has("begin"), live: live})
	if err != nil {
		z.visitors.Trouble(w, r, err)
		return
	}
	z.write(w, http.StatusOK, v, "step", p)
}

// stand is where a person stands, with a screen to show: the first one for who
// has none, anew where it no longer fits. bare is a screen that stands alone.
func (z *Wizard) stand(ctx context.Context, v entry.Visitor) (state flows.State, bare *flows.Screen, err error) {
	for range 3 {
		if state, err = z.people.Load(ctx, v.Session.Actor, z.cfg.Clock()); err != nil {
			return state, nil, fmt.Errorf("load: %w", err)
		}
		if state.Person.Banned {
			return state, nil, nil
		}
		again, id := z.outdated(state, v)
		if again == nil {
			return state, nil, nil
		}
		event := z.event(v, state, id)
		event.Kind, event.Command, event.Text, event.Choice, event.Token = again.Kind, again.Command, again.Text, again.Choice, again.Token
		screen, err := z.talk.Handle(ctx, event)
		if err != nil {
			return state, nil, fmt.Errorf("show the step: %w", err)
		}
		if screen.Token == tokenKeep {
			return state, &screen, nil
		}
	}
	return state, nil, nil // whatever is there: the next look tries again
}

// outdated is what to ask for when the screen shown last will not do; nil if it
// will. id tells the event apart from those of other moments.
func (z *Wizard) outdated(state flows.State, v entry.Visitor) (*flows.Event, string) {
	s, last := state.Session, state.Session.Last
	at := strconv.FormatInt(s.Revision, 10)
	needsCase := []string{"key", "statement", "question", "review", "channel", "files", "slot"}
	switch {
	case last.Step == "" || len(last.Blocks) == 0:
		return &flows.Event{Kind: flows.EventCommand, Command: "start"}, "start." + at
	case last.Lang != v.Lang:
		return &flows.Event{Kind: flows.EventCommand, Command: "lang", Text: v.Lang}, "lang." + at
	case state.Case == nil && slices.Contains(needsCase, last.Step), last.Step != "rest" && s.Step != last.Step:
		return &flows.Event{Kind: flows.EventChoice, Choice: "go.on", Token: tokenKeep}, "on." + at
	case state.Case != nil && slices.Contains([]string{"review", "files", "channel"}, last.Step) && changedSince(state.Case, s.Updated):
		return &flows.Event{Kind: flows.EventChoice, Choice: "go.on", Token: tokenKeep}, "case." + state.Case.ID + "." + strconv.FormatInt(state.Case.Revision, 10)
	}
	return nil, ""
}

// changedSince says whether work changed a case after its owner's last step.
func changedSince(c *flows.Case, at time.Time) bool {
	return len(c.History) > 0 && c.History[len(c.History)-1].At.After(at)
}

// event is the beginning of an event of a page; id is unique for the session.
func (z *Wizard) event(v entry.Visitor, state flows.State, id string) flows.Event {
	return v.Event(chatOf(state, v), id, z.cfg.Clock())
}

// look says how a page is looked at.
type look struct {
	begun bool              // past the first screen
	live  bool              // only to see what changed
	wrong string            // what is wrong with what was filled in
	typed map[string]string // what was filled in, to be shown again
}
