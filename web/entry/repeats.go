package entry

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"sync"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

const (
	repeatsKept = 30 * time.Second
	repeatsMost = 4096
	doWithin    = 15 * time.Second
)

// repeats lets a form that is sent twice be one: a second tap makes the browser
// forget the answer to the first, which has already used the code up. The second
// is given the first one's answer, for as long as a finger is impatient.
type repeats struct {
	clock func() time.Time
	mu    sync.Mutex
	made  map[[32]byte]*deed
}

type deed struct {
	done chan struct{}
	at   time.Time
	outcome
}

// outcome is what came of a form.
type outcome struct {
	cookie  string // of the session that was opened; "" = none
	session pass.Session
	to      string // where to go on
	code    string // new return code
	err     error
}

func newRepeats(clock func() time.Time) *repeats {
	return &repeats{clock: clock, made: map[[32]byte]*deed{}}
}

// once does something at most once for the same key. What failed may be tried
// again. do goes on when the browser has left.
func (p *repeats) once(ctx context.Context, key []string, do func(context.Context) outcome) outcome {
	d, mine := p.take(sha256.Sum256([]byte(strings.Join(key, "\x00"))))
	if !mine {
		select {
		case <-d.done:
			return d.outcome
		case <-ctx.Done():
			return outcome{err: &flows.Error{Class: flows.Unavailable, Text: flows.T("talk.busy"), Err: ctx.Err()}}
		}
	}
	d.err = errors.New("entry: form was not handled to its end")
	defer close(d.done)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), doWithin)
	defer cancel()
	d.outcome = do(ctx)
	return d.outcome
}

// take finds the deed of a key or begins it.
func (p *repeats) take(key [32]byte) (d *deed, mine bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	for k, old := range p.made {
		if over(old, now) {
			delete(p.made, k)
		}
	}
	if d, ok := p.made[key]; ok {
		return d, false
	}
	d = &deed{done: make(chan struct{}), at: now}
	if len(p.made) < repeatsMost {
		p.made[key] = d
	}
	return d, true
}

// over says whether nobody may be given a deed's outcome any more: it is old, or
// it failed.
func over(d *deed, now time.Time) bool {
	select {
	case <-d.done:
		return d.err != nil || now.Sub(d.at) > repeatsKept
	default:
		return false
	}
}
