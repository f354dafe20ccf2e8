package flows_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/internal/flowstest"
)

// memory is flows.Gate in a map beside flows.Store in memory.
type memory struct {
	*flowstest.Store
	codes   map[string]int
	claim   string
	bounced []string // cases whose mail came back
}

func newMemory() *memory {
	return &memory{Store: flowstest.New(), codes: map[string]int{}}
}

func (m *memory) Invite(_ context.Context, _ string, uses int, _ time.Time) (string, error) {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	code := fmt.Sprintf("code%d", len(m.codes)+1)
	m.codes[code] = uses
	return code, nil
}

func (m *memory) Redeem(_ context.Context, code, actor string, _ time.Time) error {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	if m.codes[code] == 0 {
		return flowstest.Absent()
	}
	m.codes[code]--
	m.change(actor, func(p *flows.Person) { p.Allowed = true })
	return nil
}

func (m *memory) change(actor string, change func(*flows.Person)) {
	p := m.People[actor]
	change(&p)
	m.People[actor] = p
}

func (m *memory) Allow(_ context.Context, actor string) error {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	m.change(actor, func(p *flows.Person) { p.Allowed = true })
	return nil
}

func (m *memory) Ban(_ context.Context, actor string, banned bool) error {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	m.change(actor, func(p *flows.Person) { p.Banned = banned })
	return nil
}

func (m *memory) Claim(_ context.Context, code, actor string) error {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	if code == "" || code != m.claim {
		return flowstest.Absent()
	}
	m.claim = ""
	m.change(actor, func(p *flows.Person) { p.Admin = true })
	return nil
}

func (m *memory) Quarantine(_ context.Context, id string, on bool) error {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	if _, ok := m.Cases[id]; !ok {
		return flowstest.Absent()
	}
	m.Held[id] = on
	return nil
}

func (m *memory) Bounced(_ context.Context, id string) error {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	if _, ok := m.Cases[id]; !ok {
		return flowstest.Absent()
	}
	m.bounced = append(m.bounced, id)
	return nil
}

func (m *memory) Queue(context.Context) (flows.QueueReport, error) {
	return flows.QueueReport{Waiting: map[string]int{"process": 2}, Running: map[string]int{"process": 1, "ingest": 1}, Oldest: 5 * time.Minute, Failed: []string{"CC0040"}, Disk: 0.42}, nil
}

func builtin(t testing.TB) *catalog.Catalog {
	t.Helper()
	return flowstest.Catalogue(t)
}

// noon is the beginning of every test's time.
func noon() time.Time { return time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC) }
