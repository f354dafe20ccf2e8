package uploadtest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/pass"
	"clipcase/internal/browsertest"
	"clipcase/internal/uploadtest"
)

var browser browsertest.Browser

func TestMain(m *testing.M) {
	code := m.Run()
	if err := browser.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

const (
	address = "/upload/" + uploadtest.Mine
	field   = ".upload-zone input[type=file]"
	exact   = "完全一样；请把原录屏留在手机里"
)

// site is a service whose answers can be interfered with.
type site struct {
	t     *testing.T
	world *uploadtest.World
	dir   string
	url   string

	mu      sync.Mutex
	handler http.Handler
	// meddle sees every PATCH before the service does; false = the connection ends.
	meddle  func(n int, r *http.Request) bool
	patches []string // offsets
}

func open(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, world: uploadtest.New(), dir: filepath.Join(t.TempDir(), "uploads")}
	s.restart()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// restart is a new process on the same folder and records.
func (s *site) restart() {
	_, handler, err := s.world.Start(s.dir, slog.New(slog.DiscardHandler), nil)
	require.NoError(s.t, err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handler = handler
}

func (s *site) interfere(meddle func(n int, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meddle = meddle
}

func (s *site) offsets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.patches...)
}

// ServeHTTP implements http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	handler, meddle := s.handler, s.meddle
	n := len(s.patches)
	if r.Method == http.MethodPatch {
		s.patches = append(s.patches, r.Header.Get("Upload-Offset"))
	}
	s.mu.Unlock()
	if r.Method == http.MethodPatch && meddle != nil && !meddle(n, r) {
		panic(http.ErrAbortHandler)
	}
	handler.ServeHTTP(w, r)
}

// recording is a file of n bytes without a pattern, and its hash.
func recording(t *testing.T, n int) (path, sum string) {
	t.Helper()
	data := make([]byte, n)
	source := rand.NewChaCha8([32]byte{1})
	_, err := source.Read(data)
	require.NoError(t, err)
	path = filepath.Join(t.TempDir(), "录屏_20261122.mp4")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	h := sha256.Sum256(data)
	return path, hex.EncodeToString(h[:])
}

// arrived waits until the page says that all is well, and checks that it is.
func (s *site) arrived(p *browsertest.Page, sum string) {
	s.t.Helper()
	p.Await(exact)
	exhibits := s.world.Exhibits()
	require.Len(s.t, exhibits, 1)
	require.Equal(s.t, sum, exhibits[0].File.Unique)
	s.world.Store()
	p.Await(fmt.Sprintf("收到 %.0f MB、3:04、1080×2340。", float64(exhibits[0].File.Bytes)/1e6))
}

const some = 20_000_000

// The server dies in the middle and comes back: the page waits and goes on where
// it stopped.
func TestPageGoesOnAfterTheServer(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	s.interfere(func(n int, _ *http.Request) bool { return n < 2 })
	p := browser.Open(t, browsertest.Phone())
	p.Go(s.url + address)
	p.Choose(field, path)
	p.Await("自动接着传")
	s.restart()
	s.interfere(nil)
	s.arrived(p, sum)
	offsets := s.offsets()
	require.Equal(t, []string{"0", "8388608"}, offsets[:2])
	require.NotContains(t, offsets[2:], "0")
}

// The page is loaded anew: the same file chosen again goes on, found by its ends.
func TestPageGoesOnAfterReload(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	s.interfere(func(n int, _ *http.Request) bool { return n < 1 })
	p := browser.Open(t, browsertest.Phone())
	p.Go(s.url + address)
	p.Choose(field, path)
	p.Await("自动接着传")
	s.restart()
	p.Press("暂停") // or the browser asks before it leaves
	p.Await("已暂停")
	s.interfere(nil)
	p = browser.Open(t, browsertest.Desktop()) // another browser, even
	p.Go(s.url + address)
	p.Await("请再选一次同一个文件", "已传 8.4 MB")
	p.Choose(field, path)
	s.arrived(p, sum)
	require.NotContains(t, s.offsets()[1:], "0")
}

// Bytes change on the way: nothing of it is taken, and it is sent once more.
func TestPageSendsAgainWhatWasDamaged(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	s.interfere(func(n int, r *http.Request) bool {
		if n == 0 {
			data, err := io.ReadAll(r.Body)
			if err == nil {
				data[1000] ^= 1
			}
			r.Body = io.NopCloser(bytes.NewReader(data))
		}
		return true
	})
	p := browser.Open(t, browsertest.Phone())
	p.Go(s.url + address)
	browsertest.Eval[bool](p, `(new MutationObserver(() => { document.saidDamaged ||= document.body.innerText.includes('路上坏了') })
		.observe(document.body, { subtree: true, childList: true, characterData: true }), true)`) // it stands there for a second only
	p.Choose(field, path)
	p.AwaitTrue("document.saidDamaged")
	s.arrived(p, sum)
}

// The grant ends in the middle: the page says so, and how to go on.
func TestPageSaysWhenTheLinkHasExpired(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	s.interfere(func(n int, _ *http.Request) bool {
		if n == 1 {
			s.world.Pass(pass.GrantTTL + time.Second)
		}
		return true
	})
	p := browser.Open(t, browsertest.Phone())
	p.Go(s.url + address)
	p.Choose(field, path)
	p.Await("这个链接已经过期", "新的链接")
	p.Go(s.url + "/upload/" + uploadtest.Renewed)
	p.Await("请再选一次同一个文件")
	p.Choose(field, path)
	s.arrived(p, sum)
	require.Equal(t, "8388608", s.offsets()[2], "it goes on where it was")
}

func TestPagePausesAndRemoves(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	hold := make(chan struct{})
	s.interfere(func(n int, _ *http.Request) bool {
		if n == 1 {
			<-hold
		}
		return true
	})
	p := browser.Open(t, browsertest.Desktop())
	p.Go(s.url + address)
	p.Choose(field, path)
	p.Await("正在上传", "暂停")
	p.Press("暂停")
	p.Await("已暂停")
	close(hold)
	p.Press("移除")
	p.AwaitTrue(`document.querySelectorAll('.upload-list li').length === 0`)
	p.Choose(field, path)
	s.arrived(p, sum)
}

func TestPageRefusesBeforeSending(t *testing.T) {
	t.Parallel()
	s := open(t)
	dir := t.TempDir()
	huge, program, empty := filepath.Join(dir, "huge.mov"), filepath.Join(dir, "virus.exe"), filepath.Join(dir, "empty.mp4")
	for name, size := range map[string]int64{huge: pass.MaxFile + 1, program: 1000, empty: 0} {
		require.NoError(t, os.WriteFile(name, nil, 0o600))
		require.NoError(t, os.Truncate(name, size))
	}
	p := browser.Open(t, browsertest.Phone())
	p.Go(s.url + address)
	p.Choose(field, huge, program, empty)
	p.Await("太大了", "这种文件用不了", "这个文件是空的")
	require.Empty(t, s.world.Records())
	require.Empty(t, p.TooWide())
	require.Empty(t, p.Axe("../../web/scripts/node_modules/axe-core/axe.min.js"))
}

func TestPageWithoutScripts(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	d := browsertest.Phone()
	d.NoScript = true
	p := browser.Open(t, d)
	p.Go(s.url + address)
	require.Contains(t, p.Text(), "没有开启脚本")
	p.Choose("#file", path)
	p.Press("开始上传")
	p.Await("已收完整")
	require.Equal(t, sum, s.world.Exhibits()[0].File.Unique)
	s.world.Store()
	p.Go(s.url + address)
	p.Await("收到 20 MB、3:04、1080×2340。")
}
