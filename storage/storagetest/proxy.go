package storagetest

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy stands between a client and Redis and can lose an answer.
type Proxy struct {
	URL string // redis://…

	ctx              context.Context
	network, address string
	listener         net.Listener
	wg               sync.WaitGroup
	mu               sync.Mutex
	lose             bool
	lost             int
	open             map[net.Conn]bool
}

// NewProxy listens on loopback until the test ends and forwards to Redis.
func NewProxy(t *testing.T, network, address string) *Proxy {
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	p := &Proxy{URL: "redis://" + l.Addr().String(), ctx: t.Context(), network: network, address: address, listener: l, open: map[net.Conn]bool{}}
	p.wg.Go(p.accept)
	t.Cleanup(func() {
		p.mu.Lock()
		err := l.Close()
		for c := range p.open {
			err = errors.Join(err, c.Close())
		}
		p.mu.Unlock()
		p.wg.Wait()
		require.NoError(t, err)
	})
	return p
}

// LoseReply makes the next answer to a script get lost, after it ran.
func (p *Proxy) LoseReply() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lose = true
}

// Lost is how many answers got lost.
func (p *Proxy) Lost() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lost
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := new(net.Dialer).DialContext(p.ctx, p.network, p.address)
		if err != nil {
			p.end(client)
			continue
		}
		p.mu.Lock()
		p.open[client], p.open[server] = true, true
		p.mu.Unlock()
		link := &link{p: p, client: client, server: server}
		p.wg.Go(link.requests)
		p.wg.Go(link.answers)
	}
}

// end closes a connection; the other side may have closed it first.
func (p *Proxy) end(c net.Conn) {
	if err := c.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		panic(err)
	}
}

type link struct {
	p              *Proxy
	client, server net.Conn
	mu             sync.Mutex
	script         bool // the last request was a script
}

func (l *link) requests() {
	l.forward(l.client, l.server, func(b []byte) bool {
		l.mu.Lock()
		l.script = bytes.Contains(bytes.ToLower(b[:min(len(b), 40)]), []byte("eval"))
		l.mu.Unlock()
		return true
	})
}

func (l *link) answers() {
	l.forward(l.server, l.client, func(b []byte) bool {
		l.mu.Lock()
		script := l.script
		l.mu.Unlock()
		l.p.mu.Lock()
		defer l.p.mu.Unlock()
		if !l.p.lose || !script || bytes.HasPrefix(b, []byte("-NOSCRIPT")) {
			return true
		}
		l.p.lose = false
		l.p.lost++
		return false
	})
}

// forward copies until an end breaks or pass says no; then both are closed.
func (l *link) forward(from, to net.Conn, pass func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			if !pass(buf[:n]) {
				break
			}
			if _, err := to.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	for _, c := range []net.Conn{from, to} {
		if l.p.open[c] {
			delete(l.p.open, c)
			l.p.end(c)
		}
	}
}
