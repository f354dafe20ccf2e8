// Package storagetest holds the conformance suite that every storage of clipcase
// passes; opening and filling the storage is left to its own tests.
package storagetest

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// Cases is what the suite asks of the part that keeps conversations and cases.
type Cases interface {
	flows.Store
	Update(ctx context.Context, id string, change func(*flows.Case) ([]flows.Effect, error)) (*flows.Case, error)
	Unfinished(ctx context.Context) ([]string, error)
	Ending(ctx context.Context, t time.Time) ([]string, error)
	Forget(ctx context.Context, id string) error
	RaiseCounter(ctx context.Context, n int64) error
}

// Outbox is what the suite asks of the part that hands over job effects.
type Outbox interface {
	Pull(ctx context.Context, most int, wait time.Duration) ([]flows.Effect, error)
	Drop(ctx context.Context, ids ...string) error
}

// Mailbox is what the suite asks of the part that hands over screens.
type Mailbox interface {
	Take(ctx context.Context, wait, ttl time.Duration) (flows.Letter, bool, error)
	Extend(ctx context.Context, l flows.Letter, ttl time.Duration) error
	Begin(ctx context.Context, l flows.Letter) error
	Sent(ctx context.Context, l flows.Letter) error
	Later(ctx context.Context, l flows.Letter, at time.Time, unsent bool) error
}

// Ledger is what the suite asks of the part that remembers deliveries.
type Ledger interface {
	Begin(ctx context.Context, ledger, item string) (flows.Mark, error)
	Sent(ctx context.Context, ledger, item, message string) error
	Unsent(ctx context.Context, ledger, item string) error
}

// Notes is what the suite asks of the part that keeps small facts.
type Notes interface {
	Note(ctx context.Context, key string) (string, error)
	SetNote(ctx context.Context, key, value string, ttl time.Duration) error
}

// Progress is what the suite asks of the part that tells how far work is.
type Progress interface {
	Publish(ctx context.Context, chat string, p flows.WorkProgress)
	Watch(ctx context.Context, each func(chat string, p flows.WorkProgress)) error
}

// Gate is what the suite asks of the part that keeps who may use the service.
type Gate interface {
	flows.Gate
	SetAdmins(ctx context.Context, actors ...string) error
	HasAdmin(ctx context.Context) (bool, error)
	NewClaim(ctx context.Context) (string, error)
}

// Blobs is what the suite asks of the part that keeps originals and pieces.
type Blobs interface {
	PutOriginal(ctx context.Context, side flows.Sidecar, r io.Reader) (flows.Stored, error)
	PutPiece(ctx context.Context, key, path string) error
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
	OpenRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	Stage(ctx context.Context, key string) (path string, release func(), err error)
	List(ctx context.Context, prefix string, each func(key string, bytes int64) error) error
	DeletePrefix(ctx context.Context, prefix string) error
	Free(ctx context.Context) (int64, error)
	Usage(ctx context.Context) (float64, error)
}

// Doors is what the suite asks of the part that keeps what lets someone in
// through a browser.
type Doors interface {
	OpenSession(ctx context.Context, actor, lang string) (cookie string, s pass.Session, err error)
	OpenShut(ctx context.Context, actor, lang string) (cookie string, s pass.Session, err error)
	Shut(ctx context.Context, cookie string) (pass.Session, error)
	Session(ctx context.Context, cookie string) (pass.Session, error)
	SetSessionLang(ctx context.Context, cookie, lang string) error
	CloseSession(ctx context.Context, cookie string) error
	NewLogin(ctx context.Context, l pass.Login) (code string, err error)
	PeekLogin(ctx context.Context, code string) error
	PeekInvite(ctx context.Context, code string) error
	UseLogin(ctx context.Context, code string) (pass.Login, error)
	NewReturnCode(ctx context.Context, actor string) (code string, err error)
	UseReturnCode(ctx context.Context, code string) (actor string, err error)
	NewGrant(ctx context.Context, g pass.Grant) (code string, err error)
	Grant(ctx context.Context, code string) (pass.Grant, error)
	BeginUpload(ctx context.Context, u pass.Upload, quota pass.Grant) error
	Upload(ctx context.Context, id string) (pass.Upload, error)
	ChangeUpload(ctx context.Context, id string, change func(*pass.Upload) error) (pass.Upload, error)
	Uploads(ctx context.Context, actor string) ([]pass.Upload, error)
	EachUpload(ctx context.Context, each func(pass.Upload) error) error
	ForgetUpload(ctx context.Context, id string) error
	CaseToken(ctx context.Context, caseID string) (string, error)
	CaseByToken(ctx context.Context, token string) (caseID string, err error)
	NewLink(ctx context.Context, l pass.Link) (pass.Link, error)
	Links(ctx context.Context, caseID string) ([]pass.Link, error)
	OpenLink(ctx context.Context, token string, count bool) (pass.Link, error)
	RevokeLink(ctx context.Context, caseID, token string) error
	Allow(ctx context.Context, key string, most int, per time.Duration) (ok bool, wait time.Duration, err error)
	Notices(ctx context.Context, chat string) ([]flows.Screen, error)
	ClearNotices(ctx context.Context, chat string, seen time.Time) error
}

// Fixture is one empty storage.
type Fixture struct {
	Cases    Cases
	Outbox   Outbox
	Mailbox  Mailbox
	Ledger   Ledger
	Notes    Notes
	Progress Progress
	Gate     Gate
	Blobs    Blobs
	Doors    Doors
	Clock    *Clock
	// LoseReply makes the answer to the next script get lost after it ran.
	LoseReply func()
}

// Clock is a clock that only moves when told to.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock starts at noon of a day in Shanghai.
func NewClock() *Clock {
	return &Clock{now: time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)}
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves it.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Suite runs the whole contract; open gives a new, empty storage each time.
func Suite(t *testing.T, open func(t *testing.T) *Fixture) {
	groups := []struct {
		name  string
		tests []check
	}{
		{"Commit", commitChecks()},
		{"Index", indexChecks()},
		{"Outbox", outboxChecks()},
		{"Mailbox", mailboxChecks()},
		{"Delivery", deliveryChecks()},
		{"Gate", gateChecks()},
		{"Doors", doorChecks()},
		{"Uploads", uploadChecks()},
		{"Blobs", blobChecks()},
	}
	for _, group := range groups {
		t.Run(group.name, func(t *testing.T) { each(t, group.tests, open) })
	}
}

// BlobSuite runs the part of the contract that is about blobs; of the fixture
// only Blobs is used.
func BlobSuite(t *testing.T, open func(t *testing.T) *Fixture) { each(t, blobChecks(), open) }

func each(t *testing.T, checks []check, open func(t *testing.T) *Fixture) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t)) })
	}
}

type check struct {
	name string
	run  func(t *testing.T, f *Fixture)
}

const actor = "tg:42"

func newSession() *flows.Session {
	return &flows.Session{Schema: flows.SessionSchema, Actor: actor, Chat: actor, Lang: "zh", Step: "scenario"}
}

func newCase(t *testing.T, f *Fixture) *flows.Case {
	t.Helper()
	id, err := f.Cases.ReserveCase(t.Context())
	require.NoError(t, err)
	return &flows.Case{
		Schema: flows.CaseSchema, ID: id, Actor: actor, Chat: actor, Lang: "zh",
		Scenario: "account-ban", Created: f.Clock.Now(),
	}
}

// save commits and wants it saved.
func save(t *testing.T, f *Fixture, c flows.Commit) {
	t.Helper()
	c.Now = f.Clock.Now()
	outcome, err := f.Cases.Commit(t.Context(), c)
	require.NoError(t, err)
	require.Equal(t, flows.Saved, outcome)
}

func show(id, chat, slot string) flows.Effect {
	return flows.Effect{
		ID: id, Kind: flows.EffectShow, Chat: chat, Slot: slot,
		Screen: &flows.Screen{Step: id, Blocks: []flows.Block{{Text: flows.Text{Plain: "给您看 " + id}}}},
	}
}

func job(id string, kind flows.EffectKind, of string) flows.Effect {
	return flows.Effect{ID: id, Kind: kind, Case: of, Actor: actor}
}

func load(t *testing.T, f *Fixture) flows.State {
	t.Helper()
	state, err := f.Cases.Load(t.Context(), actor, f.Clock.Now())
	require.NoError(t, err)
	return state
}

func pulled(t *testing.T, f *Fixture) []string {
	t.Helper()
	effects, err := f.Outbox.Pull(t.Context(), 1000, 0)
	require.NoError(t, err)
	ids := []string{}
	for _, e := range effects {
		ids = append(ids, e.ID)
	}
	return ids
}

// drain takes and sends every letter that is due, in order.
func drain(t *testing.T, f *Fixture) []string {
	t.Helper()
	ids := []string{}
	for {
		l, ok, err := f.Mailbox.Take(t.Context(), 0, time.Minute)
		require.NoError(t, err)
		if !ok {
			return ids
		}
		require.NoError(t, f.Mailbox.Begin(t.Context(), l))
		require.NoError(t, f.Mailbox.Sent(t.Context(), l))
		ids = append(ids, l.ID)
	}
}

func class(t *testing.T, want flows.Class, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, flows.ClassOf(err), fmt.Sprint(err))
}
