package web

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
)

// contentPolicy lets a page load what this server gives and nothing else; hashing
// in the browser is WebAssembly, and previews of chosen files are blobs.
const contentPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; " +
	"media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

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
	if len(s.cfg.Parts) == 0 {
		mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
			plain(w, http.StatusNotFound, "clipcase: nothing here. The service says whether it runs at /healthz.\n")
		})
	} else {
		mux.Handle("/", s.hosted(s.pages()))
	}
	return s.guard(s.bounded(mux))
}

// pages is what people see, apart from what machines ask for.
func (s *Server) pages() http.Handler {
	mux := http.NewServeMux()
	for _, routes := range s.cfg.Parts {
		routes(mux)
	}
	return mux
}

// bounded keeps bodies small but where a part bounds them itself.
func (s *Server) bounded(next http.Handler) http.Handler {
	small := http.MaxBytesHandler(next, s.cfg.MaxBody)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.ContainsFunc(s.cfg.Large, func(prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) }) {
			next.ServeHTTP(w, r)
			return
		}
		small.ServeHTTP(w, r)
	})
}

// hosted answers only to names of its own: another name that leads here is
// someone else's page asking in a visitor's browser (DNS rebinding).
func (s *Server) hosted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(s.cfg.Hosts) > 0 && !s.answersTo(r.Host) {
			plain(w, http.StatusMisdirectedRequest, "clipcase: this address is not known here.\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) answersTo(host string) bool {
	if slices.ContainsFunc(s.cfg.Hosts, func(own string) bool { return strings.EqualFold(own, host) }) {
		return true
	}
	name := host
	if only, _, err := net.SplitHostPort(host); err == nil {
		name = only
	}
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return strings.EqualFold(name, "localhost") || ip != nil && ip.IsLoopback()
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
		h.Set("Content-Security-Policy", contentPolicy)
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}
