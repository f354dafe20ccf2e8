package uploadtest_test

import (
	"net/http"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
)

// hold lets the first bytes through and keeps all that follow on the way, until
// the connections die. held waits for some that are kept.
func (s *site) hold() (held, die func()) {
	s.t.Helper()
	kept, end := make(chan struct{}, 100), make(chan struct{})
	s.interfere(func(n int, _ *http.Request) bool {
		if n == 0 {
			return true
		}
		kept <- struct{}{}
		<-end
		return false
	})
	held = func() {
		s.t.Helper()
		select {
		case <-kept:
		case <-time.After(time.Minute):
			require.FailNow(s.t, "nothing more was sent")
		}
	}
	die = sync.OnceFunc(func() { close(end) })
	s.t.Cleanup(die)
	return held, die
}

// The network goes in the middle, and later the phone is put away while bytes are
// on their way and the connection dies: each time the page goes on where it stopped.
func TestPageGoesOnAfterSleep(t *testing.T) {
	t.Parallel()
	s := open(t)
	path, sum := recording(t, some)
	held, die := s.hold()
	p := browser.Open(t, browsertest.Phone())
	p.Go(s.url + address)
	p.Choose(field, path)

	held()
	p.Offline(true)
	die()
	p.Await("网络断了", "网络一恢复就自动接着传")
	held, die = s.hold()
	p.Offline(false)

	held()
	p.Sleep()
	s.interfere(nil)
	die()
	asleep := len(s.offsets())
	p.Wake()
	s.arrived(p, sum)

	offsets := s.offsets()
	require.Greater(t, len(offsets), asleep, "it was not through before it slept")
	last := -1
	for i, text := range offsets {
		at, err := strconv.Atoi(text)
		require.NoError(t, err)
		require.GreaterOrEqual(t, at, last, "what had arrived is not sent again: %s", offsets)
		require.True(t, at > 0 || i == 0, "%s", offsets)
		last = at
	}
}
