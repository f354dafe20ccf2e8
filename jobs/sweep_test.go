package jobs

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/prepare"
)

// The effect is handed on but the process dies before it is dropped, again and
// again: the work is done once.
func TestRelayCrashBetweenEnqueueAndDrop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.outbox.keep = true
	b.fetcher.files["mem:a"] = content(t, 100)
	c := draft("CC0001", "mem:a", 100)
	b.put(c, work1(flows.EffectIngest, c))
	ready := b.submitted("CC0002", "dm")
	b.put(ready, work1(flows.EffectProcess, ready))
	b.start()
	b.until(func() bool {
		return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed && b.packState("CC0002", "dm") == flows.PackDelivered
	}, "done")
	b.until(func() bool { b.outbox.mu.Lock(); defer b.outbox.mu.Unlock(); return b.outbox.dropped > 20 }, "handed on many times")
	require.Equal(t, 1, b.preparer.ran())
	require.Len(t, b.fetcher.asked(), 1)
	require.Len(t, b.courier.finished(), 1)
}

func TestTimersReachTheConversation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.outbox.add([]flows.Effect{{
		ID: "t1", Kind: flows.EffectTimer, Timer: "followup", Actor: "tg:42", Chat: "tg:42", Case: "CC0001", Channel: "dm", Round: 2,
		After: time.Now().Add(100 * time.Millisecond),
	}})
	b.start()
	b.until(func() bool { return len(b.talk.heard()) > 0 && b.outbox.waiting() == 0 }, "heard")
	e := b.talk.heard()[0]
	require.Equal(t, "timer:t1", e.ID)
	require.Equal(t, flows.EventTimer, e.Kind)
	require.Equal(t, "followup", e.Choice)
	require.Equal(t, "CC0001:dm:2", e.Other)
	require.Len(t, b.talk.heard(), 1)
}

func TestAnArchivedTaskDoesNotSwallowANewNeed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.files["mem:a"] = content(t, 100)
	c := draft("CC0001", "mem:a", 100)
	b.put(c)
	client, inspector := asynq.NewClientFromRedisClient(b.redis), asynq.NewInspectorFromRedisClient(b.redis)
	need := ingestTask("CC0001", "e1")
	_, err := client.Enqueue(asynq.NewTask(kindIngest, need.payload()), asynq.TaskID(need.id()), asynq.Queue(queueIngest))
	require.NoError(t, err)
	require.NoError(t, inspector.ArchiveTask(queueIngest, need.id()))
	b.outbox.add([]flows.Effect{work1(flows.EffectIngest, c)})
	b.start()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "done all the same")
}

// A task that asynq holds for running while its worker is dead.
func TestALostTaskIsTakenOver(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "dm")
	wake, asleep := make(chan struct{}), make(chan struct{})
	b.preparer.before = func(_ context.Context, n int, _ prepare.Request) error {
		if n == 1 {
			close(asleep)
			<-wake
		}
		return nil
	}
	b.put(c, work1(flows.EffectProcess, c))
	wires := &line{}
	deps := b.deps()
	deps.Redis = b.clientOver(wires)
	cfg := b.cfg
	cfg.Sweep, cfg.Deliver = false, false
	first := b.startWith(cfg, deps)
	<-asleep
	wires.cut(true)
	begun := time.Now()
	b.start()
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "taken over")
	// the wait is the lease and one sweep, both scaled down here: 20 s and 10 s in service
	require.Less(t, time.Since(begun), b.cfg.Stale+4*b.cfg.Sweeping+15*time.Second)
	wires.cut(false)
	close(wake)
	first.Stop()
}

func TestSweepFindsWorkWithoutATask(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.files["mem:a"] = content(t, 100)
	fetching := draft("CC0001", "mem:a", 100)
	planned := b.submitted("CC0002", "dm")
	ready := b.submitted("CC0003", "dm")
	ready.Packs[0].State, ready.Packs[0].Ready = flows.PackReady, time.Now()
	stopped := b.submitted("CC0004", "dm")
	stopped.Packs[0].State, stopped.Packs[0].Stopped = flows.PackReady, true
	for _, c := range []*flows.Case{fetching, planned, ready, stopped} {
		b.put(c)
	}
	j := b.start()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "fetched")
	b.until(func() bool { return b.packState("CC0002", "dm") == flows.PackDelivered }, "made")
	b.until(func() bool { return b.packState("CC0003", "dm") == flows.PackDelivered }, "delivered")
	b.until(func() bool { return b.idle(j) }, "idle")
	require.Equal(t, flows.PackReady, b.packState("CC0004", "dm"), "a closed chat is left alone")
}

func TestLeftoverFoldersGoAtTheStart(t *testing.T) {
	t.Parallel()
	b := setup(t)
	left := filepath.Join(b.cfg.Dir, folderName("CC0001", "dead"))
	require.NoError(t, os.MkdirAll(filepath.Join(left, "data"), 0o700))
	hold := leases{redis: b.redis, ttl: time.Minute}
	taken, err := hold.try(context.Background(), kindProcess+":CC0001", "dead", time.Minute)
	require.NoError(t, err)
	require.True(t, taken)
	b.start().Stop()
	require.DirExists(t, left, "another process may be at work there")
	b.cfg.Alone = true
	b.start()
	require.NoDirExists(t, left)
}

func TestForgetDeletesEverything(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c, other := b.submitted("CC0001", "dm"), b.submitted("CC0002", "dm")
	c.Packs[0].State, other.Packs[0].State = flows.PackDelivered, flows.PackDelivered
	b.blobs.write(t, "cases/CC0001/attempts/x/dm/a.mp4", []byte("x"))
	b.put(c, work1(flows.EffectForget, c))
	b.put(other)
	deps, told := b.deps(), make(chan bool, 9)
	deps.Gone = func(id string) {
		_, err := b.cases.Case(context.Background(), id)
		told <- id == "CC0001" && absent(err)
	}
	b.startWith(b.cfg, deps)
	require.True(t, <-told, "whoever keeps more of it hears when the case is gone")
	b.until(func() bool { _, err := b.cases.Case(context.Background(), "CC0001"); return absent(err) }, "document gone")
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001")) == 0 }, "files gone")
	require.Len(t, b.blobs.keys(t, "cases/CC0002"), 1, "another's files stay")
	b.until(func() bool { return slices.Contains(b.outbox.words("tg:42"), "jobs.receipt.title") }, "the receipt")
	b.until(func() bool { return b.redis.ZCard(context.Background(), forgottenKy).Val() == 1 }, "and put away")
	b.put(other, work1(flows.EffectForget, c))
	b.until(func() bool { return b.outbox.waiting() == 0 }, "asked again")
	require.Len(t, b.outbox.words("tg:42"), 5, "one receipt")
}

// The process dies in the middle of deleting; the next one finishes it.
func TestForgetIsFinishedAfterACrash(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.blobs.write(t, "cases/CC0001/originals/x", []byte("x"))
	stopped, err := New(b.cfg, b.deps())
	require.NoError(t, err)
	f := &forget{redis: b.redis, cases: b.cases, blobs: &failing1{memBlobs: b.blobs}, disk: b.blobs, commits: b.outbox, signer: b.key(), queue: stopped.queue, told: func(string) {}, clock: b.cfg.Clock, log: b.cfg.Log}
	require.NoError(t, f.ask(context.Background(), "CC0001"))
	require.Len(t, b.blobs.keys(t, "cases/CC0001"), 1)
	b.start()
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001")) == 0 }, "files gone")
	b.until(func() bool { return b.redis.ZCard(context.Background(), forgottenKy).Val() == 1 }, "a second pass is to come")
	// what a worker wrote in that moment goes with the second pass
	b.blobs.write(t, "cases/CC0001/originals/late", []byte("x"))
	b.now.Store(int64(secondPass + time.Second))
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001")) == 0 }, "late files gone")
}

type failing1 struct{ *memBlobs }

func (failing1) DeletePrefix(context.Context, string) error { return errors.New("killed") }

func TestRetentionRemindsThenDeletes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "dm")
	c.Packs[0].State = flows.PackDelivered
	c.Expires = time.Now().Add(48 * time.Hour)
	c.Submitted = c.Expires.AddDate(0, 0, -30)
	b.put(c)
	b.start()
	b.until(func() bool { return len(b.outbox.words("tg:42")) > 0 }, "reminded")
	require.Equal(t, []string{"talk.expiry.soon"}, b.outbox.words("tg:42"))
	b.now.Store(int64(49 * time.Hour))
	b.until(func() bool { _, err := b.cases.Case(context.Background(), "CC0001"); return absent(err) }, "deleted")
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001")) == 0 }, "files gone")
	b.until(func() bool { return len(b.outbox.words("tg:42")) == 7 }, "told once each")
	require.Equal(t, []string{"talk.expiry.soon", "talk.expiry.gone", "jobs.receipt.title"}, b.outbox.words("tg:42")[:3])
}

func TestAlertsComeOnceAnHour(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.blobs.used = 0.86
	b.cfg.QueueLong = time.Minute
	b.cfg.Process = false // nobody works
	c := b.submitted("CC0001", "dm")
	b.put(c)
	b.start()
	b.until(func() bool { return len(b.outbox.words("tg:9")) == 1 }, "disk")
	b.now.Store(int64(2 * time.Minute))
	b.until(func() bool { return len(b.outbox.words("tg:9")) == 2 }, "queue")
	require.Equal(t, []string{"jobs.alert.disk", "jobs.alert.queue"}, b.outbox.words("tg:9"))
	pause(context.Background(), 3*b.cfg.Sweeping)
	require.Len(t, b.outbox.words("tg:9"), 2)
}

// A case that is being made does not wait, and how long one has waited is known to
// a process that has just begun to sweep.
func TestTheQueueIsJudgedByWhatIsStored(t *testing.T) {
	t.Parallel()
	for name, made := range map[string]bool{"waiting": false, "being made": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.cfg.QueueLong, b.cfg.Process, b.cfg.Sweeping = 30*time.Minute, false, time.Hour
			c := b.submitted("CC0001", "dm")
			c.Submitted = time.Now().Add(-40 * time.Minute)
			b.put(c)
			j, err := New(b.cfg, b.deps()) // not started: it sweeps only when told to
			require.NoError(t, err)
			t.Cleanup(j.Stop)
			task, ok := processTask(c, false)
			require.True(t, ok)
			if made {
				mine, err := j.sweep.leases.try(t.Context(), task.subject(), "someone", time.Minute)
				require.NoError(t, err)
				require.True(t, mine)
			}
			require.NoError(t, j.sweep.revive(t.Context()))
			require.NoError(t, j.sweep.trouble(t.Context()))
			if made {
				require.Empty(t, j.sweep.waiting)
				return
			}
			require.Contains(t, b.outbox.words("tg:9"), "jobs.alert.queue")
			require.Equal(t, 40, int(time.Since(j.sweep.waiting["CC0001"]).Minutes()))
		})
	}
}

func TestThoseWhoWaitAreToldTheirPlace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	release := make(chan struct{})
	b.preparer.before = func(ctx context.Context, _ int, _ prepare.Request) error {
		select {
		case <-release:
		case <-ctx.Done():
		}
		return ctx.Err()
	}
	for i, id := range []string{"CC0001", "CC0002", "CC0003"} {
		c := b.submitted(id, "dm")
		c.Actor = "tg:" + string(rune('1'+i))
		b.put(c, work1(flows.EffectProcess, c))
	}
	b.start()
	b.until(func() bool {
		b.progress.mu.Lock()
		defer b.progress.mu.Unlock()
		places := map[int]bool{}
		for _, p := range b.progress.seen {
			places[p.Place] = p.Step == "wait"
		}
		return places[1] && places[2]
	}, "places 1 and 2")
	close(release)
}

func TestDelivery(t *testing.T) {
	t.Parallel()
	ready := func(b *bundle) *flows.Case {
		c := b.submitted("CC0001", "dm")
		c.Packs[0].State, c.Packs[0].Ready = flows.PackReady, time.Now()
		return c
	}
	t.Run("an absence is waited out", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.courier.try = func(_ context.Context, n int) error {
			if n < 4 {
				return &flows.Error{Class: flows.Unavailable, Err: errors.New("away")}
			}
			return nil
		}
		b.put(ready(b))
		b.start()
		b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "delivered")
	})
	t.Run("a closed chat stops it and keeps the case", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.courier.try = func(context.Context, int) error { return &flows.Error{Class: flows.Forbidden} }
		b.put(ready(b))
		j := b.start()
		b.until(func() bool { return b.get("CC0001").Packs[0].Stopped && b.idle(j) }, "stopped")
		require.Equal(t, 1, b.courier.n)
	})
	t.Run("one chat hears one delivery at a time", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		var open, most atomic.Int32
		b.courier.try = func(ctx context.Context, _ int) error {
			most.Store(max(most.Load(), open.Add(1)))
			defer open.Add(-1)
			pause(ctx, 60*time.Millisecond)
			return nil
		}
		first, second := ready(b), b.submitted("CC0002", "dm", "other")
		for i := range second.Packs {
			second.Packs[i].State, second.Packs[i].Ready = flows.PackReady, time.Now()
		}
		b.put(first)
		b.put(second)
		b.start()
		b.until(func() bool { return len(b.courier.finished()) == 3 }, "all three")
		require.Equal(t, int32(1), most.Load())
	})
	t.Run("one that can never be made ends", func(t *testing.T) {
		t.Parallel()
		b := setup(t)
		b.courier.try = func(context.Context, int) error { return errors.New("broken") }
		c := ready(b)
		c.Packs[0].Ready = time.Now().Add(-49 * time.Hour)
		b.put(c)
		b.start()
		b.until(func() bool { return b.get("CC0001").Packs[0].Stopped }, "stopped")
		b.until(func() bool { return len(b.outbox.words("tg:9")) == 1 }, "staff told")
	})
}

// While nobody can say who holds a folder, it stays.
func TestFoldersStayWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	j, err := New(b.cfg, b.deps())
	require.NoError(t, err)
	t.Cleanup(j.Stop)
	dir := filepath.Join(b.cfg.Dir, "CC0001-tok")
	require.NoError(t, os.Mkdir(dir, 0o700))
	require.NoError(t, b.redis.Close())
	j.sweepFolders()
	require.DirExists(t, dir)
}
