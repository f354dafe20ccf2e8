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

	"golang.org/x/net/netutil"
)

// Config says where to listen and what hangs below the paths.
type Config struct {
	Addr    string       // host:port; port 0 = any free one
	Webhook http.Handler // POST /telegram/webhook; nil = 404
	Checks  []Check      // all must hold for /readyz; may be empty
	Metrics *Metrics     // nil = /metrics is 404
	MaxBody int64        // bytes of a request's body at most; 0 = 1 MiB
	Most    int          // connections at once; more wait until one ends; 0 = 2000

	Parts  []func(*http.ServeMux) // the pages; none = everything else is 404
	Large  []string               // path prefixes whose parts bound the body themselves
	Hosts  []string               // names this service answers to besides loopback ones; none = any
	Secure bool                   // people reach it by https: browsers are told to insist on it

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
	defaultMost   = 2000 // each may need two files: itself and what it reads
)

// New checks the configuration; nothing listens before Start.
func New(cfg Config) (*Server, error) {
	if cfg.Log == nil || cfg.Addr == "" {
		return nil, errors.New("web: Log and Addr are required")
	}
	if cfg.MaxBody <= 0 {
		cfg.MaxBody = defaultBody
	}
	if cfg.Most <= 0 {
		cfg.Most = defaultMost
	}
	s := &Server{cfg: cfg, done: make(chan struct{})}
	s.http = &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: headerTimeout, ReadTimeout: readTimeout, WriteTimeout: writeTimeout, IdleTimeout: idleTimeout,
		MaxHeaderBytes:               16 << 10,
		DisableGeneralOptionsHandler: true, // its answer would have none of our headers
		ErrorLog:                     slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// Start listens and serves in the background. An error says that the address
// cannot be listened on; it wraps the system's, such as syscall.EADDRINUSE.
func (s *Server) Start(ctx context.Context) error {
	var lc net.ListenConfig
	listener, err := lc.Listen(ctx, "tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	s.listener = netutil.LimitListener(listener, s.cfg.Most)
	go func() {
		defer close(s.done)
		if err := s.http.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
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
