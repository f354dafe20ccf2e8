package storage

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSilentConnectionEnds(t *testing.T) {
	t.Parallel()
	near, far := net.Pipe()
	conn := &moving{near, 20 * time.Millisecond}
	_, err := conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	_, err = conn.Write([]byte("x"))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	require.NoError(t, conn.Close())
	require.NoError(t, far.Close())
}

// TestReadWaitsWhileSomethingIsWritten: the answer to a long upload may come late.
func TestReadWaitsWhileSomethingIsWritten(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	dialed, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	far, err := l.Accept()
	require.NoError(t, err)
	const silence = 1500 * time.Millisecond
	conn := &moving{dialed, silence}
	read := make(chan error, 1)
	go func() { _, err := conn.Read(make([]byte, 1)); read <- err }()
	begun := time.Now()
	for again := time.NewTicker(silence / 20); time.Since(begun) < silence+silence/5; <-again.C {
		_, err := conn.Write([]byte("x"))
		require.NoError(t, err)
	}
	_, err = far.Write([]byte("y"))
	require.NoError(t, err)
	require.NoError(t, <-read)
	for _, c := range []interface{ Close() error }{conn, far, l} {
		require.NoError(t, c.Close())
	}
}
