package ffmpeg

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/semaphore"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// While one piece is measured the next is encoded: the reader of the first one's
// words answers only when the second encoder runs. Pieces are told of one at a
// time, those of a kind in their order, and nothing stays behind.
func TestMeasuringGoesOnBesideEncoding(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 2, Width: 240, Height: 426, FPS: 15, Silent: true})
	e := engine(t)
	e.threads, e.budget, e.side, e.pages = 2, semaphore.NewWeighted(2), semaphore.NewWeighted(2), newPages()
	second := make(chan struct{})
	var mu sync.Mutex
	encoders, waited := 0, false
	e.watch = func(c *command) {
		mu.Lock()
		defer mu.Unlock()
		if encoder := c.progress != nil && c.write[0] != ""; encoder {
			if encoders++; encoders == 2 {
				close(second)
			}
		}
	}
	e.text = reader(func(string, int) (media.Page, error) {
		select {
		case <-second:
			mu.Lock()
			waited = true
			mu.Unlock()
		case <-time.After(30 * time.Second):
		}
		return media.Page{}, nil
	})
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	job := media.Job{Path: path, Probe: probe, Dir: t.TempDir()}
	for i := range 3 {
		job.Pieces = append(job.Pieces, whole(fmt.Sprintf("%d.mp4", i), func(p *media.Piece) {
			p.Range, p.Audio = media.Range{Start: float64(i) * 0.5, End: float64(i)*0.5 + 0.5}, 0
		}))
	}
	var told []string
	var busy atomic.Bool
	crowded := 0
	alone := func(f func()) {
		if !busy.CompareAndSwap(false, true) {
			crowded++
		}
		f()
		busy.Store(false)
	}
	made, err := e.Render(t.Context(), job, func(media.Progress) { alone(func() {}) }, func(m media.Made) {
		alone(func() { told = append(told, m.File) })
	})
	require.NoError(t, err)
	require.Zero(t, crowded)
	require.True(t, waited, "the first piece's words were read while the second was encoded")
	require.Equal(t, []string{"0.mp4", "1.mp4", "2.mp4"}, told)
	require.Len(t, made, 3)
	left, err := filepath.Glob(filepath.Join(job.Dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
	require.True(t, e.budget.TryAcquire(2))
	require.True(t, e.side.TryAcquire(2))
}

// The picture in front of a GIF moves everything behind it: what it is compared
// with is the screen that stood in the original at the same moment.
func TestGIFIsComparedAtItsOwnTime(t *testing.T) {
	t.Parallel()
	path := film(t, chatPage(), orderPage())
	e := reading(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	probe.Settled = []float64{1.5} // without the lead, the page before
	piece := gifPiece(480, 852, 2, 2_000_000)
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Pieces: []media.Piece{piece}, Dir: t.TempDir()}, nil, nil)
	require.NoError(t, err)
	require.NotNil(t, made[0].Quality)
	require.NotNil(t, made[0].Quality.Legibility)
	require.Greater(t, *made[0].Quality.Legibility, 0.85)
}
