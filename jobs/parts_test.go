package jobs

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
	"clipcase/media"
)

// partsPreparer makes a still and an animation of every channel and hands the
// still on first; between is called after that, n counts the runs.
type partsPreparer struct {
	*memPreparer
	mu      sync.Mutex
	n       int
	made    []string // names of what was made, over all runs
	early   bool     // how the last run was asked for
	between func(ctx context.Context, n int) error
}

func (m *partsPreparer) Run(ctx context.Context, req prepare.Request, obs prepare.Observer) (*dossier.Record, error) {
	m.mu.Lock()
	m.n++
	n := m.n
	m.early = req.Early
	m.mu.Unlock()
	for _, channel := range req.Channels {
		still, err := m.piece(req, channel, flows.Piece{Name: "1of2.jpg", Number: 1, Kind: media.KindImage})
		if err != nil {
			return nil, err
		}
		pack := flows.Pack{Channel: channel.ID, State: flows.PackRendering, Words: "w", Begun: req.Now}
		pack.Pieces = []flows.Piece{still, {Name: "2of2.gif", Number: 2, Kind: media.KindGIF}}
		if err := obs.Pack(ctx, pack); err != nil {
			return nil, err
		}
		if m.between != nil {
			if err := m.between(ctx, n); err != nil {
				return nil, err
			}
		}
		moving, err := m.piece(req, channel, flows.Piece{Name: "2of2.gif", Number: 2, Kind: media.KindGIF})
		if err != nil {
			return nil, err
		}
		pack.State, pack.Pieces = flows.PackReady, []flows.Piece{still, moving}
		if err := obs.Pack(ctx, pack); err != nil {
			return nil, err
		}
	}
	return &dossier.Record{}, nil
}

// piece is what an earlier attempt published, or is made now.
func (m *partsPreparer) piece(req prepare.Request, channel prepare.Channel, p flows.Piece) (flows.Piece, error) {
	for _, x := range channel.Earlier.Pieces {
		if x.Name == p.Name && x.Blob != "" {
			return x, nil
		}
	}
	m.mu.Lock()
	m.made = append(m.made, p.Name)
	m.mu.Unlock()
	dir := filepath.Join(req.Dir, "data", channel.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return p, err
	}
	p.SHA256 = "0a"
	return p, os.WriteFile(filepath.Join(dir, p.Name), []byte(p.Name), 0o600)
}

// itemCourier keeps what it sent under the ledger, each item once.
type itemCourier struct {
	mu   sync.Mutex
	sent []string
	try  func(id string) error
}

func (m *itemCourier) Deliver(_ context.Context, _, ledger string, items []flows.Item) error {
	for _, item := range items {
		m.mu.Lock()
		if slices.Contains(m.sent, ledger+" "+item.ID) {
			m.mu.Unlock()
			continue
		}
		if m.try != nil {
			if err := m.try(item.ID); err != nil {
				m.mu.Unlock()
				return err
			}
		}
		m.sent = append(m.sent, ledger+" "+item.ID)
		m.mu.Unlock()
	}
	return nil
}

func (m *itemCourier) items() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.sent)
}

// partsPacker gives an item for each piece that exists, and one at the end.
type partsPacker struct{}

func (partsPacker) Items(_ *flows.Case, p *flows.Pack) []flows.Item {
	var items []flows.Item
	for _, piece := range p.Pieces {
		if piece.Blob != "" {
			items = append(items, flows.Item{ID: piece.Name})
		}
	}
	if p.State == flows.PackDelivering {
		items = append(items, flows.Item{ID: "end"})
	}
	return items
}

func inParts(b *bundle) (*partsPreparer, *itemCourier, Deps) {
	p, c := &partsPreparer{memPreparer: b.preparer}, &itemCourier{}
	deps := b.deps()
	deps.Preparer, deps.Courier, deps.Packer = p, c, partsPacker{}
	return p, c, deps
}

func TestAPackIsHandedOutWhileItIsMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	preparer, courier, deps := inParts(b)
	preparer.between = func(context.Context, int) error {
		arrived := func(p flows.Pack) bool { return p.State == flows.PackRendering && p.Handed == 1 }
		b.until(func() bool { return slices.ContainsFunc(b.get("CC0001").Packs, arrived) }, "the first part arrives before the second is made")
		return nil
	}
	c := b.submitted("CC0001", "dm", "app")
	b.put(c, work1(flows.EffectProcess, c))
	b.startWith(b.cfg, deps)
	b.until(func() bool { return b.packState("CC0001", "app") == flows.PackDelivered }, "delivered")
	require.Equal(t, []string{"CC0001:dm:0 1of2.jpg", "CC0001:dm:0 2of2.gif", "CC0001:dm:0 end"}, courier.items()[:3])
	require.Equal(t, []string{"1of2.jpg", "2of2.gif"}, preparer.made[:2])
}

// The worker dies between two parts: another goes on, what is out stays as it is
// and is neither made nor sent again, and the dead one, come back, is refused.
func TestADeathBetweenPartsLosesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	preparer, courier, deps := inParts(b)
	wake, asleep := make(chan struct{}), make(chan struct{})
	var zombie atomic.Pointer[error]
	preparer.between = func(_ context.Context, n int) error {
		if n == 1 {
			close(asleep)
			<-wake // deaf to its context, as a stopped process is
		}
		return nil
	}
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	line := &line{}
	first := deps
	first.Redis, first.Preparer = b.clientOver(line), &observed{Preparer: preparer, err: &zombie}
	cfg := b.cfg
	cfg.Sweep, cfg.Deliver, cfg.Watching = false, false, time.Hour
	dead := b.startWith(cfg, first)
	<-asleep
	published := b.get("CC0001").Packs[0].Pieces[0]
	require.NotEmpty(t, published.Blob)
	line.cut(true)

	cfg = b.cfg
	cfg.IDs = func() func() string { next := ids(); return func() string { return "second" + next() } }()
	b.startWith(cfg, deps)
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "taken over")
	line.cut(false)
	close(wake)
	dead.Stop()
	require.NotNil(t, zombie.Load(), "the dead worker's second part was refused")

	pack := b.get("CC0001").Packs[0]
	require.Equal(t, published, pack.Pieces[0], "what was out stays")
	require.Contains(t, pack.Pieces[1].Blob, "second")
	require.Zero(t, pack.Round)
	require.Equal(t, []string{"CC0001:dm:0 1of2.jpg", "CC0001:dm:0 2of2.gif", "CC0001:dm:0 end"}, courier.items())
	for _, piece := range pack.Pieces {
		path, _, err := b.blobs.Stage(context.Background(), piece.Blob)
		require.NoError(t, err)
		requireFile(t, path, []byte(piece.Name))
	}
	require.Equal(t, []string{"1of2.jpg", "2of2.gif"}, slices.Compact(slices.Sorted(slices.Values(preparer.made))))
}

// The one who delivers dies inside the first part and nobody wakes it: the sweep
// does, while the rest is still being made.
func TestAPartThatWasNotSentIsSentBeforeTheRestIsMade(t *testing.T) {
	t.Parallel()
	b := setup(t)
	preparer, courier, deps := inParts(b)
	c := b.submitted("CC0001", "dm")
	key := attemptPrefix("CC0001", "gone") + "dm/1of2.jpg"
	b.blobs.write(t, key, []byte("1of2.jpg"))
	c.Packs[0].State, c.Packs[0].Attempt, c.Packs[0].Tries, c.Packs[0].Parted = flows.PackRendering, "gone", 1, true
	c.Packs[0].Pieces = []flows.Piece{{Name: "1of2.jpg", Kind: media.KindImage, Blob: key}, {Name: "2of2.gif", Kind: media.KindGIF}}
	b.put(c)
	preparer.between = func(context.Context, int) error {
		b.until(func() bool { return len(courier.items()) == 1 }, "sent")
		return nil
	}
	b.startWith(b.cfg, deps)
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "delivered")
	require.Equal(t, []string{"2of2.gif"}, preparer.made)
	require.Len(t, courier.items(), 3)
}

func TestCancelAndDeleteHoldBetweenParts(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *bundle){
		"cancel": func(b *bundle) {
			_, err := b.cases.Update(context.Background(), "CC0001", func(c *flows.Case) ([]flows.Effect, error) { return c.Cancel(time.Now()), nil })
			require.NoError(b.t, err)
		},
		"delete": func(b *bundle) {
			b.outbox.add([]flows.Effect{{Kind: flows.EffectForget, Case: "CC0001"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			preparer, courier, deps := inParts(b)
			ended := make(chan struct{})
			preparer.between = func(ctx context.Context, _ int) error {
				b.until(func() bool { return len(courier.items()) == 1 }, "the first part is out")
				end(b)
				<-ctx.Done()
				close(ended)
				return ctx.Err()
			}
			c := b.submitted("CC0001", "dm")
			b.put(c, work1(flows.EffectProcess, c))
			j := b.startWith(b.cfg, deps)
			select {
			case <-ended:
			case <-time.After(15 * time.Second):
				t.Fatal("the work went on")
			}
			b.until(func() bool { return b.outbox.waiting() == 0 && b.idle(j) }, "nothing is left to do")
			require.Equal(t, []string{"CC0001:dm:0 1of2.jpg"}, courier.items())
			if name == "delete" {
				b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001")) == 0 }, "the published part is gone too")
			}
		})
	}
}

// A pack that breaks off after a part is out ends with that part.
func TestAPackThatBreaksOffEndsWithWhatIsOut(t *testing.T) {
	t.Parallel()
	b := setup(t)
	preparer, courier, deps := inParts(b)
	preparer.between = func(context.Context, int) error { panic("poison") }
	c := b.submitted("CC0001", "dm")
	b.put(c, work1(flows.EffectProcess, c))
	b.startWith(b.cfg, deps)
	b.until(func() bool { return b.packState("CC0001", "dm") == flows.PackDelivered }, "delivered")
	pack := b.get("CC0001").Packs[0]
	require.Len(t, pack.Pieces, 1)
	require.Equal(t, "deliver.short", pack.Warnings[0].Key)
	require.Equal(t, "talk.incident", pack.Warnings[1].Key)
	require.Equal(t, []string{"CC0001:dm:0 1of2.jpg", "CC0001:dm:0 end"}, courier.items())
	b.until(func() bool { return slices.Contains(b.outbox.words("tg:9"), "jobs.alert.failure") }, "staff told")
}
