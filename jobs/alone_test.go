package jobs

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/prepare"
)

// A process dies while it fetches one case and makes another. The next one, alone
// with its Redis, goes on at once: nothing has to run out, no sweep has to come.
func TestAloneAProcessGoesOnAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Alone = true
	b.cfg.Stale, b.cfg.Sweep = time.Hour, false
	wake, asleep := make(chan struct{}), make(chan struct{}, 2)
	rouse := sync.OnceFunc(func() { close(wake) })
	defer rouse()
	b.preparer.before = func(_ context.Context, n int, _ prepare.Request) error {
		if n == 1 {
			asleep <- struct{}{}
			<-wake // deaf, as the dead are
		}
		return nil
	}
	b.courier.try = func(_ context.Context, n int) error {
		if n == 1 {
			asleep <- struct{}{}
			<-wake
		}
		return nil
	}
	making, sending := b.submitted("CC0001", "dm"), b.submitted("CC0002", "dm")
	sending.Actor, sending.Chat = "tg:43", "tg:43"
	sending.Packs[0].State, sending.Packs[0].Ready = flows.PackReady, time.Now()
	b.put(making, work1(flows.EffectProcess, making))
	b.put(sending, flows.Effect{Kind: flows.EffectDeliver, Case: "CC0002", Channel: "dm"})
	wires := &line{}
	deps := b.deps()
	deps.Redis = b.clientOver(wires)
	dead := b.startWith(b.cfg, deps)
	<-asleep
	<-asleep
	wires.cut(true)
	inspector := asynq.NewInspectorFromRedisClient(b.redis)
	for _, queue := range []string{queueNormal, queueDeliver} {
		running, err := inspector.ListActiveTasks(queue)
		require.NoError(t, err)
		require.Len(t, running, 1, queue)
	}

	j, err := New(b.cfg, b.deps())
	require.NoError(t, err)
	j.inherit()
	for _, queue := range []string{queueNormal, queueDeliver} { // asynq itself understands what was done
		info, err := inspector.GetQueueInfo(queue)
		require.NoError(t, err)
		require.Equal(t, [2]int{1, 0}, [2]int{info.Pending, info.Active}, queue)
		waiting, err := inspector.ListPendingTasks(queue)
		require.NoError(t, err)
		require.Zero(t, waiting[0].Retried, "a death uses up no try")
	}
	j.inherit() // twice is once
	j.Stop()
	again := b.start()
	for _, id := range []string{"CC0001", "CC0002"} {
		b.until(func() bool { return b.packState(id, "dm") == flows.PackDelivered }, id)
	}
	b.until(func() bool { return b.idle(again) }, "no task is left over")
	wires.cut(false)
	rouse()
	dead.Stop()
}

// With others around, what they hold is theirs.
func TestAmongOthersNothingIsEnded(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Sweep = false
	asleep := make(chan struct{})
	b.preparer.before = func(ctx context.Context, _ int, _ prepare.Request) error {
		close(asleep)
		<-ctx.Done()
		return ctx.Err()
	}
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	b.start()
	<-asleep
	b.start()
	held, err := leases{redis: b.redis}.held(context.Background(), kindProcess+":CC0001")
	require.NoError(t, err)
	require.True(t, held)
	running, err := asynq.NewInspectorFromRedisClient(b.redis).ListActiveTasks(queueNormal)
	require.NoError(t, err)
	require.Len(t, running, 1)
}

// What is made while something is handed out goes out right after it: the first
// delivery does it all, no other has to come back for it.
func TestOneDeliveryTakesAlongWhatIsMadeMeanwhile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Later = time.Hour // whoever is put off comes too late
	b.cfg.Sweep = false
	preparer, courier, deps := inParts(b)
	gone, whole := make(chan struct{}), make(chan struct{})
	finish := sync.OnceFunc(func() { close(whole) })
	defer finish()
	preparer.between = func(context.Context, int) error { // the rest is made while the first is on its way
		select {
		case <-gone:
		case <-time.After(15 * time.Second):
		}
		return nil
	}
	first := true
	courier.try = func(string) error {
		if first {
			first = false
			close(gone)
			<-whole
		}
		return nil
	}
	c := b.submitted("CC0001", "dm", "app")
	b.put(c, work1(flows.EffectProcess, c))
	b.startWith(b.cfg, deps)
	b.until(func() bool {
		return b.packState("CC0001", "dm") == flows.PackDelivering || b.packState("CC0001", "dm") == flows.PackReady
	}, "made")
	finish()
	b.until(func() bool { return b.packState("CC0001", "app") == flows.PackDelivered }, "delivered")
	require.Equal(t, []string{"CC0001:dm:0 1of2.jpg", "CC0001:dm:0 2of2.gif", "CC0001:dm:0 end"}, courier.items()[:3])
}

// Nobody whose files are being made is told that they wait, not even when they
// want more.
func TestWhoIsBeingServedDoesNotWait(t *testing.T) {
	t.Parallel()
	b := setup(t)
	release, begun := make(chan struct{}), make(chan struct{})
	proceed := sync.OnceFunc(func() { close(release) })
	defer proceed()
	b.preparer.before = func(context.Context, int, prepare.Request) error {
		close(begun)
		<-release
		return nil
	}
	b.cfg.Sweep = false
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	j := b.start()
	<-begun
	swept := &sweep{cfg: b.cfg, cases: b.cases, queue: j.queue, leases: j.worker.leases, waiting: map[string]time.Time{}}
	require.NoError(t, swept.revive(context.Background()))
	waiting, _, err := j.Lengths()
	require.NoError(t, err)
	require.Zero(t, waiting[queueNormal], "the sweep finds it under way")
	more := processTaskOf(t, b.get("CC0001"))
	require.NoError(t, j.queue.add(context.Background(), more), "as the effect of another pack does")
	line := &places{queue: j.queue, cases: b.cases, progress: b.progress, last: map[string]int{}}
	require.NoError(t, line.publish(context.Background()))
	b.progress.mu.Lock()
	told := slices.Clone(b.progress.seen)
	b.progress.mu.Unlock()
	for _, p := range told {
		require.Zero(t, p.Place)
	}
	proceed()
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered && b.idle(j) }, "done")
	require.Equal(t, 1, b.preparer.ran())
}

func processTaskOf(t *testing.T, c *flows.Case) task {
	t.Helper()
	made, needed := processTask(c, false)
	require.True(t, needed)
	return made
}
