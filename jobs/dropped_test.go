package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// complaints counts what is logged as a warning or worse.
type complaints struct {
	slog.Handler
	n *atomic.Int64
}

func (c complaints) Handle(_ context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn {
		c.n.Add(1)
	}
	return nil
}
func (complaints) Enabled(context.Context, slog.Level) bool { return true }
func (c complaints) WithAttrs([]slog.Attr) slog.Handler     { return c }
func (c complaints) WithGroup(string) slog.Handler          { return c }

// TestWorkOnADroppedCaseIsNoFailure takes a case away under those who work on it,
// before the watch sees it: their tools then find no files. Where the case is still
// wanted the same error is told to the operator.
func TestWorkOnADroppedCaseIsNoFailure(t *testing.T) {
	t.Parallel()
	change := func(how func(c *flows.Case)) func(b *bundle) error {
		return func(b *bundle) error {
			_, err := b.cases.Update(context.Background(), "CC0001", func(c *flows.Case) ([]flows.Effect, error) { how(c); return nil, nil })
			return err
		}
	}
	ends := map[string]func(b *bundle) error{
		"deleted":   func(b *bundle) error { return b.cases.Forget(context.Background(), "CC0001") },
		"cancelled": change(func(c *flows.Case) { c.Cancel(time.Now()) }),
		"handed in": change(func(c *flows.Case) { c.Submitted = time.Now() }),
		"wanted":    func(*bundle) error { return nil },
	}
	for name, end := range ends {
		for _, kind := range []flows.EffectKind{flows.EffectProcess, flows.EffectEarly} {
			if name == "handed in" && kind == flows.EffectProcess {
				continue // it was
			}
			t.Run(name+", "+string(kind), func(t *testing.T) {
				t.Parallel()
				b := setup(t)
				var seen complaints
				seen.n = new(atomic.Int64)
				b.cfg.Log, b.cfg.Watching, b.cfg.Sweep, b.cfg.Attempts = slog.New(seen), time.Hour, false, 1
				deps, ahead := b.early()
				tried := make(chan struct{}, 8)
				fall := func(context.Context, int) error {
					defer func() { tried <- struct{}{} }()
					return errors.Join(end(b), errors.New("open: no such file or directory"))
				}
				ahead.between, deps.Preparer.(*partsPreparer).between = fall, fall
				c := b.submitted("CC0001", "dm")
				if kind == flows.EffectEarly {
					c = b.written("CC0001")
				}
				b.put(c, work1(kind, c))
				j := b.startWith(b.cfg, deps)
				<-tried
				if name == "wanted" {
					b.until(func() bool { return seen.n.Load() > 0 }, "told")
					return
				}
				b.until(func() bool { return b.outbox.waiting() == 0 && b.idle(j) }, "nothing is left to do")
				j.Stop()
				require.Zero(t, seen.n.Load())
				require.Empty(t, b.outbox.words("tg:9"), "staff have nothing to do")
				if name == "deleted" {
					require.Empty(t, b.blobs.keys(t, "cases/CC0001/attempts"))
				}
			})
		}
	}
}

// TestDeletedWhileItWaits deletes a case that waits for its turn: the line that
// says so must not stand there for ever.
func TestDeletedWhileItWaits(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Process = false // nobody works
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c), work1(flows.EffectForget, c))
	b.start()
	b.until(func() bool { return len(b.outbox.words("tg:42")) > 0 }, "the receipt")
	b.progress.mu.Lock()
	defer b.progress.mu.Unlock()
	require.NotEmpty(t, b.progress.seen)
	last := b.progress.seen[len(b.progress.seen)-1]
	require.True(t, last.Done && last.Stopped && last.Case == "CC0001")
}
