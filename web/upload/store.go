package upload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/tus/tusd/v2/pkg/handler"

	"clipcase/flows/pass"
)

// store is the folder in which uploads grow: <id> holds the bytes, <id>.json what
// is known of them. It is what tusd writes to; a byte is acknowledged only when
// it is on disk and part of the running hash.
type store struct {
	dir string

	mu    sync.Mutex
	open  map[string]*growing
	spare chan []byte
}

func newStore(dir string) *store {
	return &store{dir: dir, open: map[string]*growing{}, spare: newSpare()}
}

// sized is the key under which a request's context holds its upload's whole size.
type sized struct{}

func withSize(ctx context.Context, bytes int64) context.Context {
	return context.WithValue(ctx, sized{}, bytes)
}

// NewUpload implements handler.DataStore: an empty file that survives a power cut.
func (s *store) NewUpload(_ context.Context, info handler.FileInfo) (handler.Upload, error) {
	if !pass.IsCode(info.ID) {
		return nil, fmt.Errorf("upload: an id that is not ours")
	}
	g, err := s.create(info.ID, info.Size, info.MetaData["print"])
	if err != nil {
		return nil, trouble(err)
	}
	return &part{store: s, g: g}, nil
}

// GetUpload implements handler.DataStore.
func (s *store) GetUpload(ctx context.Context, id string) (handler.Upload, error) {
	bytes, ok := ctx.Value(sized{}).(int64)
	if !ok || !pass.IsCode(id) {
		return nil, errAbsent()
	}
	g, err := s.get(id, bytes)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errAbsent()
	}
	if err != nil {
		return nil, trouble(err)
	}
	return &part{store: s, g: g}, nil
}

// AsTerminatableUpload implements handler.TerminaterDataStore.
func (s *store) AsTerminatableUpload(u handler.Upload) handler.TerminatableUpload {
	return u.(*part)
}

func (s *store) path(id string) string { return filepath.Join(s.dir, id) }

func (s *store) create(id string, bytes int64, print string) (*growing, error) {
	f, err := os.OpenFile(s.path(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(f.Close(), syncFolder(s.dir)); err != nil {
		return nil, err
	}
	g := newGrowing(s.path(id), bytes, s.spare)
	g.kept.Print, g.loaded = print, true
	if err := g.keep(0); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open[id] = g
	return g, nil
}

// get is the upload as it is on disk; fs.ErrNotExist if it is not there.
func (s *store) get(id string, bytes int64) (*growing, error) {
	s.mu.Lock()
	g, ok := s.open[id]
	if !ok {
		g = newGrowing(s.path(id), bytes, s.spare)
		s.open[id] = g
	}
	s.mu.Unlock()
	if err := g.load(); err != nil {
		s.close(id)
		return nil, err
	}
	return g, nil
}

// close forgets what is known in memory; the file stays.
func (s *store) close(id string) {
	s.mu.Lock()
	g := s.open[id]
	delete(s.open, id)
	s.mu.Unlock()
	if g != nil {
		g.mu.Lock()
		defer g.mu.Unlock()
		_ = g.caughtUp() // whoever opens it next reads what was kept
	}
}

// remove deletes the file and what is known of it; it may be repeated.
func (s *store) remove(id string) error {
	s.mu.Lock()
	g := s.open[id]
	delete(s.open, id)
	s.mu.Unlock()
	if g != nil {
		g.mu.Lock() // a write in hand ends first, and its hash, which would be kept beside nothing
		defer g.mu.Unlock()
		_ = g.caughtUp()
		g.gone = true
	}
	return errors.Join(unlink(s.path(id)), unlink(keptPath(s.path(id))))
}

// offset is how many bytes of an upload are there, without reading them.
func (s *store) offset(id string) int64 {
	info, err := os.Stat(s.path(id))
	if err != nil {
		return 0
	}
	return info.Size()
}

func (s *store) has(id string) bool {
	_, err := os.Stat(s.path(id))
	return err == nil
}

func unlink(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// part is one upload in one request, as tusd sees it.
type part struct {
	store *store
	g     *growing
}

// GetInfo implements handler.Upload.
func (p *part) GetInfo(context.Context) (handler.FileInfo, error) {
	return handler.FileInfo{ID: filepath.Base(p.g.path), Size: p.g.bytes, Offset: p.g.offset()}, nil
}

// WriteChunk implements handler.Upload: when it returns, the bytes it reports are
// on disk.
func (p *part) WriteChunk(_ context.Context, offset int64, src io.Reader) (int64, error) {
	n, err := p.g.write(offset, src)
	if err != nil {
		return n, trouble(err)
	}
	return n, nil
}

// GetReader implements handler.Upload; nothing is read through tus.
func (p *part) GetReader(context.Context) (io.ReadCloser, error) {
	return nil, handler.ErrNotImplemented
}

// FinishUpload implements handler.Upload; what follows is the finish callback's.
func (p *part) FinishUpload(context.Context) error { return nil }

// Terminate implements handler.TerminatableUpload.
func (p *part) Terminate(context.Context) error {
	if err := p.store.remove(filepath.Base(p.g.path)); err != nil {
		return trouble(err)
	}
	return nil
}

// trouble is what the client is told when the disk fails: nothing of ours, and
// that it may come again.
func trouble(error) error {
	return handler.NewError("ERR_STORAGE", "cannot be written now", http.StatusServiceUnavailable)
}

// busy says whether bytes of an upload are being written.
func (s *store) busy(id string) bool {
	s.mu.Lock()
	g := s.open[id]
	s.mu.Unlock()
	if g == nil {
		return false
	}
	if !g.mu.TryLock() {
		return true
	}
	g.mu.Unlock()
	return false
}

// print is by which the browser knows an unfinished file again; "" = unknown.
func (s *store) print(id string) string {
	raw, err := os.ReadFile(keptPath(s.path(id)))
	var k kept
	if err != nil || json.Unmarshal(raw, &k) != nil || !sumForm.MatchString(k.Print) {
		return ""
	}
	return k.Print
}
