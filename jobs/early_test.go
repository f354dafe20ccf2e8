package jobs

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// written is a draft that is ready but for being handed in.
func (b *bundle) written(id string) *flows.Case {
	c := b.submitted(id)
	c.Submitted, c.Likely = time.Time{}, "douyin-app"
	return c
}

// handIn does what the conversation does.
func (b *bundle) handIn(id string) {
	b.t.Helper()
	_, err := b.cases.Update(context.Background(), id, func(c *flows.Case) ([]flows.Effect, error) {
		c.Submitted = time.Now()
		c.Packs = []flows.Pack{{Channel: "douyin-app", State: flows.PackPlanned, Fate: flows.FateUnsent}}
		return []flows.Effect{work1(flows.EffectProcess, c)}, nil
	})
	require.NoError(b.t, err)
}

func (b *bundle) early() (deps Deps, ahead *partsPreparer) {
	ahead = &partsPreparer{memPreparer: b.preparer}
	deps = b.deps()
	deps.Ahead, deps.Preparer = ahead, &partsPreparer{memPreparer: b.preparer}
	return deps, ahead
}

func TestDraftIsMadeBeforeItIsHandedIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deps, ahead := b.early()
	b.startWith(b.cfg, deps)
	c := b.written("CC0001")
	b.put(c, work1(flows.EffectEarly, c), work1(flows.EffectEarly, c))
	b.until(func() bool { e := b.get(c.ID).Early; return e != nil && e.Pack.State == flows.PackReady }, "made early")
	early := b.get(c.ID).Early
	require.Len(t, early.Pack.Pieces, 2)
	require.Equal(t, 1, early.Runs, "once is enough")
	ahead.mu.Lock()
	require.True(t, ahead.early, "nothing that words stand in")
	ahead.mu.Unlock()
	b.progress.mu.Lock()
	require.Empty(t, b.progress.seen, "nobody waits, nobody is told")
	b.progress.mu.Unlock()
	require.Empty(t, b.courier.finished())

	b.handIn(c.ID)
	b.until(func() bool { return b.packState(c.ID, "douyin-app") == flows.PackDelivered }, "delivered")
	require.Empty(t, deps.Preparer.(*partsPreparer).made, "all of it was there")
	require.False(t, deps.Preparer.(*partsPreparer).early)
	done := b.get(c.ID)
	require.Nil(t, done.Early)
	for i, p := range done.Packs[0].Pieces {
		require.Equal(t, early.Pack.Pieces[i].Blob, p.Blob)
		_, err := os.Stat(b.blobs.path(p.Blob))
		require.NoError(t, err, "cleaning up spares what was taken over")
	}
}

func TestChangedDraftEndsTheEarlyWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deps, ahead := b.early()
	begun := make(chan int, 8)
	ahead.between = func(ctx context.Context, n int) error {
		begun <- n
		if n == 1 {
			<-ctx.Done() // as ffmpeg would
			return ctx.Err()
		}
		return nil
	}
	b.startWith(b.cfg, deps)
	c := b.written("CC0002")
	b.put(c, work1(flows.EffectEarly, c))
	require.Equal(t, 1, <-begun)
	_, err := b.cases.Update(t.Context(), c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		c.Key = &flows.KeyMoment{}
		return []flows.Effect{work1(flows.EffectEarly, c)}, nil
	})
	require.NoError(t, err)
	require.Equal(t, 2, <-begun)
	b.until(func() bool { return b.get(c.ID).Early.Pack.State == flows.PackReady }, "made for the draft as it is now")
	require.Equal(t, []string{"1of2.jpg", "2of2.gif"}, ahead.made, "what still fitted was kept")
}

func TestEarlyWorkWaitsForWhatWasHandedIn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deps, ahead := b.early()
	free := make(chan struct{})
	working := make(chan struct{}, 1)
	deps.Preparer.(*partsPreparer).between = func(ctx context.Context, _ int) error {
		working <- struct{}{}
		<-free
		return ctx.Err()
	}
	first := b.submitted("CC0003", "email")
	j := b.startWith(b.cfg, deps)
	b.put(first, work1(flows.EffectProcess, first))
	<-working
	e := &early{process: &process{cfg: b.cfg, cases: b.cases, log: b.cfg.Log, preparer: ahead}, queue: j.queue}
	c := b.written("CC0004")
	b.put(c)
	var wait *later
	require.ErrorAs(t, e.run(t.Context(), task{Kind: kindEarly, Case: c.ID}, "w"), &wait)
	require.Nil(t, b.get(c.ID).Early, "not even begun")
	close(free)
	b.until(func() bool { return b.packState(first.ID, "email") == flows.PackDelivered }, "delivered")
}

func TestFailedEarlyWorkHurtsNobody(t *testing.T) {
	t.Parallel()
	b := setup(t)
	deps, ahead := b.early()
	tried := make(chan struct{}, 8)
	ahead.between = func(context.Context, int) error {
		tried <- struct{}{}
		return os.ErrInvalid
	}
	b.startWith(b.cfg, deps)
	c := b.written("CC0005")
	b.put(c, work1(flows.EffectEarly, c))
	<-tried
	b.handIn(c.ID)
	b.until(func() bool { return b.packState(c.ID, "douyin-app") == flows.PackDelivered }, "delivered")
	require.Equal(t, []string{"2of2.gif"}, deps.Preparer.(*partsPreparer).made, "the still was kept")
}
