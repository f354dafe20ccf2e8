package telegramtest

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server is one Bot API server with one bot and the people who talk to it.
type Server struct {
	// Faults is what the server is told to do wrong.
	Faults *Faults

	cfg     config
	t       testing.TB // nil outside tests
	http    *http.Server
	url     string
	dir     string // uploads too large for memory
	methods map[string]method
	ctx     context.Context // ends with the server: of its own requests
	cancel  context.CancelFunc
	done    chan struct{}
	work    sync.WaitGroup
	closed  sync.Once

	mu      sync.Mutex
	changed chan struct{} // closed and replaced whenever anything changes

	users     map[int64]*User
	chats     map[int64]*Chat
	files     map[string]*File
	paths     map[string]*File
	callbacks map[string]*Press
	queue     queue
	hook      webhook
	profile   profile
	buckets   map[int64]*bucket
	barred    map[int64]time.Time
	calls     []*Call
	lastID    int64
	upSince   time.Time
}

// New starts a server that ends with the test.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	s, err := NewServer(opts...)
	if err != nil {
		t.Fatalf("telegramtest: %v", err)
	}
	s.t = t
	t.Cleanup(s.Close)
	return s
}

// NewServer starts a server outside of tests; Close must be called.
func NewServer(opts ...Option) (*Server, error) {
	cfg := defaults()
	for _, o := range opts {
		o(&cfg)
	}
	dir, err := os.MkdirTemp("", "telegramtest-")
	if err != nil {
		return nil, fmt.Errorf("make a folder for uploads: %w", err)
	}
	ln, err := net.Listen("tcp", cfg.addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", cfg.addr, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Server{
		ctx: ctx, cancel: cancel,
		cfg: cfg, dir: dir, url: "http://" + ln.Addr().String(),
		done: make(chan struct{}), changed: make(chan struct{}),
		users: map[int64]*User{}, chats: map[int64]*Chat{}, files: map[string]*File{}, paths: map[string]*File{},
		callbacks: map[string]*Press{}, buckets: map[int64]*bucket{}, barred: map[int64]time.Time{},
		profile: newProfile(), upSince: cfg.now(),
	}
	s.queue.next = 1000
	s.Faults = &Faults{s: s}
	s.methods = methods()
	s.http = &http.Server{Handler: http.HandlerFunc(s.serve), ReadHeaderTimeout: time.Minute}
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		if err := s.http.Serve(ln); err != nil && err != http.ErrServerClosed {
			panic(fmt.Sprintf("telegramtest: serve: %v", err)) // the listener is ours alone: cannot happen
		}
	}()
	return s, nil
}

// Close ends waiting polls, deliveries and the server; it may be called again.
func (s *Server) Close() {
	s.closed.Do(func() {
		close(s.done)
		s.cancel()
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			_ = s.http.Close() // a client that hangs on: its connection is cut
		}
		s.work.Wait()
		s.cfg.client.CloseIdleConnections()
		_ = os.RemoveAll(s.dir)
	})
}

// URL is the address to give the bot instead of https://api.telegram.org.
func (s *Server) URL() string { return s.url }

// Token is the bot's token.
func (s *Server) Token() string { return s.cfg.token }

// Username is the bot's name without @.
func (s *Server) Username() string { return s.cfg.bot.Username }

func (s *Server) fail(format string, args ...any) {
	text := fmt.Sprintf("telegramtest: "+format, args...)
	if s.t == nil {
		panic(text)
	}
	s.t.Helper()
	s.t.Fatal(text)
}

// wake tells everyone who waits that something changed; mu is held.
func (s *Server) wake() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Server) serial() int64 { s.lastID++; return s.lastID }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	rest, ok := strings.CutPrefix(r.URL.Path, "/file/bot")
	if ok {
		s.download(w, r, rest)
		return
	}
	rest, ok = strings.CutPrefix(r.URL.Path, "/bot")
	token, name, found := strings.Cut(rest, "/")
	if !ok || !found {
		answer(w, nil, &Refusal{Code: 404, Text: "Not Found"})
		return
	}
	if token != s.cfg.token {
		s.refuse(w, name, &Refusal{Code: 401, Text: "Unauthorized"})
		return
	}
	m, known := s.methods[strings.ToLower(name)]
	if !known {
		s.refuse(w, name, &Refusal{Code: 404, Text: "Not Found: method not found"})
		return
	}
	s.call(w, r, m)
}

// refuse answers and records a call that never reached a method.
func (s *Server) refuse(w http.ResponseWriter, name string, refusal *Refusal) {
	s.mu.Lock()
	s.record(&Call{Method: name, Params: map[string]string{}}, refusal)
	s.mu.Unlock()
	answer(w, nil, refusal)
}

func answer(w http.ResponseWriter, result any, err error) int {
	body := map[string]any{"ok": err == nil}
	status := http.StatusOK
	if err != nil {
		refusal := asRefusal(err)
		status = refusal.Code
		body["error_code"], body["description"] = refusal.Code, refusal.Text
		if refusal.RetryAfter > 0 {
			body["parameters"] = map[string]any{"retry_after": refusal.RetryAfter}
			w.Header().Set("Retry-After", strconv.Itoa(refusal.RetryAfter))
		}
		if refusal.MigrateTo != 0 {
			body["parameters"] = map[string]any{"migrate_to_chat_id": refusal.MigrateTo}
		}
	} else {
		body["result"] = result
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client hung up: nothing to tell it
	return status
}

func asRefusal(err error) *Refusal {
	if r, ok := err.(*Refusal); ok { //nolint:errorlint // refusals are never wrapped in this package
		return r
	}
	return &Refusal{Code: 500, Text: "Internal Server Error: " + err.Error()}
}
