package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"
)

// Config says where to listen and what hangs below the paths.
type Config struct {
	Addr    string       // host:port; port 0 = any free one
	Webhook http.Handler // POST /telegram/webhook; nil = 404
	Checks  []Check      // all must hold for /readyz; may be empty
	Metrics *Metrics     // nil = /metrics is 404
	MaxBody int64        // bytes of a request's body at most; 0 = 1 MiB

	Log *slog.Logger // required
}

// Server is the HTTP side of one process.
type Server struct {
	cfg      Config
	http     *http.Server
	listener net.Listener
	done     chan struct{}
	once     sync.Once
	err      error
}

const (
	headerTimeout = 5 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 30 * time.Second
	idleTimeout   = 60 * time.Second
	defaultBody   = 1 << 20
)

// New checks the configuration; nothing listens before Start.
func New(cfg Config) (*Server, error) {
	if cfg.Log == nil || cfg.Addr == "" {
		return nil, errors.New("web: Log and Addr are required")
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = defaultBody
	}
	s := &Server{cfg: cfg, done: make(chan struct{})}
	s.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes: 16 << 10,
		ErrorLog:       slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Handler is everything the server answers, for Start and for tests.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") })
	mux.Handle("GET /readyz", &readiness{checks: s.cfg.Checks})
	if s.cfg.Metrics != nil {
		mux.Handle("GET /metrics", s.cfg.Metrics.handler())
	}
	if s.cfg.Webhook != nil {
		mux.Handle("POST /telegram/webhook", s.cfg.Webhook)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		plain(w, http.StatusNotFound, "clipcase: nothing here. The service says whether it runs at /healthz.\n")
	})
	return s.guard(http.MaxBytesHandler(mux, s.cfg.MaxBody))
}

// guard sets the headers that every answer has and turns panics into a 500.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // a panic value, not a wrapped error
				panic(p)
			}
			s.cfg.Log.Error("request panicked", "panic", fmt.Sprint(p))
			plain(w, http.StatusInternalServerError, "internal error\n")
		}()
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

// Start listens and serves in the background. An error says that the address
// cannot be listened on; it wraps the system's, such as syscall.EADDRINUSE.
func (s *Server) Start(ctx context.Context) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.listener = listener
	go func() {
		defer close(s.done)
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.cfg.Log.Error("web server ended", "err", err)
		}
	}()
	return nil
}

// Addr is the address listened on, "" before Start.
func (s *Server) Addr() string {
	if s.listener == nil {
		return ""
	}
	return s.listener.Addr().String()
}

// Stop lets running requests end until ctx does, then cuts them. It blocks, may
// be called again, and without Start.
func (s *Server) Stop(ctx context.Context) error {
	s.once.Do(func() {
		if s.listener == nil {
			return
		}
		if err := s.http.Shutdown(ctx); err != nil {
			s.err = errors.Join(fmt.Errorf("stop web server: %w", err), s.http.Close())
		}
		<-s.done
	})
	return s.err
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the client may be gone: nothing to do about it
}
