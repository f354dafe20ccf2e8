package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/browsertest"
	"clipcase/internal/testclips"
	"clipcase/media"
	"clipcase/storage"
)

// process is clipcase as a process of its own.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}
	err  error

	mu   sync.Mutex
	said bytes.Buffer
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.Write(b)
}

func (p *process) words() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.said.String()
}

// launch starts the test binary as clipcase with nothing but these variables.
func launch(t *testing.T, environ []string, args ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: exec.Command(os.Args[0], args...), done: make(chan struct{})}
	p.cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=en_US.UTF-8", asProgram, hasty, unread}, environ...)
	p.cmd.Stdout, p.cmd.Stderr = p, p
	require.NoError(t, p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.end(syscall.SIGKILL)
		if t.Failed() {
			t.Logf("it said:\n%s", p.words())
		}
	})
	return p
}

// end sends a signal and waits for the process to be gone.
func (p *process) end(sig os.Signal) time.Duration {
	begun := time.Now()
	_ = p.cmd.Process.Signal(sig) // it may have ended by itself
	<-p.done
	return time.Since(begun)
}

// code waits for the process to end by itself and gives its exit code.
func (p *process) code() int {
	p.t.Helper()
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Fatal("it did not end by itself")
	}
	return p.cmd.ProcessState.ExitCode()
}

func ask(t *testing.T, addr, path string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	require.NoError(t, err)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(body)
}

func ready(t *testing.T, addr string) {
	t.Helper()
	require.Eventually(t, func() bool { status, _ := ask(t, addr, "/readyz"); return status == http.StatusOK }, patience, 30*time.Millisecond)
}

// place is a folder with a name short enough for a socket, and a free address.
func place(t *testing.T) (dir, addr string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "cc")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir, browsertest.Address(t)
}

func TestServeWithoutToken(t *testing.T) { //nolint:paralleltest // it measures how long the program takes to end
	dir, addr := place(t)
	environ := []string{"DATA_DIR=" + dir, "LISTEN_ADDR=" + addr}
	first := launch(t, environ, "serve")
	ready(t, addr)
	status, _ := ask(t, addr, "/healthz")
	require.Equal(t, http.StatusOK, status)
	require.Eventually(t, func() bool { return strings.Contains(first.words(), "clipcase prepare") }, patience, 10*time.Millisecond)
	for _, words := range []string{"@BotFather", "TELEGRAM_BOT_TOKEN", "http://" + addr + "/healthz"} {
		require.Contains(t, first.words(), words)
	}
	_, body := ask(t, addr, "/metrics")
	require.Contains(t, body, "clipcase_queue_waiting")

	_, other := place(t)
	second := launch(t, []string{"DATA_DIR=" + dir, "LISTEN_ADDR=" + other}, "serve")
	require.Equal(t, codeFailed, second.code())
	require.Contains(t, second.words(), "another clipcase already uses the data folder")

	elsewhere, _ := place(t)
	third := launch(t, []string{"DATA_DIR=" + elsewhere, "LISTEN_ADDR=" + addr}, "serve")
	require.Equal(t, codeFailed, third.code())
	require.Contains(t, third.words(), addr+" is taken by another program")

	require.Less(t, first.end(syscall.SIGTERM), 10*time.Second)
	require.NoError(t, first.err)
	require.Contains(t, first.words(), "clipcase has stopped.")
	require.NotContains(t, first.words(), "level=ERROR")
}

func TestServeAfterAKill(t *testing.T) {
	t.Parallel()
	dir, addr := place(t)
	environ := []string{"DATA_DIR=" + dir, "LISTEN_ADDR=" + addr}
	first := launch(t, environ, "serve")
	ready(t, addr)
	first.end(syscall.SIGKILL)
	second := launch(t, environ, "serve")
	ready(t, addr)
	require.Less(t, second.end(syscall.SIGTERM), unhurried)
	require.NoError(t, second.err)
}

func TestServeRefusesToStart(t *testing.T) {
	t.Parallel()
	dir, addr := place(t)
	empty := t.TempDir()
	table := map[string]struct {
		environ []string
		args    []string
		code    int
		says    []string
	}{
		"every wrong setting at once": {[]string{"WORKERS=0", "PUBLIC_URL=x", "TELEGRAM_BOT_TOKEN=hunter2"}, []string{"serve"}, codeUsage, []string{"WORKERS: ", "PUBLIC_URL: ", "TELEGRAM_BOT_TOKEN: "}},
		"a webhook without a secret":  {[]string{"TELEGRAM_WEBHOOK_URL=https://h/x", "TELEGRAM_BOT_TOKEN=" + goodToken}, []string{"serve"}, codeUsage, []string{"TELEGRAM_WEBHOOK_SECRET: "}},
		"unknown role":                {nil, []string{"serve", "--roles", "cook"}, codeUsage, []string{"--roles"}},
		"part of the roles alone":     {nil, []string{"serve", "--roles", "web"}, codeUsage, []string{"REDIS_URL"}},
		"a webhook nobody receives":   {[]string{"TELEGRAM_WEBHOOK_URL=https://h/x", "TELEGRAM_WEBHOOK_SECRET=s", "TELEGRAM_BOT_TOKEN=" + goodToken, "REDIS_URL=redis://127.0.0.1:1"}, []string{"serve", "--roles", "web,worker"}, codeUsage, []string{"--roles bot,web"}},
		"a webhook nobody mounts":     {[]string{"TELEGRAM_WEBHOOK_URL=https://h/x", "TELEGRAM_WEBHOOK_SECRET=s", "TELEGRAM_BOT_TOKEN=" + goodToken, "REDIS_URL=redis://127.0.0.1:1"}, []string{"serve", "--roles", "bot"}, codeUsage, []string{"--roles bot,web"}},
		"an argument":                 {nil, []string{"serve", "now"}, codeUsage, []string{"clipcase serve"}},
		"no ffmpeg":                   {[]string{"PATH=" + empty}, []string{"serve"}, codeFailed, []string{"ffmpeg"}},
		"no Redis there":              {[]string{"REDIS_URL=redis://127.0.0.1:1"}, []string{"serve"}, codeFailed, []string{"data store could not be opened"}},
		"a catalogue with a mistake":  {[]string{"CATALOG_DIR=" + badCatalog(t)}, []string{"serve"}, codeUsage, []string{"CATALOG_DIR", "bad.yaml"}},
		"recover, wrong setting":      {[]string{"RETENTION=x"}, []string{"recover"}, codeUsage, []string{"RETENTION: "}},
	}
	for name, test := range table {
		t.Run(name, func(t *testing.T) {
			p := launch(t, append([]string{"DATA_DIR=" + dir, "LISTEN_ADDR=" + addr}, test.environ...), test.args...)
			require.Equal(t, test.code, p.code(), p.words())
			for _, words := range test.says {
				require.Contains(t, p.words(), words)
			}
			require.NotContains(t, p.words(), "hunter2")
			require.NotContains(t, p.words(), "goroutine ")
		})
	}
}

func badCatalog(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "channels"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "channels", "bad.yaml"), []byte("id: [\n"), 0o600))
	return dir
}

// redisServer is a Redis of the operator's, with what it is told.
func redisServer(t *testing.T, args ...string) string {
	t.Helper()
	dir, _ := place(t)
	socket := filepath.Join(dir, "s")
	cmd := exec.Command("redis-server", append([]string{"--port", "0", "--unixsocket", socket, "--dir", dir, "--save", ""}, args...)...)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	require.Eventually(t, func() bool { _, err := os.Stat(socket); return err == nil }, patience, 10*time.Millisecond)
	return "unix://" + socket
}

func TestServeWarnsOfARedisThatLosesData(t *testing.T) {
	t.Parallel()
	dir, addr := place(t)
	url := redisServer(t, "--maxmemory", "100mb", "--maxmemory-policy", "allkeys-lru")
	p := launch(t, []string{"DATA_DIR=" + dir, "LISTEN_ADDR=" + addr, "REDIS_URL=" + url}, "serve")
	require.Eventually(t, func() bool { status, _ := ask(t, addr, "/readyz"); return status == http.StatusServiceUnavailable }, patience, 30*time.Millisecond)
	_, body := ask(t, addr, "/readyz")
	require.Contains(t, body, "maxmemory-policy noeviction")
	status, _ := ask(t, addr, "/healthz")
	require.Equal(t, http.StatusOK, status)
	require.Eventually(t, func() bool {
		return strings.Contains(p.words(), "appendonly yes") && strings.Contains(p.words(), "allkeys-lru")
	}, patience, 10*time.Millisecond)
}

// A case is being worked on when the process is killed; the next process goes
// on with it within a minute, and the pieces are there once.
func TestWorkGoesOnAfterAKill(t *testing.T) {
	t.Parallel()
	dir, addr := place(t)
	url := redisServer(t, "--appendonly", "yes", "--maxmemory-policy", "noeviction")
	ctx := context.Background()
	log := slog.New(slog.DiscardHandler)
	redis, err := storage.Open(ctx, storage.Config{RedisURL: url, DataDir: dir, Log: log, Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	defer func() { require.NoError(t, redis.Close()) }()
	cases := redis.Cases()
	id := handedIn(t, cases, filepath.Join(dir, "blobs"), log)

	environ := []string{"DATA_DIR=" + dir, "LISTEN_ADDR=" + addr, "REDIS_URL=" + url, "LOG_LEVEL=debug"}
	first := launch(t, environ, "serve")
	attempt := ""
	require.Eventually(t, func() bool {
		c, err := cases.Case(ctx, id)
		require.NoError(t, err)
		attempt = c.Packs[0].Attempt
		return attempt != ""
	}, patience, 10*time.Millisecond, "claimed")
	first.end(syscall.SIGKILL)
	killed := time.Now()
	second := launch(t, environ, "serve")
	require.Eventually(t, func() bool {
		c, err := cases.Case(ctx, id)
		require.NoError(t, err)
		return c.Packs[0].Attempt != attempt
	}, 60*time.Second, 20*time.Millisecond, "taken over within a minute")
	t.Logf("taken over %.1f s after the kill", time.Since(killed).Seconds())
	var done *flows.Case
	require.Eventually(t, func() bool {
		done, err = cases.Case(ctx, id)
		require.NoError(t, err)
		state := done.Packs[0].State // without a bot it is begun to be handed out, and waits
		return state == flows.PackReady || state == flows.PackDelivering
	}, patience, 50*time.Millisecond, "made")
	require.Equal(t, 2, done.Packs[0].Tries)
	require.NotEmpty(t, done.Packs[0].Pieces)
	for _, piece := range done.Packs[0].Pieces {
		info, err := os.Stat(filepath.Join(dir, "blobs", filepath.FromSlash(piece.Blob)))
		require.NoError(t, err)
		require.Equal(t, piece.Bytes, info.Size())
	}
	attempts, err := os.ReadDir(filepath.Join(dir, "blobs", "cases", id, "attempts"))
	require.NoError(t, err)
	require.Len(t, attempts, 1, "the killed attempt left nothing")
	require.Less(t, second.end(syscall.SIGTERM), unhurried)
	require.NoError(t, second.err)
	left, err := os.ReadDir(filepath.Join(dir, "work"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// handedIn stores a recording and a case that waits to be worked on.
func handedIn(t *testing.T, cases *storage.Cases, blobDir string, log *slog.Logger) string {
	t.Helper()
	ctx := context.Background()
	blobs, err := storage.OpenBlobs(ctx, storage.BlobConfig{URL: blobDir})
	require.NoError(t, err)
	defer func() { require.NoError(t, blobs.Close()) }()
	id, err := cases.ReserveCase(ctx)
	require.NoError(t, err)
	clip, err := os.Open(testclips.Make(t, testclips.Spec{Seconds: 3, Words: true}))
	require.NoError(t, err)
	defer func() { require.NoError(t, clip.Close()) }()
	now := time.Now()
	stored, err := blobs.PutOriginal(ctx, flows.Sidecar{Case: id, Actor: "tg:42", Chat: "tg:42", Lang: "zh", Scenario: "bug-report", Exhibit: "e1", Slot: "recording", Received: now}, clip)
	require.NoError(t, err)
	c := &flows.Case{
		Schema: flows.CaseSchema, ID: id, Actor: "tg:42", Chat: "tg:42", Lang: "zh", Scenario: "bug-report",
		Created: now, Submitted: now, Expires: now.Add(720 * time.Hour),
		Exhibits: []flows.Exhibit{{
			ID: "e1", Slot: "recording", State: flows.ExhibitStored, Blob: stored.Blob, SHA256: stored.SHA256, Bytes: stored.Bytes,
			File: flows.File{Ref: "tg:x", Name: "a.mp4", Bytes: stored.Bytes, Sent: flows.SentFile}, Received: now,
		}},
		Packs: []flows.Pack{{Channel: "douyin-dm", State: flows.PackPlanned, Fate: flows.FateUnsent}},
	}
	c.Exhibits[0].State, c.Exhibits[0].Probe = flows.ExhibitProbed, &media.Probe{
		Kind: media.KindVideo, Format: "mov,mp4,m4a,3gp,3g2,mj2", Duration: 3, Width: 320, Height: 568, FPS: 30,
		Codec: "h264", PixFmt: "yuv420p", Frames: 90, Bytes: stored.Bytes, Streams: 1,
	}
	outcome, err := cases.Commit(ctx, flows.Commit{Event: "test:1", Case: c, Now: now, Effects: []flows.Effect{{ID: "x1", Kind: flows.EffectProcess, Case: id, Actor: "tg:42", Chat: "tg:42"}}})
	require.NoError(t, err)
	require.Equal(t, flows.Saved, outcome)
	return id
}

func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	dir, _ := place(t)
	ctx := context.Background()
	log := slog.New(slog.DiscardHandler)
	running, err := storage.Open(ctx, storage.Config{DataDir: dir, Log: log, Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	id := handedIn(t, running.Cases(), filepath.Join(dir, "blobs"), log)
	backup := filepath.Join(t.TempDir(), "backup")
	for range 2 {
		p := launch(t, []string{"DATA_DIR=" + dir}, "backup", backup)
		require.Equal(t, codeDone, p.code(), p.words())
		require.Contains(t, p.words(), "1 cases")
	}
	require.NoError(t, running.Close())
	p := launch(t, []string{"DATA_DIR=" + dir}, "restore", backup)
	require.Equal(t, codeUsage, p.code(), p.words())

	fresh, _ := place(t)
	p = launch(t, []string{"DATA_DIR=" + fresh}, "restore", backup)
	require.Equal(t, codeDone, p.code(), p.words())
	redis, err := storage.Open(ctx, storage.Config{DataDir: fresh, Log: log, Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	defer func() { require.NoError(t, redis.Close()) }()
	c, err := redis.Cases().Case(ctx, id)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(fresh, "blobs", filepath.FromSlash(c.Exhibits[0].Blob)))

	p = launch(t, []string{"DATA_DIR=" + dir}, "restore", t.TempDir())
	require.Equal(t, codeInput, p.code(), p.words())
	p = launch(t, []string{"DATA_DIR=" + dir}, "backup", dir)
	require.Equal(t, codeUsage, p.code(), p.words())
}

func TestRecoverRebuildsWhatRedisLost(t *testing.T) {
	t.Parallel()
	dir, _ := place(t)
	ctx := context.Background()
	log := slog.New(slog.DiscardHandler)
	redis, err := storage.Open(ctx, storage.Config{DataDir: dir, Log: log, Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	id := handedIn(t, redis.Cases(), filepath.Join(dir, "blobs"), log)
	require.NoError(t, redis.Client().FlushAll(ctx).Err())
	require.NoError(t, redis.Close())
	for range 2 {
		p := launch(t, []string{"DATA_DIR=" + dir}, "recover")
		require.Equal(t, codeDone, p.code(), p.words())
		require.Contains(t, p.words(), "Found 1 in the store")
	}
	redis, err = storage.Open(ctx, storage.Config{DataDir: dir, Log: log, Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	defer func() { require.NoError(t, redis.Close()) }()
	c, err := redis.Cases().Case(ctx, id)
	require.NoError(t, err)
	require.Equal(t, "tg:42", c.Actor)

	original := filepath.Join(dir, "blobs", filepath.FromSlash(c.Exhibits[0].Blob))
	require.NoError(t, redis.Client().FlushAll(ctx).Err())
	require.NoError(t, os.Chmod(original, 0o600))
	require.NoError(t, os.WriteFile(original, []byte("changed"), 0o600))
	require.NoError(t, redis.Close())
	p := launch(t, []string{"DATA_DIR=" + dir}, "recover")
	require.Equal(t, codeFailed, p.code(), p.words())
	require.Contains(t, p.words(), "damaged files: 1")
}
