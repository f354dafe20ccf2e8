package jobs

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// memReader says that a notice stands on every screen.
type memReader struct {
	err   error
	free  chan struct{} // reading waits until it is closed; nil = it does not wait
	asked atomic.Int64
}

func (*memReader) Reads() bool { return true }

func (m *memReader) Read(ctx context.Context, _ string, _ media.Probe, _ time.Duration) ([]media.Reading, error) {
	m.asked.Add(1)
	if m.free != nil {
		select {
		case <-m.free:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return []media.Reading{{At: 42, Lines: []media.Line{{Text: "您的账号已被封禁", Sure: 0.9}}}}, m.err
}

func (*memReader) Choose(_ context.Context, _ string, _ media.Probe, length float64) (media.Range, error) {
	return media.Range{Start: 100, End: 100 + length}, nil
}

// What is read of an arrived recording is kept with it, with pictures of the
// moments for whoever chooses; what cannot be read stops nothing.
func TestScreensAreReadOnArrival(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		err      error
		chat     string
		sent     flows.Sent
		moments  []media.Candidate
		pictures int
	}{
		"in the chat": {nil, "tg:42", flows.SentFile, []media.Candidate{{At: 42, Text: "您的账号已被封禁"}, {At: 102}}, 3},
		"on a page":   {nil, "web:abc", flows.SentUpload, []media.Candidate{{At: 42, Text: "您的账号已被封禁"}, {At: 102}}, flows.Previews + 2},
		"both":        {nil, "tg:42", flows.SentUpload, []media.Candidate{{At: 42, Text: "您的账号已被封禁"}, {At: 102}}, flows.Previews + 5},
		"fails":       {errors.New("no"), "tg:42", flows.SentFile, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.fetcher.files["mem:a"] = content(t, 2000)
			b.preparer.inspect = func(int) (media.Probe, error) {
				return media.Probe{Kind: media.KindVideo, Duration: 180, Width: 100, Height: 200}, nil
			}
			c := draft("CC0001", "mem:a", 2000)
			c.Chat, c.Exhibits[0].File.Sent = row.chat, row.sent
			b.put(c, work1(flows.EffectIngest, c))
			deps := b.deps()
			reader := &memReader{err: row.err}
			deps.Previewer, deps.Reader = &shooter{}, reader
			deps.Words = func(string) []string { return []string{"封禁"} }
			j := b.startWith(b.cfg, deps)
			b.until(func() bool { return reader.asked.Load() == 1 }, "reading was tried")
			b.until(func() bool {
				waiting, running, err := j.Lengths()
				return err == nil && waiting[queueRead]+running[queueRead]+waiting[queueIngest]+running[queueIngest] == 0
			}, "reading and previews are over")
			require.Equal(t, row.err == nil, b.get("CC0001").Exhibits[0].Read)
			if row.err == nil {
				require.Equal(t, []media.Seen{{At: 42, Text: "您的账号已被封禁"}}, b.get("CC0001").Exhibits[0].Seen)
			}
			require.Equal(t, row.moments, b.get("CC0001").Exhibits[0].Moments)
			require.Len(t, b.blobs.keys(t, "cases/CC0001/preview/"), row.pictures)
		})
	}
}

// blocked makes no picture before it is let.
type blocked struct {
	shooter
	free  chan struct{}
	asked atomic.Int64
}

func (b *blocked) Thumbnail(ctx context.Context, path string, p media.Probe, at float64, side int, to string) error {
	b.asked.Add(1)
	select {
	case <-b.free:
		return b.shooter.Thumbnail(ctx, path, p, at, side, to)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Reading, which takes longest, does not wait for small pictures.
func TestReadingWaitsForNoPictures(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.files["mem:a"] = content(t, 2000)
	c := draft("CC0001", "mem:a", 2000)
	c.Exhibits[0].File.Sent = flows.SentUpload
	b.put(c, work1(flows.EffectIngest, c))
	deps, pictures := b.deps(), &blocked{free: make(chan struct{})}
	deps.Previewer, deps.Reader, deps.Words = pictures, &memReader{}, func(string) []string { return nil }
	b.startWith(b.cfg, deps)
	b.until(func() bool { return b.get("CC0001").Exhibits[0].Read }, "the screen is read")
	require.Empty(t, b.blobs.keys(t, "cases/CC0001/preview/"))
	close(pictures.free)
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001/preview/")) == flows.Previews }, "pictures")
}

// However long screens are read, nobody's files wait for it.
func TestReadingHoldsUpNoFiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reader := &memReader{free: make(chan struct{})}
	deps := b.deps()
	deps.Reader, deps.Words = reader, func(string) []string { return nil }
	const cases = 6 // more than files are fetched at once
	for n := range cases {
		id := "CC000" + strconv.Itoa(n)
		b.fetcher.files["mem:"+id] = content(t, 2000)
		c := draft(id, "mem:"+id, 2000)
		b.put(c, work1(flows.EffectIngest, c))
	}
	b.startWith(b.cfg, deps)
	all := func(is func(*flows.Exhibit) bool) func() bool {
		return func() bool {
			for n := range cases {
				if !is(&b.get("CC000" + strconv.Itoa(n)).Exhibits[0]) {
					return false
				}
			}
			return true
		}
	}
	b.until(all(func(e *flows.Exhibit) bool { return e.State == flows.ExhibitProbed }), "every file is measured")
	require.LessOrEqual(t, reader.asked.Load(), int64(1), "one is read at a time")
	close(reader.free)
	b.until(all(func(e *flows.Exhibit) bool { return e.Read }), "every screen is read")
}
