package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"clipcase/flows"
)

const (
	relayLease = 3 * time.Second // a relay that died is replaced after
	relayWait  = time.Second     // one wait for the outbox, well under the lease
	relayMost  = 64
	relayGives = 30 // tries of one effect before it is put aside as broken
)

// relay turns committed effects into tasks and events. Effects are handed on
// first and dropped after, so a crash in between hands one on twice: every
// receiver bears that.
type relay struct {
	outbox Outbox
	cases  Cases
	talk   Talk
	queue  *queue
	forget *forget
	stamps *stamps
	leases leases
	token  string
	clock  func() time.Time
	first  time.Duration
	log    *slog.Logger
	tries  map[string]failing
}

// failing is an effect that could not be handed on, and when it is tried again.
type failing struct {
	n    int
	next time.Time
}

// run works until ctx ends. Only one relay of all processes works at a time.
func (r *relay) run(ctx context.Context) {
	defer func() {
		done, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		if err := r.leases.drop(done, "relay", r.token); err != nil {
			r.log.Debug("relay lease runs out by itself", "err", err)
		}
	}()
	for ctx.Err() == nil {
		rest, err := r.turn(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.Warn("relay waits", "err", err)
		}
		if rest || err != nil {
			pause(ctx, 200*time.Millisecond)
		}
	}
}

// turn hands on one batch. It says whether the next turn should be put off: it
// would find the same, without the outbox making it wait.
func (r *relay) turn(ctx context.Context) (rest bool, err error) {
	mine, err := r.leases.try(ctx, "relay", r.token, relayLease)
	if err != nil || !mine {
		return true, err
	}
	effects, err := r.outbox.Pull(ctx, relayMost, relayWait)
	if err != nil {
		return true, fmt.Errorf("pull: %w", err)
	}
	rest = len(effects) > 0
	for _, e := range effects {
		if r.clock().Before(r.tries[e.ID].next) {
			continue
		}
		if err := r.hand(ctx, e); err != nil {
			if ctx.Err() != nil {
				return rest, ctx.Err()
			}
			if !r.putAside(e, err) {
				continue
			}
		}
		delete(r.tries, e.ID)
		if err := r.outbox.Drop(ctx, e.ID); err != nil {
			return rest, fmt.Errorf("drop: %w", err)
		}
		rest = false
		if _, err := r.leases.try(ctx, "relay", r.token, relayLease); err != nil {
			return rest, err
		}
	}
	return rest, nil
}

// putAside counts a failed hand-on and says whether the effect is given up: an
// effect that can never be handed on must not stand before all others for ever.
func (r *relay) putAside(e flows.Effect, err error) bool {
	f := r.tries[e.ID]
	f.n++
	f.next = r.clock().Add(grow(r.first/4, f.n, 30*time.Second))
	r.tries[e.ID] = f
	log := r.log.With("effect", e.Kind, "case", e.Case, "try", f.n, "err", err)
	if f.n >= relayGives && flows.ClassOf(err) != flows.Unavailable {
		log.Error("effect given up")
		return true
	}
	log.Warn("effect not handed on yet")
	return false
}

func (r *relay) hand(ctx context.Context, e flows.Effect) error {
	switch e.Kind {
	case flows.EffectIngest:
		return r.queue.add(ctx, ingestTask(e.Case, e.Exhibit))
	case flows.EffectDeliver:
		return r.deliver(ctx, e)
	case flows.EffectProcess:
		return r.process(ctx, e)
	case flows.EffectEarly:
		return r.early(ctx, e)
	case flows.EffectPost:
		return r.queue.add(ctx, mailTask(e.Case, e.Round))
	case flows.EffectCancel:
		return nil // workers watch the case; waiting tasks find nothing to do
	case flows.EffectStamp:
		return r.stamps.ask(ctx, e.Case)
	case flows.EffectForget:
		return r.forget.ask(ctx, e.Case)
	case flows.EffectTimer:
		return r.timer(ctx, e)
	}
	return fmt.Errorf("effect %s is no job", e.Kind)
}

func (r *relay) process(ctx context.Context, e flows.Effect) error {
	c, err := r.cases.Case(ctx, e.Case)
	switch {
	case absent(err):
		return nil // deleted in the meantime
	case err != nil:
		return fmt.Errorf("read case: %w", err)
	}
	t, needed := processTask(c, e.Urgent || c.Urgent)
	if !needed {
		return nil
	}
	return r.queue.add(ctx, t)
}

func (r *relay) early(ctx context.Context, e flows.Effect) error {
	c, err := r.cases.Case(ctx, e.Case)
	switch {
	case absent(err):
		return nil // deleted in the meantime
	case err != nil:
		return fmt.Errorf("read case: %w", err)
	}
	t, needed := earlyTask(c)
	if !needed {
		return nil // handed in, or changed again since
	}
	return r.queue.add(ctx, t)
}

func (r *relay) deliver(ctx context.Context, e flows.Effect) error {
	c, err := r.cases.Case(ctx, e.Case)
	switch {
	case absent(err):
		return nil // deleted in the meantime
	case err != nil:
		return fmt.Errorf("read case: %w", err)
	}
	p := c.Pack(e.Channel)
	if p == nil || p.Round != e.Round || !p.Waits() {
		return nil // handed out already, or wanted otherwise since
	}
	return r.queue.add(ctx, deliverTask(c.ID, p))
}

func (r *relay) timer(ctx context.Context, e flows.Effect) error {
	_, err := r.talk.Handle(ctx, timerEvent(e, r.clock()))
	if err != nil {
		return fmt.Errorf("timer %s: %w", e.Timer, err)
	}
	return nil
}

// absent says whether err means that the case is gone.
func absent(err error) bool { return err != nil && flows.ClassOf(err) == flows.NotFound }

// conflicting says whether the case refused a change, which is an answer, not a failure.
func conflicting(err error) bool { return err != nil && flows.ClassOf(err) == flows.Conflict }

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// stopped says whether an error is only the end of the program or the task.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, context.Canceled)
}
