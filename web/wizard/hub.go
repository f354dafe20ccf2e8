package wizard

import (
	"context"
	"fmt"
	"sync"
	"time"

	"clipcase/flows"
)

// hub hands the progress of work out to whoever looks at it.
type hub struct {
	clock func() time.Time

	mu       sync.Mutex
	known    map[string]heard
	watchers map[string]map[chan struct{}]bool
	closed   chan struct{}
	once     sync.Once
}

// heard is the last word about a case.
type heard struct {
	work flows.WorkProgress
	at   time.Time
}

// forgetAfter is how long the last word about a case is kept.
const forgetAfter = time.Hour

func newHub(clock func() time.Time) *hub {
	return &hub{clock: clock, known: map[string]heard{}, watchers: map[string]map[chan struct{}]bool{}, closed: make(chan struct{})}
}

func hubKey(chat, id string) string { return chat + " " + id }

// put takes a report and wakes those who look; it never waits.
func (h *hub) put(chat string, p flows.WorkProgress) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now, key := h.clock(), hubKey(chat, p.Case)
	for k, x := range h.known {
		if now.Sub(x.at) > forgetAfter {
			delete(h.known, k)
		}
	}
	h.known[key] = heard{p, now}
	for c := range h.watchers[key] {
		select {
		case c <- struct{}{}:
		default: // awake already
		}
	}
}

func (h *hub) last(chat, id string) (flows.WorkProgress, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	x, ok := h.known[hubKey(chat, id)]
	return x.work, ok
}

// watch gives a channel that is woken by reports about a case, until leave.
func (h *hub) watch(chat, id string) (wake <-chan struct{}, leave func()) {
	c, key := make(chan struct{}, 1), hubKey(chat, id)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.watchers[key] == nil {
		h.watchers[key] = map[chan struct{}]bool{}
	}
	h.watchers[key][c] = true
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers[key], c)
		if len(h.watchers[key]) == 0 {
			delete(h.watchers, key)
		}
	}
}

func (h *hub) close() { h.once.Do(func() { close(h.closed) }) }

// retryAfter is the pause before progress is watched again after a failure.
const retryAfter = 2 * time.Second

// Run watches progress for all pages of the process until ctx ends; then pages
// that are being kept up to date are ended too. It is called once.
func (z *Wizard) Run(ctx context.Context) error {
	defer z.hub.close()
	for {
		err := z.watch.Watch(ctx, z.hub.put)
		if ctx.Err() != nil {
			return nil
		}
		z.cfg.Log.Warn("progress is not heard, trying again", "err", fmt.Sprint(err))
		timer := time.NewTimer(retryAfter)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}
