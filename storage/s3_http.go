package storage

import (
	"context"
	"net"
	"net/http"
	"time"
)

// patient makes a connection end when nothing moves on it for s3Silence: a server
// that stopped in the middle would otherwise hold an upload for good.
func patient(t *http.Transport) {
	dialer := &net.Dialer{Timeout: s3Dial, KeepAlive: 15 * time.Second}
	t.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &moving{conn, s3Silence}, nil
	}
	t.MaxIdleConnsPerHost = 16
	t.IdleConnTimeout = s3Silence / 2
}

// moving is a connection that ends when nothing moves on it for the time of
// silence. A read may wait for as long as something is written.
type moving struct {
	net.Conn
	silence time.Duration
}

func (m *moving) Read(p []byte) (int, error) {
	if err := m.SetReadDeadline(time.Now().Add(m.silence)); err != nil {
		return 0, err
	}
	return m.Conn.Read(p)
}

func (m *moving) Write(p []byte) (int, error) {
	if err := m.SetDeadline(time.Now().Add(m.silence)); err != nil {
		return 0, err
	}
	return m.Conn.Write(p)
}
