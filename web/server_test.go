package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"clipcase/flows"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func ask(t *testing.T, cfg Config, method, path string, body io.Reader) *httptest.ResponseRecorder {
	t.Helper()
	cfg.Addr, cfg.Log = "127.0.0.1:0", quiet()
	s, err := New(cfg)
	require.NoError(t, err)
	w := httptest.NewRecorder()
	s.Handler().ServeHTTP(w, httptest.NewRequest(method, path, body))
	return w
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	hook := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			http.Error(w, "too large", http.StatusRequestEntityTooLarge)
		}
	})
	boom := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") })
	table := map[string]struct {
		cfg          Config
		method, path string
		body         string
		status       int
		says         string
	}{
		"alive":                {Config{}, "GET", "/healthz", "", 200, "ok"},
		"alive, head":          {Config{}, "HEAD", "/healthz", "", 200, ""},
		"alive takes no post":  {Config{}, "POST", "/healthz", "", 404, ""},
		"root":                 {Config{}, "GET", "/", "", 404, "/healthz"},
		"anything":             {Config{}, "GET", "/../etc/passwd", "", 307, ""},
		"no webhook":           {Config{}, "POST", "/telegram/webhook", "{}", 404, ""},
		"webhook":              {Config{Webhook: hook}, "POST", "/telegram/webhook", "{}", 200, ""},
		"webhook by get":       {Config{Webhook: hook}, "GET", "/telegram/webhook", "", 404, ""},
		"webhook, long body":   {Config{Webhook: hook, MaxBody: 10}, "POST", "/telegram/webhook", strings.Repeat("x", 11), 413, ""},
		"a panic is a 500":     {Config{Webhook: boom}, "POST", "/telegram/webhook", "", 500, "internal error"},
		"no metrics":           {Config{}, "GET", "/metrics", "", 404, ""},
		"ready without checks": {Config{}, "GET", "/readyz", "", 200, `"ready": true`},
	}
	for name, test := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := ask(t, test.cfg, test.method, test.path, strings.NewReader(test.body))
			require.Equal(t, test.status, w.Code)
			require.Contains(t, w.Body.String(), test.says)
			require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
			require.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
			require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
		})
	}
}

func TestReadinessNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	fine := Check{Name: "fine", Run: func(context.Context) error { return nil }}
	full := Check{Name: "disk", Run: func(context.Context) error { return errors.New("the disk is full") }}
	w := ask(t, Config{Checks: []Check{fine, full}}, "GET", "/readyz", nil)
	require.Equal(t, http.StatusServiceUnavailable, w.Code)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var got answer
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Equal(t, answer{Checks: []verdict{{Name: "fine", OK: true}, {Name: "disk", Reason: "the disk is full"}}}, got)
}

func TestReadinessIsNotAskedTooOften(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	r := &readiness{checks: []Check{{Name: "x", Run: func(context.Context) error { n.Add(1); return nil }}}}
	for range 20 {
		r.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/readyz", nil))
	}
	require.Equal(t, int32(1), n.Load())
}

func TestMetricsCountWork(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	m.WithQueues(func() (map[string]int, map[string]int, error) {
		return map[string]int{"normal": 3}, map[string]int{"normal": 1}, nil
	})
	m.WithRefusals(func(context.Context) ([]flows.RefusalCount, error) {
		return []flows.RefusalCount{{Refusal: flows.Refusal{Channel: "douyin-dm", Reason: "too-big", Limit: "piece_bytes", Value: 5}, Times: 2}}, nil
	})
	m.Made("douyin-dm", 4)
	m.Spent("process", 12)
	m.Failed("ingest", flows.Unavailable)
	body := ask(t, Config{Metrics: m}, "GET", "/metrics", nil).Body.String()
	for _, line := range []string{
		`clipcase_packs_made_total{channel="douyin-dm"} 1`, `clipcase_pieces_made_total{channel="douyin-dm"} 4`,
		`clipcase_work_seconds_sum{kind="process"} 12`, `clipcase_failures_total{class="unavailable",kind="ingest"} 1`,
		`clipcase_queue_waiting{queue="normal"} 3`, `clipcase_queue_running{queue="normal"} 1`,
		`clipcase_refused_by_channel_total{channel="douyin-dm",limit="piece_bytes",reason="too-big"} 2`,
	} {
		require.Contains(t, body, line)
	}
}

func TestQueuesThatCannotBeReadHideNothingElse(t *testing.T) {
	t.Parallel()
	m := NewMetrics()
	m.WithQueues(func() (map[string]int, map[string]int, error) { return nil, nil, errors.New("away") })
	m.Made("email", 1)
	require.Contains(t, ask(t, Config{Metrics: m}, "GET", "/metrics", nil).Body.String(), `channel="email"`)
}

func TestStartAndStop(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-leave
		plain(w, 200, "finished")
	})
	s, err := New(Config{Addr: "127.0.0.1:0", Webhook: slow, Log: quiet()})
	require.NoError(t, err)
	require.NoError(t, s.Start(context.Background()))
	taken, err := New(Config{Addr: s.Addr(), Log: quiet()})
	require.NoError(t, err)
	require.ErrorIs(t, taken.Start(context.Background()), syscall.EADDRINUSE)
	require.NoError(t, taken.Stop(context.Background()), "stop without start")

	answered := make(chan string, 1)
	go func() {
		resp, err := http.Post("http://"+s.Addr()+"/telegram/webhook", "application/json", bytes.NewReader(nil))
		if err != nil {
			answered <- err.Error()
			return
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		answered <- string(body)
	}()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- s.Stop(context.Background()) }()
	close(leave)
	require.Equal(t, "finished", <-answered, "a running request ends in peace")
	require.NoError(t, <-stopped)
	require.NoError(t, s.Stop(context.Background()), "again")
	http.DefaultClient.CloseIdleConnections()
}

func TestStopCutsWhatDoesNotEnd(t *testing.T) {
	t.Parallel()
	entered, leave := make(chan struct{}), make(chan struct{})
	s, err := New(Config{Addr: "127.0.0.1:0", Log: quiet(), Webhook: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(entered)
		<-leave
	})})
	require.NoError(t, err)
	require.NoError(t, s.Start(context.Background()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := http.Post("http://"+s.Addr()+"/telegram/webhook", "", nil); err == nil {
			_ = resp.Body.Close()
		}
	}()
	<-entered
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Stop(ctx), context.DeadlineExceeded)
	<-done
	close(leave)
}

func TestPagesAnswerOnlyToTheirOwnNames(t *testing.T) {
	t.Parallel()
	part := func(mux *http.ServeMux) {
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "page") })
	}
	cfg := Config{Addr: "127.0.0.1:0", Log: quiet(), Parts: []func(*http.ServeMux){part}, Hosts: []string{"evidence.example"}, Secure: true}
	s, err := New(cfg)
	require.NoError(t, err)
	for host, status := range map[string]int{
		"evidence.example": 200, "Evidence.Example": 200, "127.0.0.1:8080": 200, "localhost": 200, "[::1]:9": 200,
		"evil.example": 421, "evidence.example.evil.example": 421, "": 421, "10.0.0.1": 421, "localhost.evil.example:80": 421,
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody)
		r.Host = host
		s.Handler().ServeHTTP(w, r)
		require.Equal(t, status, w.Code, "host %q", host)
		require.NotEmpty(t, w.Header().Get("Strict-Transport-Security"))
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", http.NoBody)
	r.Host = "10.0.0.1"
	s.Handler().ServeHTTP(w, r)
	require.Equal(t, http.StatusOK, w.Code, "a health check knows no name")
}

func TestBodiesAreSmallButWhereAPartBoundsThem(t *testing.T) {
	t.Parallel()
	part := func(mux *http.ServeMux) {
		mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				http.Error(w, "too large", http.StatusRequestEntityTooLarge)
			}
		})
	}
	cfg := Config{Parts: []func(*http.ServeMux){part}, Large: []string{"/files/"}, MaxBody: 10}
	require.Equal(t, 200, ask(t, cfg, http.MethodPost, "/files/x", strings.NewReader(strings.Repeat("x", 5000))).Code)
	require.Equal(t, 413, ask(t, cfg, http.MethodPost, "/filesx", strings.NewReader(strings.Repeat("x", 5000))).Code)
}

func TestMoreConnectionsWait(t *testing.T) {
	t.Parallel()
	s, err := New(Config{Addr: "127.0.0.1:0", Most: 2, Log: quiet()})
	require.NoError(t, err)
	require.NoError(t, s.Start(context.Background()))
	var idle []net.Conn
	for range 2 {
		conn, err := net.Dial("tcp", s.Addr())
		require.NoError(t, err)
		idle = append(idle, conn)
	}
	conn, err := net.Dial("tcp", s.Addr())
	require.NoError(t, err)
	_, err = io.WriteString(conn, "GET /healthz HTTP/1.0\r\n\r\n")
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(100*time.Millisecond)))
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "there is no room yet")
	require.NoError(t, idle[0].Close())
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	body, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(body), "200 OK")
	require.NoError(t, errors.Join(idle[1].Close(), conn.Close()))
	require.NoError(t, s.Stop(context.Background()))
}

func TestAsteriskIsAnsweredByUs(t *testing.T) {
	t.Parallel()
	s, err := New(Config{Addr: "127.0.0.1:0", Log: quiet()})
	require.NoError(t, err)
	require.NoError(t, s.Start(context.Background()))
	conn, err := net.Dial("tcp", s.Addr())
	require.NoError(t, err)
	_, err = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	require.NoError(t, err)
	body, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Contains(t, string(body), "Content-Security-Policy:")
	require.NoError(t, conn.Close())
	require.NoError(t, s.Stop(context.Background()))
}
