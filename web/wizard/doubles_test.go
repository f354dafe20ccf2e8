package wizard_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/pass"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

// memory is flows.Store in memory, and what the pages are given besides.
type memory struct {
	*flowstest.Store
	mu      sync.Mutex
	grants  []pass.Grant
	uploads []pass.Upload
	notices map[string][]flows.Screen
	cleared time.Time // until when notices were cleared
	blobs   map[string][]byte
}

func newMemory() *memory {
	m := &memory{Store: flowstest.New(), notices: map[string][]flows.Screen{}, blobs: map[string][]byte{}}
	m.Aside = m.notice
	return m
}

// notice does at once what needs no worker.
func (m *memory) notice(e flows.Effect) bool {
	if e.Kind != flows.EffectShow {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.notices[e.Chat] = append(m.notices[e.Chat], *e.Screen)
	return true
}

// ingest does what the workers do with every exhibit that is on its way.
func (m *memory) ingest(t testing.TB, now time.Time, length float64) {
	t.Helper()
	for _, e := range m.Take(flows.EffectIngest) {
		m.Work(t, e.Case, func(c *flows.Case) ([]flows.Effect, error) {
			return c.ExhibitStored(e.Exhibit, flows.Stored{Blob: "cases/" + c.ID + "/originals/x", SHA256: "0a1b", Bytes: c.Exhibit(e.Exhibit).File.Bytes}, now)
		})
		m.Work(t, e.Case, func(c *flows.Case) ([]flows.Effect, error) {
			kind := flows.FileKind(c.Exhibit(e.Exhibit).File)
			p := media.Probe{Kind: kind, Width: 1080, Height: 2340}
			if kind == media.KindVideo {
				p.Duration = length
				m.mu.Lock()
				defer m.mu.Unlock()
				for n := range flows.Previews {
					m.blobs[flows.PreviewBlob(c.ID, e.Exhibit, n)] = []byte("\xff\xd8jpeg")
				}
			}
			return c.ExhibitProbed(e.Exhibit, p, now)
		})
	}
}

// make does what the workers do with planned packs.
func (m *memory) make(t testing.TB, id string, now time.Time) {
	t.Helper()
	m.Work(t, id, func(c *flows.Case) ([]flows.Effect, error) {
		_, err := c.ClaimPacks("w")
		return nil, err
	})
	m.Work(t, id, func(c *flows.Case) ([]flows.Effect, error) {
		var all []flows.Effect
		for _, p := range c.Packs {
			if p.State != flows.PackRendering {
				continue
			}
			effects, err := c.PackReady("w", flows.Pack{Channel: p.Channel, Words: "words"}, now)
			if err != nil {
				return nil, err
			}
			all = append(all, effects...)
		}
		return all, nil
	})
}

// handOut delivers all that is ready.
func (m *memory) handOut(t testing.TB, id string, now time.Time) {
	t.Helper()
	m.Work(t, id, func(c *flows.Case) ([]flows.Effect, error) {
		for _, p := range slices.Clone(c.Packs) {
			if p.State != flows.PackReady {
				continue
			}
			if _, err := c.DeliveryBegun(p.Channel, p.Round, now); err != nil {
				return nil, err
			}
			if _, err := c.Delivered(p.Channel, p.Round, now); err != nil {
				return nil, err
			}
		}
		return nil, nil
	})
}

func (m *memory) NewGrant(_ context.Context, g pass.Grant) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.grants = append(m.grants, g)
	return fmt.Sprintf("grant%d", len(m.grants)), nil
}

func (m *memory) Uploads(_ context.Context, actor string) ([]pass.Upload, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []pass.Upload
	for _, u := range m.uploads {
		if u.Actor == actor {
			all = append(all, u)
		}
	}
	return all, nil
}

func (m *memory) CaseToken(_ context.Context, id string) (string, error) { return "token" + id, nil }

func (m *memory) Notices(_ context.Context, chat string) ([]flows.Screen, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.notices[chat]), nil
}

func (m *memory) ClearNotices(_ context.Context, chat string, seen time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.notices, chat)
	m.cleared = seen
	return nil
}

func (m *memory) Open(_ context.Context, key string) (io.ReadCloser, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	body, ok := m.blobs[key]
	if !ok {
		return nil, 0, flowstest.Absent()
	}
	return io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
}

// noGate lets nobody in and runs nothing: these tests are of the pages.
type noGate struct{}

func (noGate) Invite(context.Context, string, int, time.Time) (string, error) { return "", nil }
func (noGate) Redeem(context.Context, string, string, time.Time) error        { return nil }
func (noGate) Allow(context.Context, string) error                            { return nil }
func (noGate) Ban(context.Context, string, bool) error                        { return nil }
func (noGate) Claim(context.Context, string, string) error                    { return nil }
func (noGate) Bounced(context.Context, string) error                          { return nil }
func (noGate) Quarantine(context.Context, string, bool) error                 { return nil }
func (noGate) Queue(context.Context) (flows.QueueReport, error)               { return flows.QueueReport{}, nil }

// reports is wizard.Watch: what is put in comes out.
type reports struct{ c chan report }

type report struct {
	chat string
	work flows.WorkProgress
}

func (r reports) Watch(ctx context.Context, each func(string, flows.WorkProgress)) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case x := <-r.c:
			each(x.chat, x.work)
		}
	}
}

func builtin(t testing.TB) *catalog.Catalog {
	t.Helper()
	return flowstest.Catalogue(t)
}
