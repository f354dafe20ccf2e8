package jobs

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
)

// line is the way to Redis, which a test can cut and mend.
type line struct{ broken atomic.Bool }

var errCut = errors.New("the line is cut")

func (l *line) cut(on bool) { l.broken.Store(on) }

func (l *line) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if l.broken.Load() {
		return nil, errCut
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, network, addr)
	return &wire{Conn: conn, line: l}, err
}

type wire struct {
	net.Conn
	line *line
}

func (w *wire) Write(p []byte) (int, error) {
	if w.line.broken.Load() {
		return 0, errCut
	}
	return w.Conn.Write(p)
}
