package flows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/catalog"
)

// memory is flows.Store and flows.Gate in a map: it stores what storage stores,
// in the stored form.
type memory struct {
	mu       sync.Mutex
	sessions map[string][]byte
	cases    map[string][]byte
	revs     map[string]int64
	seen     map[string]bool
	person   map[string]flows.Person
	codes    map[string]int
	claim    string
	next     int
	effects  []flows.Effect
	commits  int
	stale    int // answer Stale this many times
	fail     error
	held     map[string]bool
}

func newMemory() *memory {
	return &memory{
		sessions: map[string][]byte{}, cases: map[string][]byte{}, revs: map[string]int64{}, seen: map[string]bool{},
		person: map[string]flows.Person{}, codes: map[string]int{}, next: 41, held: map[string]bool{},
	}
}

func (m *memory) Load(_ context.Context, actor string, _ time.Time) (flows.State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return flows.State{}, m.fail
	}
	state := flows.State{Person: m.person[actor]}
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
	c.Revision, c.Quarantined = m.revs["c:"+id], m.held[id]
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
	case m.stale > 0:
		m.stale--
		return flows.Stale, nil
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
	if c.Spend.Actor != "" {
		p := m.person[c.Spend.Actor]
		p.BytesUsed, p.SecondsUsed = p.BytesUsed+c.Spend.Bytes, p.SecondsUsed+c.Spend.Seconds
		m.person[c.Spend.Actor] = p
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

// queue adds effects as storage does: by way of JSON, a waiting screen of the
// same slot replaced.
func (m *memory) queue(effects []flows.Effect) {
	for _, e := range effects {
		raw, err := json.Marshal(e)
		if err != nil {
			panic(err)
		}
		var stored flows.Effect
		if err := json.Unmarshal(raw, &stored); err != nil {
			panic(err)
		}
		if e.Kind == flows.EffectShow && e.Slot != "" {
			m.effects = slices.DeleteFunc(m.effects, func(x flows.Effect) bool {
				return x.Kind == flows.EffectShow && x.Slot == e.Slot && x.Chat == e.Chat
			})
		}
		if e.Kind == flows.EffectForget {
			delete(m.cases, e.Case)
		}
		m.effects = append(m.effects, stored)
	}
}

func (m *memory) ReserveCase(context.Context) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next++
	return fmt.Sprintf("CC%04d", m.next), nil
}

func (m *memory) Invite(_ context.Context, _ string, uses int, _ time.Time) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	code := fmt.Sprintf("code%d", len(m.codes)+1)
	m.codes[code] = uses
	return code, nil
}

func (m *memory) Redeem(_ context.Context, code, actor string, _ time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.codes[code] == 0 {
		return &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
	}
	m.codes[code]--
	m.change(actor, func(p *flows.Person) { p.Allowed = true })
	return nil
}

func (m *memory) change(actor string, change func(*flows.Person)) {
	p := m.person[actor]
	change(&p)
	m.person[actor] = p
}

func (m *memory) Allow(_ context.Context, actor string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.change(actor, func(p *flows.Person) { p.Allowed = true })
	return nil
}

func (m *memory) Ban(_ context.Context, actor string, banned bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.change(actor, func(p *flows.Person) { p.Banned = banned })
	return nil
}

func (m *memory) Claim(_ context.Context, code, actor string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if code == "" || code != m.claim {
		return &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
	}
	m.claim = ""
	m.change(actor, func(p *flows.Person) { p.Admin = true })
	return nil
}

func (m *memory) Quarantine(_ context.Context, id string, on bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.cases[id]; !ok {
		return &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
	}
	m.held[id] = on
	return nil
}

func (m *memory) Queue(context.Context) (flows.QueueReport, error) {
	return flows.QueueReport{Waiting: map[string]int{"process": 2}, Running: map[string]int{"process": 1, "ingest": 1}, Oldest: 5 * time.Minute, Failed: []string{"CC0040"}, Disk: 0.42}, nil
}

// change applies what a worker does to a case, as jobs.Cases does.
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

// take removes and returns the effects of a kind.
func (m *memory) take(kind flows.EffectKind) []flows.Effect {
	m.mu.Lock()
	defer m.mu.Unlock()
	var taken []flows.Effect
	m.effects = slices.DeleteFunc(m.effects, func(e flows.Effect) bool {
		if e.Kind == kind {
			taken = append(taken, e)
		}
		return e.Kind == kind
	})
	return taken
}

// loaded is the built-in catalogue, read once: it never changes.
var loaded = sync.OnceValues(func() (*catalog.Catalog, error) { return catalog.Load("") })

func builtin(t testing.TB) *catalog.Catalog {
	t.Helper()
	cat, err := loaded()
	require.NoError(t, err)
	return cat
}

// noon is the beginning of every test's time.
func noon() time.Time { return time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) }
