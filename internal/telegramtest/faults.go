package telegramtest

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Faults scripts what goes wrong. A method "" means every method but
// getUpdates, n < 0 means always. Faults are used up in the order they were
// added; one call meets at most one.
type Faults struct {
	s     *Server
	mu    sync.Mutex
	rules []*rule

	slow       int64         // bytes a second, 0 = full speed
	cuts       []int64       // bytes after which the next downloads end
	shorts     []int64       // bytes the next downloads have instead of all
	broken     []int         // status of the next downloads
	hang       time.Duration // wait before downloads
	repeat     int           // times each new update is delivered again
	reorder    int           // updates within one answer that are turned round
	groupBreak int           // item at which the next media group fails, from 1
}

type rule struct {
	when       func(Call) bool
	left       int
	name       string
	refusal    *Refusal
	dropBefore bool
	dropAfter  bool
	lost       *Refusal // answered though the call was carried out
}

func (f *Faults) add(method string, n int, r rule) {
	r.left = n
	if r.when == nil {
		r.when = func(c Call) bool {
			if method == "" {
				return !strings.EqualFold(c.Method, "getUpdates")
			}
			return strings.EqualFold(c.Method, method)
		}
	}
	f.mu.Lock()
	f.rules = append(f.rules, &r)
	f.mu.Unlock()
}

// Reply429 refuses the next n calls of method with retry_after seconds. Until
// they are over, further calls to the same chat are marked Early and refused.
func (f *Faults) Reply429(method string, retryAfter, n int) {
	f.add(method, n, rule{name: "429", refusal: asRefusal(tooMany(retryAfter))})
}

// Reply5xx answers the next n calls with code, without effect.
func (f *Faults) Reply5xx(method string, code, n int) {
	f.add(method, n, rule{name: "5xx", refusal: &Refusal{Code: code, Text: "Internal Server Error: telegramtest fault"}})
}

// DropBefore reads the next n calls and cuts the connection; nothing happens.
func (f *Faults) DropBefore(method string, n int) {
	f.add(method, n, rule{name: "drop before", dropBefore: true})
}

// DropAfter carries out the next n calls and cuts the connection instead of answering.
func (f *Faults) DropAfter(method string, n int) {
	f.add(method, n, rule{name: "drop after", dropAfter: true})
}

// Lose carries out the next n calls and answers with code, as a proxy does that
// lost the server's answer.
func (f *Faults) Lose(method string, code, n int) {
	f.add(method, n, rule{name: "lost", lost: &Refusal{Code: code, Text: http.StatusText(code)}})
}

// What is an action for When.
type What struct {
	Refuse     *Refusal // answered instead
	DropBefore bool
	DropAfter  bool
}

// When lets match decide on the next n calls it is true for. It is called with
// the server locked: it must not call the server.
func (f *Faults) When(match func(Call) bool, n int, what What) {
	f.add("", n, rule{when: match, name: "when", refusal: what.Refuse, dropBefore: what.DropBefore, dropAfter: what.DropAfter})
}

// Clear ends all faults.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules, f.cuts, f.shorts, f.broken = nil, nil, nil, nil
	f.slow, f.hang, f.repeat, f.reorder, f.groupBreak = 0, 0, 0, 0, 0
}

// pick gives the fault for a call and uses it up.
func (f *Faults) pick(c *Call) *rule {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if r.left != 0 && r.when(*c) {
			if r.left > 0 {
				r.left--
			}
			return r
		}
	}
	return nil
}

func (f *Faults) set(change func()) {
	f.mu.Lock()
	change()
	f.mu.Unlock()
}

// SlowDownload sends files at bytesPerSecond; 0 = at full speed.
func (f *Faults) SlowDownload(bytesPerSecond int64) { f.set(func() { f.slow = bytesPerSecond }) }

// CutDownload ends the next downloads after so many bytes each, in order.
func (f *Faults) CutDownload(after ...int64) { f.set(func() { f.cuts = append(f.cuts, after...) }) }

// ShortDownload serves only so many bytes of the next downloads as if they were all.
func (f *Faults) ShortDownload(bytes ...int64) {
	f.set(func() { f.shorts = append(f.shorts, bytes...) })
}

// BreakDownload answers the next downloads with these statuses.
func (f *Faults) BreakDownload(status ...int) {
	f.set(func() { f.broken = append(f.broken, status...) })
}

// HangDownload waits before a download begins.
func (f *Faults) HangDownload(d time.Duration) { f.set(func() { f.hang = d }) }

// DuplicateUpdates delivers each new update times further times, under the same
// update_id, also after it was confirmed; 0 = off.
func (f *Faults) DuplicateUpdates(times int) { f.set(func() { f.repeat = times }) }

// ReorderUpdates turns up to window updates of one answer round; 0 = off.
func (f *Faults) ReorderUpdates(window int) { f.set(func() { f.reorder = window }) }

// BreakGroup lets the next sendMediaGroup fail at this item, counted from 1;
// the items before it stay in the chat.
func (f *Faults) BreakGroup(item int) { f.set(func() { f.groupBreak = item }) }

// Restart is what a restart of the server does to a bot: file paths are other
// ones, old links are gone, waiting polls end without an answer.
func (f *Faults) Restart() {
	f.s.mu.Lock()
	defer f.s.mu.Unlock()
	for path, file := range f.s.paths {
		delete(f.s.paths, path)
		file.path = ""
	}
	if p := f.s.queue.waiting; p != nil {
		p.end(nil, errRestart)
		f.s.queue.waiting = nil
	}
	f.s.wake()
}

func next[T any](list *[]T) (T, bool) {
	var none T
	if len(*list) == 0 {
		return none, false
	}
	first := (*list)[0]
	*list = (*list)[1:]
	return first, true
}
