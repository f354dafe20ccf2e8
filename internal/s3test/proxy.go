package s3test

import (
	"io"
	"log"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy stands before a server and fails as often as it is told: by an error of
// the server before the request, by an error after it was carried out, by a cut
// in the request, or by a cut in the answer.
type Proxy struct {
	URL string

	mu     sync.Mutex
	random *rand.Rand
	share  float64
	alter  bool
	before func(*http.Request)
	count  map[string]int
}

// NewProxy forwards to the server until the test ends. What fails follows from
// the seed.
func NewProxy(t testing.TB, to string, seed int64) *Proxy {
	t.Helper()
	target, err := url.Parse(to)
	require.NoError(t, err)
	p := &Proxy{random: rand.New(rand.NewSource(seed)), count: map[string]int{}}
	forward := &httputil.ReverseProxy{
		ErrorLog: log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		Transport:    &http.Transport{MaxIdleConnsPerHost: 16},
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(forward, w, r) }))
	server.Start()
	p.URL = server.URL
	t.Cleanup(func() {
		server.Close()
		forward.Transport.(*http.Transport).CloseIdleConnections()
	})
	return p
}

// Fail makes this share of all requests, 0..1, fail from now on.
func (p *Proxy) Fail(share float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.share = share
}

// Alter makes the proxy change the first byte of every object that is read.
func (p *Proxy) Alter(on bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.alter = on
}

// Before makes the proxy call hook before each request; nil = nothing.
func (p *Proxy) Before(hook func(*http.Request)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = hook
}

// Count is how many requests there were, by method, and how many of all failed
// ("failed").
func (p *Proxy) Count(what string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.count[what]
}

const (
	pass = iota
	busy
	lost
	cutRequest
	cutAnswer
	kinds
)

func (p *Proxy) draw(method string) (fault int, alter bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count[method]++
	if p.random.Float64() >= p.share {
		return pass, p.alter
	}
	p.count["failed"]++
	return 1 + p.random.Intn(kinds-1), p.alter
}

func (p *Proxy) serve(forward *httputil.ReverseProxy, w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	before := p.before
	p.mu.Unlock()
	if before != nil {
		before(r)
	}
	fault, alter := p.draw(r.Method)
	switch fault {
	case busy:
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
		return
	case lost:
		forward.ServeHTTP(&silent{header: http.Header{}}, r)
		panic(http.ErrAbortHandler)
	case cutRequest:
		_, _ = io.CopyN(io.Discard, r.Body, r.ContentLength/2)
		panic(http.ErrAbortHandler)
	case cutAnswer:
		forward.ServeHTTP(&cut{ResponseWriter: w, left: 1 << 10}, r)
		return
	}
	if alter && r.Method == http.MethodGet && r.URL.Query().Get("list-type") == "" {
		w = &altered{ResponseWriter: w}
	}
	forward.ServeHTTP(w, r)
}

// silent takes an answer and shows it to nobody.
type silent struct{ header http.Header }

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(p []byte) (int, error) { return len(p), nil }
func (s *silent) WriteHeader(int)             {}

// cut ends the connection after some bytes.
type cut struct {
	http.ResponseWriter
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	if len(p) < c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	if _, err := c.ResponseWriter.Write(p[:c.left]); err == nil {
		_ = http.NewResponseController(c.ResponseWriter).Flush() // the connection ends either way
	}
	panic(http.ErrAbortHandler)
}

// altered changes the first byte.
type altered struct {
	http.ResponseWriter
	done bool
}

func (a *altered) Write(p []byte) (int, error) {
	if !a.done && len(p) > 0 {
		a.done = true
		p = append([]byte{p[0] ^ 1}, p[1:]...)
	}
	return a.ResponseWriter.Write(p)
}
