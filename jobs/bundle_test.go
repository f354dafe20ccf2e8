package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"clipcase/flows"
	"clipcase/flows/dossier/sign"
	"clipcase/media"
)

// socket of the Redis all tests share; each test has a database of its own.
var (
	socket   string
	database atomic.Int32
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "jobs-redis-")
	if err != nil {
		panic(err)
	}
	socket = filepath.Join(dir, "s")
	server := exec.Command("redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--databases", "200", "--dir", dir)
	if err := server.Start(); err != nil {
		panic(err)
	}
	probe := redis.NewClient(&redis.Options{Network: "unix", Addr: socket})
	for range 500 {
		if err = probe.Ping(context.Background()).Err(); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond) // the server is starting: there is nothing else to wait on
	}
	_ = probe.Close()
	code := 1
	if err == nil {
		code = m.Run()
	}
	_ = server.Process.Kill()
	_ = server.Wait()
	_ = os.RemoveAll(dir)
	if code == 0 {
		if err := goleak.Find(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// bundle is one service's jobs with everything around them in memory.
type bundle struct {
	t        *testing.T
	redis    *redis.Client
	cases    *memCases
	outbox   *memOutbox
	blobs    *memBlobs
	fetcher  *memFetcher
	courier  *memCourier
	links    *memLinks
	preparer *memPreparer
	talk     *memTalk
	progress *memProgress
	now      atomic.Int64 // added to the clock
	cfg      Config
}

func setup(t *testing.T) *bundle {
	t.Helper()
	b := &bundle{t: t}
	b.redis = b.client()
	b.outbox = &memOutbox{}
	b.cases = &memCases{docs: map[string][]byte{}, outbox: b.outbox}
	b.blobs = &memBlobs{dir: t.TempDir(), free: 1 << 40}
	b.fetcher = &memFetcher{files: map[string][]byte{}}
	b.courier = &memCourier{}
	b.links = &memLinks{}
	b.preparer = &memPreparer{}
	b.talk = &memTalk{}
	b.progress = &memProgress{}
	b.cfg = Config{
		Dir: t.TempDir(), Ingest: true, Deliver: true, Process: true, Sweep: true, Relay: true, Staff: "tg:9",
		Beat: 60 * time.Millisecond, Stale: 400 * time.Millisecond, Sweeping: 150 * time.Millisecond,
		Watching: 40 * time.Millisecond, Poll: 15 * time.Millisecond, Later: 40 * time.Millisecond, Stop: time.Second,
		Stall: 300 * time.Millisecond,
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil)),
		Clock: func() time.Time { return time.Now().Add(time.Duration(b.now.Load())) },
		IDs:   ids(),
	}
	return b
}

func ids() func() string {
	var n atomic.Int64
	return func() string { return "id" + strconv.FormatInt(n.Add(1), 10) }
}

func (b *bundle) client() *redis.Client { return b.clientOver(&line{}) }

func (b *bundle) clientOver(l *line) *redis.Client {
	n := int(database.Add(1))
	if b.redis != nil {
		n = b.redis.Options().DB
		database.Add(-1)
	}
	c := redis.NewClient(&redis.Options{Network: "unix", Addr: socket, DB: n, Dialer: l.dial})
	b.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (b *bundle) deps() Deps {
	return Deps{
		Redis: b.redis, Cases: b.cases, Outbox: b.outbox, Commits: b.outbox, Links: b.links, Blobs: b.blobs, Disk: b.blobs,
		Fetcher: b.fetcher, Inspector: b.preparer, Preparer: b.preparer, Courier: b.courier, Packer: memPacker{},
		Talk: b.talk, Progress: b.progress, Signer: b.key(),
	}
}

func (b *bundle) key() *sign.Key {
	k, err := sign.New(bytes.NewReader(make([]byte, 64)))
	require.NoError(b.t, err)
	return k
}

func (b *bundle) start() *Jobs { return b.startWith(b.cfg, b.deps()) }

func (b *bundle) startWith(cfg Config, deps Deps) *Jobs {
	b.t.Helper()
	j, err := New(cfg, deps)
	require.NoError(b.t, err)
	require.NoError(b.t, j.Start())
	b.t.Cleanup(j.Stop)
	return j
}

// put stores a case as the conversation would and commits effects with it.
func (b *bundle) put(c *flows.Case, effects ...flows.Effect) {
	b.t.Helper()
	raw, err := json.Marshal(c)
	require.NoError(b.t, err)
	b.cases.mu.Lock()
	b.cases.docs[c.ID] = raw
	b.cases.mu.Unlock()
	b.outbox.add(effects)
}

func (b *bundle) get(id string) *flows.Case {
	b.t.Helper()
	c, err := b.cases.Case(context.Background(), id)
	require.NoError(b.t, err)
	return c
}

// until waits for cond; every wait of these tests is on a change, never on time alone.
func (b *bundle) until(cond func() bool, what string) {
	b.t.Helper()
	require.Eventually(b.t, cond, 15*time.Second, 5*time.Millisecond, what)
}

func (b *bundle) packState(id, channel string) flows.PackState {
	c, err := b.cases.Case(context.Background(), id)
	if err != nil {
		return ""
	}
	return c.Pack(channel).State
}

// draft is a case with one exhibit still to be fetched.
func draft(id, ref string, bytes int64) *flows.Case {
	return &flows.Case{
		Schema: 1, ID: id, Actor: "tg:42", Chat: "tg:42", Lang: "zh", Scenario: "bug-report", Created: time.Now(),
		Exhibits: []flows.Exhibit{{ID: "e1", Slot: "recording", State: flows.ExhibitFetching, File: flows.File{Ref: ref, Bytes: bytes, Sent: flows.SentFile}}},
	}
}

// submitted is a case whose exhibit is measured and whose packs wait to be made.
func (b *bundle) submitted(id string, channels ...string) *flows.Case {
	b.t.Helper()
	c := draft(id, "mem:x", 3)
	key := "cases/" + id + "/originals/abc"
	b.blobs.write(b.t, key, []byte("abc"))
	c.Exhibits[0].State, c.Exhibits[0].Blob, c.Exhibits[0].SHA256, c.Exhibits[0].Bytes = flows.ExhibitProbed, key, "abc", 3
	c.Exhibits[0].Probe = &media.Probe{Kind: media.KindVideo, Duration: 3, Width: 100, Height: 200}
	c.Submitted = time.Now()
	for _, channel := range channels {
		c.Packs = append(c.Packs, flows.Pack{Channel: channel, State: flows.PackPlanned, Fate: flows.FateUnsent})
	}
	return c
}

func work1(kind flows.EffectKind, c *flows.Case) flows.Effect {
	return flows.Effect{ID: string(kind) + ":" + c.ID, Kind: kind, Actor: c.Actor, Chat: c.Chat, Case: c.ID, Exhibit: "e1"}
}

// memCases keeps cases as JSON, so that a change that is not committed is lost.
type memCases struct {
	mu     sync.Mutex
	docs   map[string][]byte
	outbox *memOutbox
	fail   error
}

func (m *memCases) Case(_ context.Context, id string) (*flows.Case, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.read(id)
}

func (m *memCases) read(id string) (*flows.Case, error) {
	if m.fail != nil {
		return nil, m.fail
	}
	raw, ok := m.docs[id]
	if !ok {
		return nil, &flows.Error{Class: flows.NotFound, Text: flows.Text{Plain: "absent"}}
	}
	c := &flows.Case{}
	return c, json.Unmarshal(raw, c)
}

func (m *memCases) Update(_ context.Context, id string, change func(*flows.Case) ([]flows.Effect, error)) (*flows.Case, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, err := m.read(id)
	if err != nil {
		return nil, err
	}
	effects, err := change(c)
	if err != nil {
		return nil, err
	}
	if m.docs[id], err = json.Marshal(c); err != nil {
		return nil, err
	}
	m.outbox.add(effects)
	return c, nil
}

func (m *memCases) Unfinished(context.Context) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []string
	for id := range m.docs {
		found = append(found, id)
	}
	return found, m.fail
}

func (m *memCases) Ending(_ context.Context, t time.Time) ([]string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []string
	for id := range m.docs {
		if c, err := m.read(id); err == nil && !c.Expires.IsZero() && c.Expires.Before(t) {
			found = append(found, id)
		}
	}
	return found, nil
}

func (m *memCases) Forget(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.docs, id)
	return nil
}

// memOutbox keeps job effects until they are dropped, and the rest as told.
type memOutbox struct {
	mu      sync.Mutex
	n       int
	queue   []flows.Effect
	told    []flows.Effect
	events  map[string]bool
	keep    bool // Drop does nothing: the relay crashes before it each time
	dropped int
}

func (m *memOutbox) add(effects []flows.Effect) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range effects {
		m.n++
		if e.ID == "" {
			e.ID = "fx" + strconv.Itoa(m.n)
		}
		if e.Kind == flows.EffectShow || e.Kind == flows.EffectAlert {
			m.told = append(m.told, e)
		} else {
			m.queue = append(m.queue, e)
		}
	}
}

func (m *memOutbox) Pull(ctx context.Context, most int, _ time.Duration) ([]flows.Effect, error) {
	m.mu.Lock()
	var due []flows.Effect
	for _, e := range m.queue {
		if len(due) < most && !time.Now().Before(e.After) {
			due = append(due, e)
		}
	}
	m.mu.Unlock()
	if len(due) == 0 {
		pause(ctx, 10*time.Millisecond)
	}
	return due, nil
}

func (m *memOutbox) Drop(_ context.Context, ids ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keep {
		m.dropped++
		return nil
	}
	for _, id := range ids {
		for i, e := range m.queue {
			if e.ID == id {
				m.queue = append(m.queue[:i:i], m.queue[i+1:]...)
				m.dropped++
				break
			}
		}
	}
	return nil
}

func (m *memOutbox) Commit(_ context.Context, c flows.Commit) (flows.Outcome, error) {
	if m.seen(c.Event) {
		return flows.Repeated, nil
	}
	m.add(c.Effects)
	return flows.Saved, nil
}

// seen marks an event and says whether it was marked before.
func (m *memOutbox) seen(event string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if event == "" {
		return false
	}
	if m.events == nil {
		m.events = map[string]bool{}
	}
	before := m.events[event]
	m.events[event] = true
	return before
}

// words lists the keys of everything told to a chat.
func (m *memOutbox) words(chat string) []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var keys []string
	for _, e := range m.told {
		if e.Chat == chat {
			for _, block := range e.Screen.Blocks {
				keys = append(keys, block.Text.Key)
			}
		}
	}
	return keys
}

func (m *memOutbox) waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue)
}
