package bot

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func testWire(t *testing.T, stall time.Duration) *wire {
	t.Helper()
	cfg := Config{Token: "1:TOKEN", Log: slog.New(slog.DiscardHandler), Clock: time.Now, IDs: func() string { return "" }, Pace: Pace{Stall: stall}}
	require.NoError(t, cfg.check())
	w, err := newWire(&cfg)
	require.NoError(t, err)
	t.Cleanup(w.client.CloseIdleConnections)
	return w
}

// drip gives a byte now and then.
type drip struct {
	left int
	gap  time.Duration
}

func (d *drip) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	timer := time.NewTimer(d.gap)
	<-timer.C
	d.left--
	p[0] = 'x'
	return 1, nil
}

func TestSlowTransfersLiveAndStalledOnesEnd(t *testing.T) {
	t.Parallel()
	stop := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			select {
			case <-stop:
			case <-r.Context().Done():
			}
			return
		}
		n, err := io.Copy(io.Discard, r.Body)
		if err == nil && n == 12 {
			_, err = io.WriteString(w, `{"ok":true}`)
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(func() { close(stop); server.Close() })
	w := testWire(t, 120*time.Millisecond)

	req, err := http.NewRequest(http.MethodPost, server.URL+"/slow", &drip{12, 40 * time.Millisecond}) // 480 ms in all
	require.NoError(t, err)
	resp, err := w.answer(req)
	require.NoError(t, err, "a slow upload that moves must live")
	require.NoError(t, resp.Body.Close())

	req, err = http.NewRequest(http.MethodPost, server.URL+"/hang", strings.NewReader("x"))
	require.NoError(t, err)
	_, err = w.answer(req)
	require.ErrorIs(t, err, errStalled)
	require.Equal(t, uncertain, judge(err).outcome, "the whole request had left")

	ctx := patient(context.Background(), 400*time.Millisecond)
	req, err = http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/hang", strings.NewReader("x"))
	require.NoError(t, err)
	start := time.Now()
	_, err = w.answer(req)
	require.ErrorIs(t, err, errStalled)
	require.GreaterOrEqual(t, time.Since(start), 400*time.Millisecond, "a poll may wait longer")
}

func TestErrorsNameNoToken(t *testing.T) {
	t.Parallel()
	w := testWire(t, time.Second)
	req, err := http.NewRequest(http.MethodPost, "http://127.0.0.1:1/bot1:TOKEN/sendMessage", strings.NewReader("x"))
	require.NoError(t, err)
	_, err = w.answer(req)
	require.Error(t, err)
	require.NotContains(t, err.Error(), "TOKEN")
	require.Equal(t, unsent, judge(err).outcome, "nobody was there")

	quoted := &wireError{token: "1:TOKEN", err: errors.New(`Post "http://x/bot1:TOKEN/m": EOF`)}
	require.NotContains(t, quoted.Error(), "TOKEN")
}

func TestJudge(t *testing.T) {
	t.Parallel()
	require.Equal(t, done, judge(nil).outcome)
	require.Equal(t, tooLarge, judge(&statusError{413}).outcome)
	require.Equal(t, unsent, judge(&statusError{500}).outcome)
	require.Equal(t, doubtful, judge(&statusError{502}).outcome)
	require.Equal(t, doubtful, judge(&statusError{504}).outcome)
	require.Equal(t, unsent, judge(&wireError{err: io.EOF}).outcome)
	require.Equal(t, uncertain, judge(&wireError{err: io.EOF, left: true}).outcome)
	require.Equal(t, uncertain, judge(errors.New("error decode response result")).outcome)
}

func TestPacer(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 0)
	p := newPacer(Pace{PerChat: time.Second, Burst: 3, PerGroup: 3 * time.Second, Overall: 25}, func() time.Time { return now })
	l := p.lane(7, now)
	var waits []time.Duration
	for range 5 {
		waits = append(waits, l.take(now))
	}
	require.Equal(t, []time.Duration{0, 0, 0, time.Second, 2 * time.Second}, waits)
	require.Equal(t, 3*time.Second, p.lane(-7, now).gap)
	p.hold(8, time.Minute)
	require.Equal(t, time.Minute, p.held(8))
	require.Zero(t, p.held(7))
	p.hold(8, time.Second)
	require.Equal(t, time.Minute, p.held(8), "a shorter wait does not end a longer one")
	now = now.Add(2 * time.Minute)
	require.Zero(t, p.held(8))
	var all []time.Duration
	for range 30 {
		all = append(all, p.all.take(now))
	}
	require.Zero(t, all[24])
	require.Equal(t, 5*40*time.Millisecond, all[29])
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.Error(t, p.wait(ctx, 9))
	require.Zero(t, p.lane(9, now).take(now), "a place not used is given back")
}
