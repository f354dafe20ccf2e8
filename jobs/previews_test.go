package jobs

import (
	"context"
	"errors"
	"image"
	"image/jpeg"
	"os"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// shooter writes a picture, or fails from call bad on.
type shooter struct {
	n   atomic.Int64
	bad int64
}

func (s *shooter) Thumbnail(_ context.Context, _ string, _ media.Probe, _ float64, side int, to string) error {
	if n := s.n.Add(1); s.bad > 0 && n >= s.bad {
		return errors.New("no picture")
	}
	file, err := os.Create(to)
	if err != nil {
		return err
	}
	picture := image.NewGray(image.Rect(0, 0, side/2, side))
	return errors.Join(jpeg.Encode(file, picture, nil), file.Close())
}

// TestPreviewsAfterADeath: a task that is taken once more, its recording measured
// before the process died, makes the pictures that are missing; one that finds them
// makes none.
func TestPreviewsAfterADeath(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fetcher.files["mem:a"] = content(t, 2000)
	c := draft("CC0001", "mem:a", 2000)
	c.Exhibits[0].File.Sent = flows.SentUpload
	b.put(c, work1(flows.EffectIngest, c))
	deps := b.deps()
	deps.Previewer = &shooter{bad: 3}
	told := make(chan string, 1)
	deps.Stored = func(ref string) { told <- ref }
	j := b.startWith(b.cfg, deps)
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001/preview/")) == 2 }, "two of them")
	require.Equal(t, "mem:a", <-told)
	j.Stop()

	shots := &shooter{}
	deps.Previewer = shots
	j = b.startWith(b.cfg, deps)
	require.NoError(t, j.queue.add(t.Context(), ingestTask("CC0001", c.Exhibits[0].ID)))
	b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001/preview/")) == flows.Previews }, "all of them")
	j.Stop()

	made := shots.n.Load()
	j = b.startWith(b.cfg, deps)
	require.NoError(t, j.queue.add(t.Context(), ingestTask("CC0001", c.Exhibits[0].ID)))
	b.until(func() bool {
		waiting, running, err := j.Lengths()
		return err == nil && waiting[queueIngest]+running[queueIngest] == 0
	}, "the task is done")
	require.Equal(t, made, shots.n.Load())
}

func TestPreviewsOfUploads(t *testing.T) {
	t.Parallel()
	table := map[string]struct {
		sent flows.Sent
		chat string
		bad  int64
		want int
	}{
		"uploaded on a page":       {flows.SentUpload, "tg:42", 0, flows.Previews},
		"by someone without chat":  {flows.SentFile, "web:abc", 0, flows.Previews},
		"sent in the chat":         {flows.SentFile, "tg:42", 0, 0},
		"one picture cannot be":    {flows.SentUpload, "tg:42", 3, 2},
		"no picture can be at all": {flows.SentUpload, "tg:42", 1, 0},
	}
	for name, row := range table {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			b.fetcher.files["mem:a"] = content(t, 2000)
			c := draft("CC0001", "mem:a", 2000)
			c.Chat, c.Exhibits[0].File.Sent = row.chat, row.sent
			b.put(c, work1(flows.EffectIngest, c))
			deps := b.deps()
			deps.Previewer = &shooter{bad: row.bad}
			b.startWith(b.cfg, deps)
			b.until(func() bool { return b.get("CC0001").Exhibits[0].State == flows.ExhibitProbed }, "measured")
			b.until(func() bool { return len(b.blobs.keys(t, "cases/CC0001/preview/")) >= row.want }, "previews")
			require.Len(t, b.blobs.keys(t, "cases/CC0001/preview/"), row.want)
			left, err := os.ReadDir(b.cfg.Dir)
			require.NoError(t, err)
			b.until(func() bool { left, err = os.ReadDir(b.cfg.Dir); return err == nil && len(left) == 0 }, "no folder left")
		})
	}
}
