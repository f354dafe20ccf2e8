package flowstest

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
)

var _ flows.Store = (*Store)(nil)

// recent is how many of a person's cases Load gives.
const recent = 10

// Store is flows.Store in maps: it keeps what storage keeps, in the stored form.
// A test that works on the fields while others may use the store holds Mu.
type Store struct {
	Mu       sync.Mutex
	Sessions map[string][]byte // by actor, as JSON
	Cases    map[string][]byte // by number, as JSON
	People   map[string]flows.Person
	Held     map[string]bool // cases under quarantine
	Effects  []flows.Effect  // those that nobody took, oldest first
	Commits  int             // how many were saved
	Refusals []flows.Refusal // counted, in their order
	Stale    int             // answer Stale this many times
	Fail     error           // answer Load and Commit with it
	// Aside, if set, is shown every effect under Mu; those it takes are not kept.
	Aside func(flows.Effect) bool

	revs  map[string]int64
	seen  map[string]bool
	next  int
	works int // effects of work so far
}

// New is a store with nothing in it; its first case will be CC0042.
func New() *Store {
	return &Store{
		Sessions: map[string][]byte{}, Cases: map[string][]byte{}, People: map[string]flows.Person{}, Held: map[string]bool{},
		revs: map[string]int64{}, seen: map[string]bool{}, next: 41,
	}
}

// Load implements flows.Store.
func (s *Store) Load(_ context.Context, actor string, _ time.Time) (flows.State, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	if s.Fail != nil {
		return flows.State{}, s.Fail
	}
	state := flows.State{Person: s.People[actor]}
	if raw, ok := s.Sessions[actor]; ok {
		if err := json.Unmarshal(raw, &state.Session); err != nil {
			return state, err
		}
		state.Session.Revision = s.revs["s:"+actor]
	}
	for _, id := range slices.Backward(slices.Sorted(maps.Keys(s.Cases))) {
		c, err := s.read(id)
		if err != nil {
			return state, err
		}
		if c.Actor != actor {
			continue
		}
		if len(state.Recent) < recent {
			state.Recent = append(state.Recent, c)
		}
		if id == state.Session.Case {
			state.Case = c
		}
	}
	return state, nil
}

func (s *Store) read(id string) (*flows.Case, error) {
	raw, ok := s.Cases[id]
	if !ok {
		return nil, Absent()
	}
	c := &flows.Case{}
	if err := json.Unmarshal(raw, c); err != nil {
		return nil, err
	}
	c.Revision, c.Quarantined = s.revs["c:"+id], s.Held[id]
	return c, nil
}

// Absent is the error for what is not there.
func Absent() error {
	return &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
}

// Case implements flows.Store.
func (s *Store) Case(_ context.Context, id string) (*flows.Case, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.read(id)
}

// Commit implements flows.Store.
func (s *Store) Commit(_ context.Context, c flows.Commit) (flows.Outcome, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	switch {
	case s.Fail != nil:
		return 0, s.Fail
	case s.seen[c.Event]:
		return flows.Repeated, nil
	case s.Stale > 0:
		s.Stale--
		return flows.Stale, nil
	case c.Session.Revision != s.revs["s:"+c.Session.Actor],
		c.Case != nil && c.Case.Revision != s.revs["c:"+c.Case.ID]:
		return flows.Stale, nil
	}
	if err := s.put("s:"+c.Session.Actor, s.Sessions, c.Session.Actor, c.Session); err != nil {
		return 0, err
	}
	if c.Case != nil {
		if err := s.put("c:"+c.Case.ID, s.Cases, c.Case.ID, c.Case); err != nil {
			return 0, err
		}
	}
	s.spend(c.Spend)
	if err := s.add(c.Effects); err != nil {
		return 0, err
	}
	s.seen[c.Event] = true
	s.Commits++
	if c.Refusal != nil {
		s.Refusals = append(s.Refusals, *c.Refusal)
	}
	return flows.Saved, nil
}

func (s *Store) spend(spent flows.Spend) {
	if spent.Actor == "" {
		return
	}
	p := s.People[spent.Actor]
	p.BytesUsed, p.SecondsUsed = p.BytesUsed+spent.Bytes, p.SecondsUsed+spent.Seconds
	s.People[spent.Actor] = p
}

func (s *Store) put(rev string, docs map[string][]byte, id string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	docs[id] = raw
	s.revs[rev]++
	return nil
}

// add keeps effects as storage does: by way of JSON, a waiting screen of the
// same slot replaced.
func (s *Store) add(effects []flows.Effect) error {
	for _, e := range effects {
		raw, err := json.Marshal(e)
		if err != nil {
			return err
		}
		var stored flows.Effect
		if err := json.Unmarshal(raw, &stored); err != nil {
			return err
		}
		if e.Kind == flows.EffectForget {
			delete(s.Cases, e.Case)
		}
		if s.Aside != nil && s.Aside(stored) {
			continue
		}
		if e.Kind == flows.EffectShow && e.Slot != "" {
			s.Effects = slices.DeleteFunc(s.Effects, func(x flows.Effect) bool {
				return x.Kind == flows.EffectShow && x.Slot == e.Slot && x.Chat == e.Chat
			})
		}
		s.Effects = append(s.Effects, stored)
	}
	return nil
}

// ReserveCase implements flows.Store.
func (s *Store) ReserveCase(context.Context) (string, error) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.next++
	return fmt.Sprintf("CC%04d", s.next), nil
}

// Work changes a case as a worker does.
func (s *Store) Work(t testing.TB, id string, change func(*flows.Case) ([]flows.Effect, error)) {
	t.Helper()
	s.Mu.Lock()
	defer s.Mu.Unlock()
	c, err := s.read(id)
	require.NoError(t, err)
	effects, err := change(c)
	require.NoError(t, err)
	require.NoError(t, s.put("c:"+id, s.Cases, id, c))
	s.spend(c.Spend)
	for i := range effects { // each has one of its own, as in the storage
		s.works++
		effects[i].ID = fmt.Sprintf("work-%d", s.works)
	}
	require.NoError(t, s.add(effects))
}

// Take removes and returns the effects of a kind, oldest first.
func (s *Store) Take(kind flows.EffectKind) []flows.Effect {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	var taken []flows.Effect
	s.Effects = slices.DeleteFunc(s.Effects, func(e flows.Effect) bool {
		if e.Kind == kind {
			taken = append(taken, e)
		}
		return e.Kind == kind
	})
	return taken
}

// Return puts back an effect that was taken.
func (s *Store) Return(t testing.TB, e flows.Effect) {
	t.Helper()
	s.Mu.Lock()
	defer s.Mu.Unlock()
	require.NoError(t, s.add([]flows.Effect{e}))
}
