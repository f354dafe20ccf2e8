package wizard

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/web/entry"
)

// update is one event of the stream.
type update struct {
	Case    string `json:"case"`
	Text    string `json:"text"`
	Percent int    `json:"percent"`        // 0..100; -1 = not known
	URL     string `json:"url,omitempty"`  // of the case page, once there is something to see
	Made    int    `json:"made"`           // files that are there to be handed in
	Done    bool   `json:"done,omitempty"` // nothing more comes
}

// perPerson is how many streams one person may begin in a minute, longest how
// long one lasts: browsers begin another by themselves.
const (
	perPerson = 30
	longest   = 10 * time.Minute
	// soon is how often a case is looked at when all of it is made: that it is handed
	// out is told by nobody
	soon = time.Second
)

// progress tells how the work on a case goes as server-sent events: the last word
// at once, then every word as it comes, until the work is over. ?case= names one
// of the person's own cases; else the one in hand is meant.
func (z *Wizard) progress(w http.ResponseWriter, r *http.Request, v entry.Visitor) {
	if !z.visitors.Limit(w, r, "progress", perPerson, time.Minute) {
		return
	}
	c, err := z.own(r.Context(), v, r.URL.Query().Get("case"))
	if err != nil {
		z.visitors.Trouble(w, r, err)
		return
	}
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		z.visitors.Trouble(w, r, fmt.Errorf("write deadline: %w", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would keep events back
	if r.Method == http.MethodHead {
		return // nothing of a stream would be seen
	}
	wake, leave := z.hub.watch(c.Chat, c.ID)
	defer leave()
	ticker := time.NewTicker(z.cfg.Heartbeat)
	defer ticker.Stop()
	ctx, cancel := context.WithTimeout(r.Context(), longest)
	defer cancel()
	var last update
	for first := true; ; first = false {
		now := z.update(ctx, v, c)
		if first || now != last {
			if send(w, now) != nil {
				return
			}
		} else if _, err := w.Write([]byte(": still here\n\n")); err != nil {
			return
		}
		if control.Flush() != nil || now.Done {
			return
		}
		last = now
		if !busy(c) {
			ticker.Reset(min(soon, z.cfg.Heartbeat))
		}
		if c = z.wait(ctx, v, c, wake, ticker.C); c == nil {
			return
		}
	}
}

// wait returns the case when there may be news of it; nil when the stream ends.
func (z *Wizard) wait(ctx context.Context, v entry.Visitor, c *flows.Case, wake <-chan struct{}, tick <-chan time.Time) *flows.Case {
	select {
	case <-ctx.Done():
		return nil
	case <-z.hub.closed:
		return nil
	case <-wake:
		if p, _ := z.hub.last(c.Chat, c.ID); !p.Done {
			return c
		}
	case <-tick:
	}
	in, err := z.visitors.Still(ctx, v)
	if err == nil && !in {
		return nil // logged out, or banned
	}
	fresh := c
	if err == nil {
		fresh, err = z.own(ctx, v, c.ID)
	}
	switch {
	case err == nil:
		return fresh
	case flows.ClassOf(err) == flows.NotFound:
		return nil
	}
	z.cfg.Log.Warn("case whose progress is shown cannot be read", "case", c.ID, "err", err)
	return c
}

func (z *Wizard) update(ctx context.Context, v entry.Visitor, c *flows.Case) update {
	u := update{Case: c.ID, Text: z.word(v.Lang, "progress.over"), Percent: 100, Made: entry.Made(c), Done: !entry.Moving(c)}
	if !u.Done {
		p := z.progressOf(v.Lang, c)
		u.Text, u.Percent = p.Words, p.Percent
		if !p.Known {
			u.Percent = -1
		}
	}
	if !begun(c) && !slices.ContainsFunc(c.Packs, func(p flows.Pack) bool { return out(&p) }) {
		return u
	}
	token, err := z.doors.CaseToken(ctx, c.ID)
	if err != nil {
		z.cfg.Log.Warn("case page has no address", "case", c.ID, "err", err)
		return u
	}
	u.URL = "/case/" + token
	return u
}

// send writes one event.
func send(w http.ResponseWriter, u update) error {
	body, err := json.Marshal(u)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", body)
	return err
}

// own is one of the person's own cases, "" the one in hand; the error is the same for a foreign one
// and one that does not exist.
func (z *Wizard) own(ctx context.Context, v entry.Visitor, id string) (*flows.Case, error) {
	state, err := z.people.Load(ctx, v.Session.Actor, z.cfg.Clock())
	if err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if state.Person.Banned {
		return nil, &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
	}
	if c := state.Case; c != nil && (c.ID == id || id == "") && c.Actor == v.Session.Actor {
		return c, nil
	}
	for _, c := range state.Recent {
		if c != nil && c.ID == id && c.Actor == v.Session.Actor {
			return c, nil
		}
	}
	return nil, &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
}
