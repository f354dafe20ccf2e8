package wizard_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/pass"
	"clipcase/media"
)

// memory is flows.Store in a map, and what the pages are given besides: it stores
// what storage stores, in the stored form.
type memory struct {
	mu       sync.Mutex
	sessions map[string][]byte
	cases    map[string][]byte
	revs     map[string]int64
	seen     map[string]bool
	people   map[string]flows.Person
	next     int
	effects  []flows.Effect
	commits  int
	fail     error
	grants   []pass.Grant
	uploads  []pass.Upload
	notices  map[string][]flows.Screen
	cleared  time.Time // until when notices were cleared
	blobs    map[string][]byte
}

func newMemory() *memory {
	return &memory{
		sessions: map[string][]byte{}, cases: map[string][]byte{}, revs: map[string]int64{}, seen: map[string]bool{},
		people: map[string]flows.Person{}, next: 41, notices: map[string][]flows.Screen{}, blobs: map[string][]byte{},
	}
}

func (m *memory) Load(_ context.Context, actor string, _ time.Time) (flows.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return flows.State{}, m.fail
	}
	state := flows.State{Person: m.people[actor]}
	if raw, ok := m.sessions[actor]; ok {
		if err := json.Unmarshal(raw, &state.Session); err != nil {
			return state, err
		}
		state.Session.Revision = m.revs["s:"+actor]
	}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(m.cases))) {
		c, err := m.get(id)
		if err != nil {
			return state, err
		}
		if c.Actor != actor {
			continue
		}
		if len(state.Recent) < 10 {
			state.Recent = append(state.Recent, c)
		}
		if id == state.Session.Case {
			state.Case = c
		}
	}
	return state, nil
}

func (m *memory) get(id string) (*flows.Case, error) {
	raw, ok := m.cases[id]
	if !ok {
		return nil, &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
	}
	c := &flows.Case{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, err
	}
	c.Revision = m.revs["c:"+id]
	return c, nil
}

func (m *memory) Case(_ context.Context, id string) (*flows.Case, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.get(id)
}

func (m *memory) Commit(_ context.Context, c flows.Commit) (flows.Outcome, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.fail != nil:
		return 0, m.fail
	case m.seen[c.Event]:
		return flows.Repeated, nil
	case c.Session.Revision != m.revs["s:"+c.Session.Actor],
		c.Case != nil && c.Case.Revision != m.revs["c:"+c.Case.ID]:
		return flows.Stale, nil
	}
	if err := m.put("s:"+c.Session.Actor, m.sessions, c.Session.Actor, c.Session); err != nil {
		return 0, err
	}
	if c.Case != nil {
		if err := m.put("c:"+c.Case.ID, m.cases, c.Case.ID, c.Case); err != nil {
			return 0, err
		}
	}
	m.seen[c.Event] = true
	m.commits++
	m.queue(c.Effects)
	return flows.Saved, nil
}

func (m *memory) put(rev string, docs map[string][]byte, id string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	docs[id] = raw
	m.revs[rev]++
	return nil
}

// queue does at once what needs no worker, and keeps the rest.
func (m *memory) queue(effects []flows.Effect) {
	for _, e := range effects {
		switch e.Kind {
		case flows.EffectForget:
			delete(m.cases, e.Case)
		case flows.EffectShow:
			m.notices[e.Chat] = append(m.notices[e.Chat], *e.Screen)
		default:
			m.effects = append(m.effects, e)
		}
	}
}

func (m *memory) ReserveCase(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next++
	return fmt.Sprintf("CC%04d", m.next), nil
}

// work changes a case as a worker does.
func (m *memory) work(t testing.TB, id string, change func(*flows.Case) ([]flows.Effect, error)) {
	t.Helper()
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.get(id)
	require.NoError(t, err)
	effects, err := change(c)
	require.NoError(t, err)
	require.NoError(t, m.put("c:"+id, m.cases, id, c))
	m.queue(effects)
}

// ingest does what the workers do with every exhibit that is on its way.
func (m *memory) ingest(t testing.TB, now time.Time, length float64) {
	t.Helper()
	m.mu.Lock()
	var waiting []flows.Effect
	m.effects = slices.DeleteFunc(m.effects, func(e flows.Effect) bool {
		if e.Kind == flows.EffectIngest {
			waiting = append(waiting, e)
		}
		return e.Kind == flows.EffectIngest
	})
	m.mu.Unlock()
	for _, e := range waiting {
		m.work(t, e.Case, func(c *flows.Case) ([]flows.Effect, error) {
			return c.ExhibitStored(e.Exhibit, flows.Stored{Blob: "cases/" + c.ID + "/originals/x", SHA256: "0a1b", Bytes: c.Exhibit(e.Exhibit).File.Bytes}, now)
		})
		m.work(t, e.Case, func(c *flows.Case) ([]flows.Effect, error) {
			kind := flows.FileKind(c.Exhibit(e.Exhibit).File)
			p := media.Probe{Kind: kind, Width: 1080, Height: 2340}
			if kind == media.KindVideo {
				p.Duration = length
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
	m.work(t, id, func(c *flows.Case) ([]flows.Effect, error) {
		_, err := c.ClaimPacks("w")
		return nil, err
	})
	m.work(t, id, func(c *flows.Case) ([]flows.Effect, error) {
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
		return nil, 0, &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
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

// loaded is the built-in catalogue, read once: it never changes.
var loaded = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load("") })

func builtin(t testing.TB) *catalog.Catalog {
	t.Helper()
	cat, err := loaded()
	require.NoError(t, err)
	return cat
}
