package jobs

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// cut gives the first n bytes and then breaks with err.
func cut(content []byte, n int, err error) io.ReadCloser {
	return io.NopCloser(io.MultiReader(bytes.NewReader(content[:n]), &broken{err}))
}

type broken struct{ err error }

func (b *broken) Read([]byte) (int, error) { return 0, b.err }

func content(t *testing.T, n int) []byte {
	t.Helper()
	raw := make([]byte, n)
	_, err := rand.Read(raw)
	require.NoError(t, err)
	return raw
}

func TestIngestStoresAndMeasures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.files["mem:a"] = content(t, 200_000)
	c := draft("CC0001", "mem:a", 200_000)
	b.put(c, work1(flows.EffectIngest, c))
	b.start()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "measured")
	e := b.get("CC0001").Exhibits[0]
	require.Equal(t, int64(200_000), e.Bytes)
	require.Equal(t, []string{"cases/CC0001/originals/" + e.SHA256}, b.blobs.keys(t, "cases/CC0001/"))
	b.until(func() bool { return b.outbox.waiting() == 0 }, "effects handed on and dropped")
}

func TestIngestGoesOnAfterCuts(t *testing.T) {
	t.Parallel()
	whole := content(t, 300_000)
	table := map[string]struct {
		open  func(n int, raw []byte, offset int64) (io.ReadCloser, int64, int64, error)
		opens []int64
	}{
		"from where it was": {func(n int, raw []byte, offset int64) (io.ReadCloser, int64, int64, error) {
			if n == 1 {
				return cut(raw, 70_000, io.ErrUnexpectedEOF), 0, int64(len(raw)), nil
			}
			return io.NopCloser(bytes.NewReader(raw[offset:])), offset, int64(len(raw)), nil
		}, []int64{0, 70_000}},
		"a silent end counts as a cut": {func(n int, raw []byte, offset int64) (io.ReadCloser, int64, int64, error) {
			if n == 1 {
				return cut(raw, 100, io.EOF), 0, 0, nil
			}
			return io.NopCloser(bytes.NewReader(raw[offset:])), offset, 0, nil
		}, []int64{0, 100}},
		"a source that only begins at the start": {func(n int, raw []byte, _ int64) (io.ReadCloser, int64, int64, error) {
			if n == 1 {
				return cut(raw, 70_000, errors.New("reset")), 0, int64(len(raw)), nil
			}
			return io.NopCloser(bytes.NewReader(raw)), 0, int64(len(raw)), nil
		}, []int64{0, 70_000}},
		"a new task begins anew": {func(n int, raw []byte, _ int64) (io.ReadCloser, int64, int64, error) {
			if n <= 4 { // the first and three reopened
				return cut(raw, 0, errors.New("reset")), 0, int64(len(raw)), nil
			}
			return io.NopCloser(bytes.NewReader(raw)), 0, int64(len(raw)), nil
		}, []int64{0, 0, 0, 0, 0}},
		"a hang is a cut": {func(n int, raw []byte, offset int64) (io.ReadCloser, int64, int64, error) {
			if n == 1 {
				r, _ := io.Pipe()
				return r, 0, int64(len(raw)), nil
			}
			return io.NopCloser(bytes.NewReader(raw[offset:])), offset, int64(len(raw)), nil
		}, []int64{0, 0}},
	}
	for name, test := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.fetcher.files["mem:a"], b.fetcher.open = whole, test.open
			c := draft("CC0001", "mem:a", int64(len(whole)))
			b.put(c, work1(flows.EffectIngest, c))
			b.start()
			b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "measured")
			require.Equal(t, test.opens, b.fetcher.asked())
			path, _, err := b.blobs.Stage(context.Background(), b.get("CC0001").Exhibits[0].Blob)
			require.NoError(t, err)
			requireFile(t, path, whole)
		})
	}
}

func TestIngestNeverKeepsAnotherLength(t *testing.T) {
	t.Parallel()
	for name, announced := range map[string]int64{"shorter": 900, "longer": 1100} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.cfg.Tries = 2
			b.fetcher.files["mem:a"] = content(t, int(announced))
			b.fetcher.open = func(_ int, raw []byte, _ int64) (io.ReadCloser, int64, int64, error) {
				return io.NopCloser(bytes.NewReader(raw)), 0, 0, nil // the source does not say how long it is
			}
			c := draft("CC0001", "mem:a", 1000)
			b.put(c, work1(flows.EffectIngest, c))
			b.start()
			b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitRefused }, "given up")
			require.Contains(t, b.outbox.words("tg:42"), "talk.lost.line")
			require.Empty(t, b.blobs.keys(t, "cases/CC0001/originals"))
		})
	}
}

func TestIngestTellsWhyAFileCannotBeFetched(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.open = func(int, []byte, int64) (io.ReadCloser, int64, int64, error) {
		return nil, 0, 0, &flows.Error{Class: flows.UserMedia, Text: flows.Text{Plain: "gone"}}
	}
	c := draft("CC0001", "mem:a", 1000)
	b.put(c, work1(flows.EffectIngest, c))
	b.start()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitRefused }, "refused at once")
	require.Len(t, b.fetcher.asked(), 1)
	require.Equal(t, flows.UserMedia, b.get("CC0001").Exhibits[0].Problem.Class)
}

func TestIngestWaitsForRoomBeforeTheFirstByte(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.cfg.DiskWait = 100 * time.Millisecond
	b.blobs.free = 2999
	b.fetcher.files["mem:a"] = content(t, 1000)
	c := draft("CC0001", "mem:a", 1000)
	b.put(c, work1(flows.EffectIngest, c))
	b.start()
	b.until(func() bool { return len(b.outbox.words("tg:42")) > 0 }, "told")
	require.Equal(t, []string{"jobs.wait.disk"}, b.outbox.words("tg:42"))
	require.Empty(t, b.fetcher.asked())
	b.blobs.mu.Lock()
	b.blobs.free = 3000
	b.blobs.mu.Unlock()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "goes on")
	told := 0
	for _, key := range b.outbox.words("tg:42") {
		if key == "jobs.wait.disk" {
			told++
		}
	}
	require.Equal(t, 1, told, "told once however long it waits")
}

// A file whose source cannot be reached is waited for, for hours; the person is
// told once, and only after two days that it is lost.
func TestIngestWaitsForASourceThatIsAway(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]bool{"comes back": true, "stays away": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.cfg.Tries, b.cfg.Later, b.cfg.AwayWait = 2, 5*time.Millisecond, 20*time.Minute
			raw := content(t, 1000)
			b.fetcher.files["mem:a"] = raw
			var here atomic.Bool
			b.fetcher.open = func(int, []byte, int64) (io.ReadCloser, int64, int64, error) {
				if !here.Load() {
					return nil, 0, 0, &flows.Error{Class: flows.Unavailable, Text: flows.T("bot.fetch.away"), Err: errors.New("no route")}
				}
				return io.NopCloser(bytes.NewReader(raw)), 0, 1000, nil
			}
			c := draft("CC0001", "mem:a", 1000)
			c.Exhibits[0].Received = time.Now()
			b.put(c, work1(flows.EffectIngest, c))
			b.start()
			b.until(func() bool { return len(b.fetcher.asked()) > 3 }, "tried more often than a download that breaks off")
			require.Empty(t, b.outbox.words("tg:42"), "a short absence is nobody's concern")
			b.now.Store(int64(3 * time.Hour))
			b.until(func() bool { return len(b.outbox.words("tg:42")) > 0 }, "told")
			asked := len(b.fetcher.asked())
			b.until(func() bool { return len(b.fetcher.asked()) > asked+2 }, "and still tried")
			require.Equal(t, []string{"bot.fetch.away"}, b.outbox.words("tg:42"), "told once")
			require.Equal(t, flows.ExhibitFetching, b.get("CC0001").Exhibits[0].State)
			if back {
				here.Store(true)
				b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "fetched after hours")
				return
			}
			b.now.Store(int64(49 * time.Hour))
			b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitRefused }, "given up")
			require.Contains(t, b.outbox.words("tg:42"), "talk.lost.line")
		})
	}
}

func TestIngestKeepsARefusedOriginal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.files["mem:a"] = content(t, 10)
	b.preparer.inspect = func(int) (media.Probe, error) {
		return media.Probe{}, &media.Refusal{Code: media.RefusedNotMedia}
	}
	c := draft("CC0001", "mem:a", 10)
	b.put(c, work1(flows.EffectIngest, c))
	b.start()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitRefused }, "refused")
	require.Equal(t, media.RefusedNotMedia, b.get("CC0001").Exhibits[0].Refusal.Code)
	require.Len(t, b.blobs.keys(t, "cases/CC0001/originals"), 1)
}

func TestIngestTriesMeasuringAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.files["mem:a"] = content(t, 10)
	b.preparer.inspect = func(n int) (media.Probe, error) {
		if n == 1 {
			return media.Probe{}, errors.New("no process")
		}
		return media.Probe{Kind: media.KindVideo}, nil
	}
	c := draft("CC0001", "mem:a", 10)
	b.put(c, work1(flows.EffectIngest, c))
	b.start()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "measured")
}

func TestIngestLeavesAloneWhatIsOver(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*flows.Case){
		"quarantined": func(c *flows.Case) { c.Quarantined = true },
		"cancelled":   func(c *flows.Case) { c.Cancelled = time.Now() },
		"removed":     func(c *flows.Case) { c.Exhibits[0].Removed = true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			c := draft("CC0001", "mem:a", 10)
			change(c)
			b.put(c, work1(flows.EffectIngest, c))
			j := b.start()
			b.until(func() bool { return b.outbox.waiting() == 0 }, "handed on")
			b.until(func() bool { return b.idle(j) }, "done")
			require.Empty(t, b.fetcher.asked())
			require.Equal(t, flows.ExhibitFetching, b.get("CC0001").Exhibits[0].State)
		})
	}
}

func TestIngestOfADeletedCaseLeavesNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	raw := content(t, 1000)
	b.fetcher.files["mem:a"] = raw
	b.fetcher.open = func(int, []byte, int64) (io.ReadCloser, int64, int64, error) {
		// deleted in the middle of the download
		return io.NopCloser(io.MultiReader(bytes.NewReader(raw[:500]), &calls{func() {
			_ = b.cases.Forget(context.Background(), "CC0001")
		}}, bytes.NewReader(raw[500:]))), 0, 1000, nil
	}
	b.cfg.Watching = time.Hour // the watch must not be what saves us
	c := draft("CC0001", "mem:a", 1000)
	b.put(c, work1(flows.EffectIngest, c))
	j := b.start()
	b.until(func() bool { return len(b.fetcher.asked()) == 1 && b.outbox.waiting() == 0 && b.idle(j) }, "done")
	require.Empty(t, b.blobs.keys(t, "cases/CC0001"))
}

// calls runs do when it is read and gives nothing.
type calls struct{ do func() }

func (c *calls) Read([]byte) (int, error) {
	c.do()
	return 0, io.EOF
}

func TestIngestWaitsForAFrontEndThatDoesNotRun(t *testing.T) {
	t.Parallel()
	b := setup(t)
	whole := content(t, 5000)
	b.fetcher.open = func(n int, _ []byte, _ int64) (io.ReadCloser, int64, int64, error) {
		if n <= 12 { // more often than a failing download is tried
			return nil, 0, 0, &flows.Error{Class: flows.Unavailable, Err: ErrElsewhere}
		}
		return io.NopCloser(bytes.NewReader(whole)), 0, int64(len(whole)), nil
	}
	b.cfg.Later = time.Millisecond
	c := draft("CC0001", "mem:a", int64(len(whole)))
	b.put(c, work1(flows.EffectIngest, c))
	b.start()
	b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "fetched when it runs again")
}
