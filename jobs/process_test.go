package jobs

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
)

func requireFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, got)
}

// idle says whether no task waits or runs.
func (b *bundle) idle(j *Jobs) bool {
	waiting, running, err := j.Lengths()
	if err != nil {
		return false
	}
	for queue := range waiting {
		if waiting[queue]+running[queue] > 0 {
			return false
		}
	}
	return true
}

func TestPacksAreMadeAndDeliveredInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "first", "second")
	b.put(c, work1(flows.EffectProcess, c))
	j := b.start()
	b.until(func() bool { return b.packState("CC0001", "second") == flows.PackDelivered }, "delivered")
	require.Equal(t, []string{"CC0001:first:0", "CC0001:second:0"}, b.courier.finished())
	got := b.get("CC0001")
	for _, pack := range got.Packs {
		require.Equal(t, 1, pack.Tries)
		path, _, err := b.blobs.Stage(context.Background(), pack.Pieces[0].Blob)
		require.NoError(t, err)
		requireFile(t, path, []byte(pack.Channel))
		_, _, err = b.blobs.Stage(context.Background(), pack.Pieces[0].Thumb)
		require.NoError(t, err)
	}
	b.until(func() bool { return b.idle(j) }, "idle")
	entries, err := os.ReadDir(b.cfg.Dir)
	require.NoError(t, err)
	require.Empty(t, entries, "attempt folders are gone")
	require.Equal(t, 1, b.preparer.ran())
	require.True(t, b.progress.seen[len(b.progress.seen)-1].Done)
	documents := 0
	for _, key := range b.blobs.keys(t, "cases/CC0001/attempts") {
		if strings.HasSuffix(key, "/case.json") {
			documents++
		}
	}
	require.Equal(t, 1, documents)
}

// What is made anew takes the place of what was there, but not of what others were
// given a link to, nor of a mail that is on its way.
func TestWhatOthersWereGivenStays(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "dm")
	given, left, mail := "cases/CC0001/attempts/given/dm/a.mp4", "cases/CC0001/attempts/left/dm/a.mp4", "cases/CC0001/attempts/mail/email/message.eml"
	c.Packs = append(c.Packs, flows.Pack{Channel: "email", State: flows.PackPlanned, Post: &flows.Post{N: 1, State: flows.PostSending, Blob: mail}})
	b.put(c)
	for _, key := range []string{given, left, mail} {
		b.blobs.write(t, key, []byte("piece"))
	}
	b.links.given = []string{given}
	p := &process{cfg: b.cfg, cases: b.cases, links: b.links, blobs: b.blobs, disk: b.blobs, log: b.cfg.Log}
	require.NoError(t, p.clean(t.Context(), "CC0001", ""))
	require.ElementsMatch(t, []string{given, mail}, b.blobs.keys(t, "cases/CC0001/attempts"))
}

func TestAnInternalErrorIsTriedOnceMoreThenTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.preparer.before = func(context.Context, int, prepare.Request) error { return errors.New("broken") }
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	b.start()
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackFailed }, "failed")
	require.Equal(t, 2, b.preparer.ran())
	problem := b.get("CC0001").Packs[0].Error
	require.Equal(t, flows.Internal, problem.Class)
	require.NotEmpty(t, problem.Incident)
	require.Contains(t, b.outbox.words("tg:42"), "talk.failed.line")
	b.until(func() bool { return len(b.outbox.words("tg:9")) > 0 }, "staff told")
	require.Equal(t, []string{"jobs.alert.failure"}, b.outbox.words("tg:9"))
}

func TestAPanicHurtsNobodyElse(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.preparer.before = func(_ context.Context, _ int, req prepare.Request) error {
		if req.Case == "CC0001" {
			panic("poison")
		}
		return nil
	}
	bad, good := b.submitted("CC0001", "dm"), b.submitted("CC0002", "dm")
	good.Actor = "tg:43"
	b.put(bad, work1(flows.EffectProcess, bad))
	b.put(good, work1(flows.EffectProcess, good))
	b.start()
	b.until(func() bool { return b.packState("CC0002", "dm") == flows.PackDelivered }, "the good one is delivered")
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackFailed }, "the bad one is given up")
	require.Contains(t, b.outbox.words("tg:42"), "talk.failed.line")
}

func TestADeathIsCountedAndTheThirdTryIsNone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "dm", "other")
	c.Packs[0].State, c.Packs[0].Attempt, c.Packs[0].Tries = flows.PackRendering, "dead", 2
	b.put(c)
	b.start() // nothing but the sweep knows of it
	b.until(func() bool { return b.packState("CC0001", "other") == flows.PackDelivered }, "the rest goes on")
	require.Equal(t, flows.PackFailed, b.packState("CC0001", "dm"))
	require.Equal(t, flows.Internal, b.get("CC0001").Packs[0].Error.Class)
}

func TestWhatIsMissingHereIsNotToldAsTheFilesFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "dm", "broken")
	b.put(c, work1(flows.EffectProcess, c))
	b.start()
	b.until(func() bool { return b.packState("CC0001", "broken") == flows.PackFailed }, "failed")
	problem := b.get("CC0001").Packs[1].Error
	require.Equal(t, flows.Internal, problem.Class)
	require.NotEmpty(t, problem.Incident, "the operator finds why")
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "the other is delivered")
}

func TestAChannelWithoutPiecesIsToldAsTheFilesFault(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "dm", "none-at-all")
	b.put(c, work1(flows.EffectProcess, c))
	b.start()
	b.until(func() bool { return b.packState("CC0001", "none-at-all") == flows.PackFailed }, "failed")
	require.Equal(t, flows.UserMedia, b.get("CC0001").Packs[1].Error.Class)
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "the other is delivered")
	require.Equal(t, 1, b.preparer.ran())
}

func TestCancelStopsTheWork(t *testing.T) {
	t.Parallel()
	b := setup(t)
	started, ended := make(chan struct{}), make(chan error, 1)
	b.preparer.before = func(ctx context.Context, _ int, _ prepare.Request) error {
		close(started)
		<-ctx.Done()
		ended <- context.Cause(ctx)
		return ctx.Err()
	}
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	j := b.start()
	<-started
	_, err := b.cases.Update(context.Background(), "CC0001", func(c *flows.Case) ([]flows.Effect, error) { return c.Cancel(time.Now()), nil })
	require.NoError(t, err)
	select {
	case cause := <-ended:
		require.ErrorIs(t, cause, errOver)
	case <-time.After(2 * time.Second):
		t.Fatal("the work went on for more than 2 s after the cancel")
	}
	b.until(func() bool { return b.outbox.waiting() == 0 && b.idle(j) }, "nothing is left to do")
	require.Empty(t, b.courier.finished())
	require.Empty(t, b.blobs.keys(t, "cases/CC0001/attempts"))
}

func TestStopGivesTheWorkBackAndAnotherGoesOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	started := make(chan struct{})
	b.preparer.before = func(ctx context.Context, n int, _ prepare.Request) error {
		if n > 1 {
			return nil
		}
		close(started)
		<-ctx.Done()
		return ctx.Err()
	}
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	first := b.start()
	<-started
	begun := time.Now()
	first.Stop()
	first.Stop()
	require.Less(t, time.Since(begun), 10*time.Second)
	got := b.get("CC0001").Packs[0]
	require.Equal(t, flows.PackPlanned, got.State)
	require.Zero(t, got.Tries, "a stop uses up no try")
	require.Empty(t, b.blobs.keys(t, "cases/CC0001/attempts"), "nothing half published")
	begun = time.Now()
	b.start()
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "the next one goes on")
	require.Less(t, time.Since(begun), 20*time.Second)
}

// A worker that was cut off from Redis and sleeps is replaced; when it wakes up
// it cannot publish.
func TestAZombieCannotPublish(t *testing.T) {
	t.Parallel()
	b := setup(t)
	wake, asleep := make(chan struct{}), make(chan struct{})
	var zombie atomic.Pointer[error]
	b.preparer.before = func(_ context.Context, n int, _ prepare.Request) error {
		if n == 1 {
			close(asleep)
			<-wake // deaf to its context, as a stopped process is
		}
		return nil
	}
	deaf := &observed{Preparer: b.preparer, err: &zombie}
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	deps := b.deps()
	line := &line{}
	deps.Redis, deps.Preparer = b.clientOver(line), deaf
	cfg := b.cfg
	cfg.Sweep, cfg.Deliver, cfg.Watching = false, false, time.Hour
	first := b.startWith(cfg, deps)
	<-asleep
	line.cut(true) // no more beats reach Redis

	deps = b.deps()
	cfg = b.cfg
	cfg.IDs = func() func() string { next := ids(); return func() string { return "second" + next() } }()
	b.startWith(cfg, deps)
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "taken over")
	published := b.get("CC0001").Packs[0].Pieces[0].Blob
	require.Contains(t, published, "second")
	line.cut(false)
	close(wake)
	first.Stop()
	require.Equal(t, published, b.get("CC0001").Packs[0].Pieces[0].Blob)
	require.NotNil(t, zombie.Load(), "the zombie was refused")
	require.Len(t, b.courier.finished(), 1)
	for _, key := range b.blobs.keys(t, "cases/CC0001/attempts") {
		require.Contains(t, key, "second", "the zombie's files are gone")
	}
}

// observed remembers with what error a run ended.
type observed struct {
	Preparer
	err *atomic.Pointer[error]
}

func (o *observed) Run(ctx context.Context, req prepare.Request, obs prepare.Observer) (rec *dossier.Record, err error) {
	rec, err = o.Preparer.Run(ctx, req, obs)
	if err != nil {
		o.err.Store(&err)
	}
	return rec, err
}

func TestOneCaseAPersonAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.Workers = 4
	var open atomic.Int32
	both := make(chan struct{})
	b.preparer.before = func(ctx context.Context, _ int, req prepare.Request) error {
		if req.Case == "CC0003" {
			return nil
		}
		if open.Add(1) > 1 {
			close(both)
		}
		defer open.Add(-1)
		pause(ctx, 150*time.Millisecond)
		return nil
	}
	other := b.submitted("CC0003", "dm")
	other.Actor, other.Chat = "tg:43", "tg:43"
	for _, c := range []*flows.Case{b.submitted("CC0001", "dm"), b.submitted("CC0002", "dm"), other} {
		b.put(c, work1(flows.EffectProcess, c))
	}
	b.start()
	for _, id := range []string{"CC0001", "CC0002", "CC0003"} {
		b.until(func() bool { return b.packState(id, "dm") == flows.PackDelivered }, id)
	}
	select {
	case <-both:
		t.Fatal("two cases of one person were worked on at once")
	default:
	}
}

func TestWorkWaitsForRoom(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.blobs.free = 2
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	b.start()
	b.until(func() bool { return b.outbox.waiting() == 0 }, "handed on")
	b.until(func() bool { return b.get("CC0001").Packs[0].State == flows.PackPlanned }, "given back")
	require.Zero(t, b.preparer.ran())
	b.blobs.mu.Lock()
	b.blobs.free = 1000
	b.blobs.mu.Unlock()
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "goes on")
	require.Equal(t, 1, b.get("CC0001").Packs[0].Tries)
}

// What the person said of a comparison's two sides goes to whoever makes it.
func TestTheSaidOffsetIsHandedOn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	c := b.submitted("CC0001", "dm")
	offset := -12.3
	c.Offset = &offset
	b.put(c, work1(flows.EffectProcess, c))
	seen := make(chan *float64, 1)
	b.preparer.before = func(_ context.Context, _ int, req prepare.Request) error {
		seen <- req.Offset
		return nil
	}
	b.start()
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "delivered")
	got := <-seen
	require.NotNil(t, got)
	require.InDelta(t, offset, *got, 0)
}
