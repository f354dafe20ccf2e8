package browsertest

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Wire is the network between a browser and a server: it carries bytes, can be
// held at a point, and can be cut.
type Wire struct {
	to       string
	listener net.Listener
	running  sync.WaitGroup

	mu    sync.Mutex
	moved *sync.Cond
	open  map[net.Conn]bool
	sent  int64 // bytes carried to the server
	limit int64 // where to stop; -1 = nowhere
	cut   bool
	ended bool
}

// NewWire listens on loopback and carries to the address to, until the test ends.
func NewWire(t testing.TB, to string) *Wire {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w := &Wire{to: to, listener: l, open: map[net.Conn]bool{}, limit: -1}
	w.moved = sync.NewCond(&w.mu)
	w.running.Go(w.accept)
	t.Cleanup(w.end)
	return w
}

// Address is what to open instead of the server's: host:port.
func (w *Wire) Address() string { return w.listener.Addr().String() }

// HoldAfter lets n more bytes through to the server and no more until Release.
func (w *Wire) HoldAfter(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = w.sent + n
}

// Held waits until the wire is at its hold; false when too little came in time.
func (w *Wire) Held() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	late := false
	timer := time.AfterFunc(patience, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		late = true
		w.moved.Broadcast()
	})
	defer timer.Stop()
	for !late && !w.ended && (w.limit < 0 || w.sent < w.limit) {
		w.moved.Wait()
	}
	return !late && !w.ended
}

// Release lets everything through again.
func (w *Wire) Release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.limit = -1
	w.moved.Broadcast()
}

// Cut breaks every connection and takes no new one until Mend.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	w.drop()
}

// Mend ends a cut.
func (w *Wire) Mend() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = false
}

// Sent is how many bytes went to the server.
func (w *Wire) Sent() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sent
}

func (w *Wire) drop() {
	for c := range w.open {
		_ = c.Close()
	}
	w.moved.Broadcast()
}

func (w *Wire) end() {
	w.mu.Lock()
	w.ended = true
	w.drop()
	w.mu.Unlock()
	_ = w.listener.Close()
	w.running.Wait()
}

func (w *Wire) accept() {
	for {
		c, err := w.listener.Accept()
		if err != nil {
			return
		}
		w.running.Go(func() { w.carry(c) })
	}
}

// carry joins one connection of the browser's with one to the server.
func (w *Wire) carry(from net.Conn) {
	defer func() { _ = from.Close() }()
	if !w.keep(from) {
		return
	}
	defer w.lose(from)
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	if !w.keep(to) {
		return
	}
	defer w.lose(to)
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(from, to)
		_ = from.Close()
	}()
	w.forward(to, from)
	_ = to.Close()
	<-back
}

// forward carries to the server, as far as it may.
func (w *Wire) forward(to io.Writer, from io.Reader) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		for done := 0; done < n; {
			some, ok := w.pass(n - done)
			if !ok {
				return
			}
			if _, err := to.Write(buf[done : done+some]); err != nil {
				return
			}
			done += some
		}
		if err != nil {
			return
		}
	}
}

// pass waits until some of n bytes may go on and counts them.
func (w *Wire) pass(n int) (int, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for !w.cut && !w.ended && w.limit >= 0 && w.sent >= w.limit {
		w.moved.Wait()
	}
	if w.cut || w.ended {
		return 0, false
	}
	if w.limit >= 0 {
		n = int(min(int64(n), w.limit-w.sent))
	}
	w.sent += int64(n)
	w.moved.Broadcast()
	return n, true
}

func (w *Wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut || w.ended {
		return false
	}
	w.open[c] = true
	return true
}

func (w *Wire) lose(c net.Conn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
}
