package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"clipcase/flows"
)

// Why the context of work ended before the work.
var (
	errStopping = errors.New("the program stops")
	errOver     = errors.New("the case is over")
)

// worker wraps every kind of work alike: it holds the leases, watches the case,
// catches panics, counts, and turns errors into what the queue understands.
type worker struct {
	cfg      Config
	cases    Cases
	leases   leases
	meter    Meter
	stopping context.Context //nolint:containedctx // ends all work of this process
	wg       *sync.WaitGroup
	log      *slog.Logger
}

// work does one task. token names the attempt.
type work func(ctx context.Context, t task, token string) error

// handler makes do a handler of kind. others names what must not go on at the
// same time besides the task's own subject.
func (w *worker) handler(kind string, do work, others func(*flows.Case) []string) asynq.HandlerFunc {
	return func(ctx context.Context, job *asynq.Task) error {
		w.wg.Add(1)
		defer w.wg.Done()
		var t task
		if err := json.Unmarshal(job.Payload(), &t); err != nil {
			return fmt.Errorf("%w: unreadable task: %w", asynq.SkipRetry, err)
		}
		t.Kind = kind
		begun := time.Now()
		err := w.run(ctx, t, do, others)
		w.meter.Spent(kind, time.Since(begun).Seconds())
		return w.answer(t, err)
	}
}

func (w *worker) run(ctx context.Context, t task, do work, others func(*flows.Case) []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(w.stopping, func() { cancel(errStopping) })() //nolint:contextcheck // the end of the program ends every task
	if w.stopping.Err() != nil {
		return &later{why: "stopping"}
	}
	c, err := w.cases.Case(ctx, t.Case)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	token := w.cfg.IDs()
	held, release, ok, err := w.leases.hold(ctx, token, append([]string{t.subject()}, others(c)...)...)
	if err != nil {
		return &flows.Error{Class: flows.Unavailable, Err: err}
	}
	if !ok {
		return &later{after: w.cfg.Later, why: "held by another"}
	}
	defer release()
	watched, done := w.watch(held, c, t.Kind)
	defer done()
	err = guarded(watched, t, token, do)
	if err != nil && watched.Err() != nil {
		switch cause := context.Cause(watched); {
		case errors.Is(cause, errOver), errors.Is(cause, errTaken):
			return nil // nothing is left to do for this task
		case errors.Is(cause, errStopping):
			return &later{why: "stopping"}
		}
	}
	var wait *later
	if err != nil && !errors.As(err, &wait) && dropped(ctx, w.cases, t.Case) {
		return nil
	}
	return err
}

// guarded turns a panic into an error: one broken case must not end the others' work.
func guarded(ctx context.Context, t task, token string, do work) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return do(ctx, t, token)
}

// watch ends the context when the case was cancelled, quarantined or deleted, and
// that of work on a draft also when the draft is handed in or changed.
func (w *worker) watch(ctx context.Context, begun *flows.Case, kind string) (context.Context, func()) {
	past := over
	if kind == kindEarly {
		past = func(c *flows.Case) bool { return changed(begun, c) }
	}
	watched, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(w.cfg.Watching)
		defer tick.Stop()
		for {
			select {
			case <-watched.Done():
				return
			case <-tick.C:
			}
			c, err := w.cases.Case(watched, begun.ID)
			if absent(err) || (err == nil && past(c)) {
				cancel(errOver)
				return
			}
		}
	}()
	return watched, func() {
		cancel(nil)
		<-done
	}
}

// over says whether nothing more is to be done for the case.
func over(c *flows.Case) bool { return c.Quarantined || !c.Cancelled.IsZero() }

// dropped says whether the case was deleted or is over. Work whose files were taken
// away under it fails in many ways before the watch comes to look; none of them is
// a failure then. A case that cannot be read counts as wanted.
func dropped(ctx context.Context, cases Cases, id string) bool {
	c, err := cases.Case(context.WithoutCancel(ctx), id)
	return absent(err) || err == nil && over(c)
}

// answer logs what went wrong and tells the queue no more than the class of it.
func (w *worker) answer(t task, err error) error {
	var wait *later
	if err == nil || errors.As(err, &wait) {
		return err
	}
	class := flows.ClassOf(err)
	if errors.Is(err, context.Canceled) {
		w.log.Debug("work cancelled", "kind", t.Kind, "case", t.Case)
		return context.Canceled
	}
	w.meter.Failed(t.Kind, class)
	w.log.Warn("work failed", "kind", t.Kind, "case", t.Case, "class", class, "err", err)
	if class == flows.Unavailable {
		return &later{after: grow(w.cfg.Later, 1, time.Minute), why: string(class)}
	}
	return &failed{class: class, err: err}
}
