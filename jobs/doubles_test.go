package jobs

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/pass"
	"clipcase/flows/prepare"
	"clipcase/media"
)

// memBlobs is a folder.
type memBlobs struct {
	mu   sync.Mutex
	dir  string
	free int64
	used float64
	put  int // originals begun
}

func (m *memBlobs) path(key string) string { return filepath.Join(m.dir, filepath.FromSlash(key)) }

func (m *memBlobs) write(t *testing.T, key string, content []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(m.path(key)), 0o700))
	require.NoError(t, os.WriteFile(m.path(key), content, 0o600))
}

func (m *memBlobs) PutOriginal(_ context.Context, side flows.Sidecar, r io.Reader) (flows.Stored, error) {
	m.mu.Lock()
	m.put++
	m.mu.Unlock()
	content, err := io.ReadAll(r)
	if err != nil {
		return flows.Stored{}, err
	}
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:])
	key := "cases/" + side.Case + "/originals/" + hash
	if err := os.MkdirAll(filepath.Dir(m.path(key)), 0o700); err != nil {
		return flows.Stored{}, err
	}
	return flows.Stored{Blob: key, SHA256: hash, Bytes: int64(len(content))}, os.WriteFile(m.path(key), content, 0o600)
}

func (m *memBlobs) PutPiece(_ context.Context, key, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(m.path(key)), 0o700); err != nil {
		return err
	}
	return os.WriteFile(m.path(key), content, 0o600)
}

func (m *memBlobs) Stage(_ context.Context, key string) (string, func(), error) {
	_, err := os.Stat(m.path(key))
	if errors.Is(err, os.ErrNotExist) {
		err = &flows.Error{Class: flows.NotFound, Err: err}
	}
	return m.path(key), func() {}, err
}

func (m *memBlobs) DeletePrefix(_ context.Context, prefix string) error {
	return os.RemoveAll(m.path(prefix))
}

func (m *memBlobs) Free(context.Context) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.free, nil
}

func (m *memBlobs) Usage(context.Context) (float64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used, nil
}

func (m *memBlobs) List(_ context.Context, prefix string, each func(string, int64) error) error {
	err := filepath.WalkDir(m.path(prefix), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		key, err := filepath.Rel(m.dir, path)
		if err != nil {
			return err
		}
		return each(filepath.ToSlash(key), 1)
	})
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

func (m *memBlobs) keys(t *testing.T, prefix string) []string {
	t.Helper()
	var keys []string
	require.NoError(t, m.List(context.Background(), prefix, func(key string, _ int64) error {
		keys = append(keys, key)
		return nil
	}))
	return keys
}

// memFetcher serves files from memory; open decides what each opening gives.
type memFetcher struct {
	mu    sync.Mutex
	files map[string][]byte
	opens []int64 // offsets asked for
	open  func(n int, content []byte, offset int64) (io.ReadCloser, int64, int64, error)
}

func (m *memFetcher) Fetch(_ context.Context, ref string, offset int64) (io.ReadCloser, int64, int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.opens = append(m.opens, offset)
	content := m.files[ref]
	if m.open != nil {
		return m.open(len(m.opens), content, offset)
	}
	return io.NopCloser(bytes.NewReader(content[offset:])), offset, int64(len(content)), nil
}

func (m *memFetcher) asked() []int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]int64(nil), m.opens...)
}

// memCourier keeps what was delivered, each item of a ledger once.
type memCourier struct {
	mu   sync.Mutex
	sent []string // ledgers in the order they were finished
	try  func(ctx context.Context, n int) error
	n    int
}

func (m *memCourier) Deliver(ctx context.Context, _, ledger string, _ []flows.Item) error {
	m.mu.Lock()
	m.n++
	n, try := m.n, m.try
	m.mu.Unlock()
	if try != nil {
		if err := try(ctx, n); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent = append(m.sent, ledger)
	return nil
}

func (m *memCourier) finished() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.sent...)
}

type memPacker struct{}

// memLinks are the blobs that others were given links to.
type memLinks struct {
	mu    sync.Mutex
	given []string
}

func (l *memLinks) Links(_ context.Context, id string) ([]pass.Link, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []pass.Link
	for _, blob := range l.given {
		all = append(all, pass.Link{Case: id, Blob: blob})
	}
	return all, nil
}

func (memPacker) Items(c *flows.Case, p *flows.Pack) []flows.Item {
	return []flows.Item{{ID: "head", Screen: &flows.Screen{Lang: c.Lang, Blocks: []flows.Block{{Text: flows.Text{Plain: p.Words}}}}}}
}

// memPreparer makes one piece a channel; before is called at the start of run n.
type memPreparer struct {
	mu      sync.Mutex
	runs    int
	active  int
	most    int // most runs at once
	dirs    []string
	before  func(ctx context.Context, n int, req prepare.Request) error
	inspect func(n int) (media.Probe, error)
	looks   int
}

func (m *memPreparer) Inspect(_ context.Context, _ string) (media.Probe, error) {
	m.mu.Lock()
	m.looks++
	n, inspect := m.looks, m.inspect
	m.mu.Unlock()
	if inspect != nil {
		return inspect(n)
	}
	return media.Probe{Kind: media.KindVideo, Duration: 3, Width: 100, Height: 200}, nil
}

func (m *memPreparer) Run(ctx context.Context, req prepare.Request, obs prepare.Observer) (*dossier.Record, error) {
	m.mu.Lock()
	m.runs++
	m.active++
	m.most = max(m.most, m.active)
	m.dirs = append(m.dirs, req.Dir)
	n, before := m.runs, m.before
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		m.active--
		m.mu.Unlock()
	}()
	if before != nil {
		if err := before(ctx, n, req); err != nil {
			return nil, err
		}
	}
	record := &dossier.Record{}
	for _, channel := range req.Channels {
		if strings.HasPrefix(channel.ID, "none") {
			continue
		}
		if strings.HasPrefix(channel.ID, "broken") {
			record.Broke(channel.ID, os.ErrNotExist)
			continue
		}
		dir := filepath.Join(req.Dir, "data", channel.ID)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		for _, name := range []string{"a.mp4", "a.jpg"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(channel.ID), 0o600); err != nil {
				return nil, err
			}
		}
		obs.Progress(flows.WorkProgress{Step: "render", Channel: channel.ID, Percent: 50})
		pack := flows.Pack{Channel: channel.ID, Words: "w", Pieces: []flows.Piece{{Name: "a.mp4", SHA256: "0a", Kind: media.KindVideo, Thumb: filepath.Join(dir, "a.jpg")}}}
		if err := obs.Pack(ctx, pack); err != nil {
			return nil, err
		}
	}
	return record, os.WriteFile(filepath.Join(req.Dir, "data", "case.json"), []byte("{}"), 0o600)
}

func (m *memPreparer) ran() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runs
}

type memTalk struct {
	mu     sync.Mutex
	events []flows.Event
}

func (m *memTalk) Handle(_ context.Context, e flows.Event) (flows.Screen, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.events = append(m.events, e)
	return flows.Screen{}, nil
}

func (m *memTalk) heard() []flows.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]flows.Event(nil), m.events...)
}

type memProgress struct {
	mu   sync.Mutex
	seen []flows.WorkProgress
}

func (m *memProgress) Publish(_ context.Context, _ string, p flows.WorkProgress) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen = append(m.seen, p)
}
