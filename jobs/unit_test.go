package jobs

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func TestTaskIDs(t *testing.T) {
	t.Parallel()
	require.Equal(t, "ingest:CC0001:e1", ingestTask("CC0001", "e1").id())
	whole := flows.Pack{Channel: "dm", Round: 2, State: flows.PackReady, Pieces: []flows.Piece{{Blob: "b"}}}
	require.Equal(t, "deliver:CC0001:dm:2:whole", deliverTask("CC0001", &whole).id())
	part := whole
	part.State = flows.PackRendering
	require.Equal(t, "deliver:CC0001:dm:2:1", deliverTask("CC0001", &part).id())
	require.Equal(t, deliverTask("CC0001", &whole).subject(), deliverTask("CC0001", &part).subject())
	c := &flows.Case{ID: "CC0001", Packs: []flows.Pack{{Channel: "a", State: flows.PackDelivered}}}
	_, needed := processTask(c, false)
	require.False(t, needed)
	c.Packs = append(c.Packs, flows.Pack{Channel: "b", State: flows.PackPlanned})
	first, needed := processTask(c, true)
	require.True(t, needed)
	require.Equal(t, queueUrgent, first.queue)
	again, _ := processTask(c, true)
	require.Equal(t, first.id(), again.id(), "the same need has the same id")
	seen := map[string]bool{first.id(): true}
	for name, change := range map[string]func(){
		"another try":   func() { c.Packs[1].Tries++ },
		"another round": func() { c.Packs[1].Round++ },
		"another pack":  func() { c.Packs = append(c.Packs, flows.Pack{Channel: "c", State: flows.PackPlanned}) },
	} {
		change()
		next, _ := processTask(c, true)
		require.False(t, seen[next.id()], name)
		seen[next.id()] = true
		require.Equal(t, "process:CC0001", next.subject())
	}
}

func TestWhatUsesUpATry(t *testing.T) {
	t.Parallel()
	table := []struct {
		err     error
		failure bool
		delay   time.Duration
	}{
		{nil, false, 2 * time.Second},
		{&later{after: 7 * time.Second}, false, 7 * time.Second},
		{context.Canceled, false, 2 * time.Second},
		{errTaken, false, 2 * time.Second},
		{asynq.ErrLeaseExpired, true, 2 * time.Second},
		{&failed{class: flows.Internal, err: errors.New("x")}, true, 8 * time.Second},
	}
	for _, test := range table {
		require.Equal(t, test.failure, isFailure(test.err), "%v", test.err)
		if test.err != nil {
			require.Equal(t, test.delay, retryDelay(2, test.err, 2*time.Second), "%v", test.err)
		}
	}
	require.Equal(t, "failed: internal", (&failed{class: flows.Internal, err: errors.New("secret words")}).Error())
	require.Equal(t, time.Minute, grow(time.Second, 99, time.Minute))
}

func TestLeases(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx := context.Background()
	l := leases{redis: b.redis, ttl: 300 * time.Millisecond, beat: 50 * time.Millisecond}
	held, release, ok, err := l.hold(ctx, "one", "a", "b")
	require.NoError(t, err)
	require.True(t, ok)
	_, _, ok, err = l.hold(ctx, "two", "c", "b")
	require.NoError(t, err)
	require.False(t, ok, "b is taken")
	free, err := l.held(ctx, "c")
	require.NoError(t, err)
	require.False(t, free, "all or none")
	pause(ctx, 500*time.Millisecond) // longer than the ttl: it is renewed
	require.NoError(t, held.Err())
	require.NoError(t, b.redis.Set(ctx, l.key("a"), "two", 0).Err())
	<-held.Done()
	require.ErrorIs(t, context.Cause(held), errTaken)
	release()
	release()
	holder, err := b.redis.Get(ctx, l.key("a")).Result()
	require.NoError(t, err)
	require.Equal(t, "two", holder, "another's lease is not dropped")
}

func TestConfigNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for name, change := range map[string]func(*Config, *Deps){
		"Log":      func(c *Config, _ *Deps) { c.Log = nil },
		"Dir":      func(c *Config, _ *Deps) { c.Dir = "" },
		"Fetcher":  func(_ *Config, d *Deps) { d.Fetcher = nil },
		"Courier":  func(_ *Config, d *Deps) { d.Courier = nil },
		"Preparer": func(_ *Config, d *Deps) { d.Preparer = nil },
		"Talk":     func(_ *Config, d *Deps) { d.Talk = nil },
		"Redis":    func(_ *Config, d *Deps) { d.Redis = nil },
		"Disk":     func(_ *Config, d *Deps) { d.Disk = nil },
	} {
		cfg, deps := b.cfg, b.deps()
		change(&cfg, &deps)
		_, err := New(cfg, deps)
		require.ErrorContains(t, err, name)
	}
	j, err := New(b.cfg, b.deps())
	require.NoError(t, err)
	j.Stop() // also without Start
}
