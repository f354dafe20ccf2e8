package casepage

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/flowstest"
	"clipcase/web/page"
)

// endless is a store of one blob that is larger than what lies between two
// programs of one machine, and counts who has it open.
type endless struct {
	bytes int64
	open  atomic.Int32
}

type reading struct {
	io.Reader
	from *endless
}

func (e *endless) OpenRange(_ context.Context, _ string, offset, _ int64) (io.ReadCloser, error) {
	e.open.Add(1)
	return &reading{io.LimitReader(zeroes{}, e.bytes-offset), e}, nil
}

func (r *reading) Close() error {
	r.from.open.Add(-1)
	return nil
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A visitor who takes nothing more is cut off, one who leaves is noticed; nothing
// of either stays open.
func TestDownloadsThatAreNotTakenEnd(t *testing.T) {
	t.Parallel()
	store := &endless{bytes: 64 << 20}
	m, _ := setup(t)
	c := m.cases["CC0001"]
	c.Exhibits[0].Bytes, c.Exhibits[1].Bytes = store.bytes, store.bytes
	cat := flowstest.Catalogue(t)
	log := slog.New(slog.DiscardHandler)
	shared, err := page.New(cat, log)
	require.NoError(t, err)
	pages, err := New(Config{Bags: bags(t, m), Stall: 2 * time.Second, Clock: time.Now, IDs: func() string { return "once" }, Log: log}, m, m, m, store, m, cat, shared)
	require.NoError(t, err)
	mux := http.NewServeMux()
	pages.Routes(mux)
	left := make(chan struct{}, 8)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { left <- struct{}{} }()
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	for _, path := range []string{"/dl/" + token + "/original/e1", "/dl/" + token + "/all.zip"} {
		for _, leaves := range []bool{false, true} {
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			require.NoError(t, err)
			_, err = fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
			require.NoError(t, err)
			resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, resp.StatusCode)
			if leaves {
				require.NoError(t, conn.Close())
			}
			select {
			case <-left:
			case <-time.After(20 * time.Second):
				t.Fatal("the download goes on: " + path)
			}
			require.Zero(t, store.open.Load(), "nothing stays open")
			_ = conn.Close() // it may be closed already
			_ = resp.Body.Close()
		}
	}
}
