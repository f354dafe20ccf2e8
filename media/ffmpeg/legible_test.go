package ffmpeg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/semaphore"

	"clipcase/internal/testclips"
	"clipcase/media"
	"clipcase/media/detect"
)

// reading is an engine that reads words for real.
func reading(t *testing.T) *Engine {
	t.Helper()
	r, err := detect.New(t.Context(), detect.Config{})
	require.NoError(t, err)
	e := engine(t)
	e.text, e.pages = r, newPages()
	return e
}

// counted reads with the real reader and counts how often.
type counted struct {
	Reader
	mu sync.Mutex
	n  int
}

func (c *counted) Read(ctx context.Context, pictures []string, nice int) ([]media.Page, error) {
	c.mu.Lock()
	c.n += len(pictures)
	c.mu.Unlock()
	return c.Reader.Read(ctx, pictures, nice)
}

// A screen of words, then a notice: both are read at their times; what is made of
// it keeps its words, and says so; what is made far too small says that too.
func TestWordsOnTheScreen(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Width: 540, Height: 960, FPS: 10, Seconds: 10, Silent: true, Words: true})
	e := reading(t)
	count := &counted{Reader: e.text}
	e.text = count
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	probe.Settled = []float64{4.5, 9.5}
	found, err := e.Read(t.Context(), path, probe, media.ReadWithin(probe))
	require.NoError(t, err)
	require.Len(t, found, 2)
	line := media.TimeLine(found)
	require.Contains(t, line, media.Seen{At: 9.5, Text: "如有疑问可提交申诉"})
	require.Equal(t, 2, count.n)

	at := func(name string, kind media.Kind, codec string, width, height int) media.Piece {
		return media.Piece{Name: name, Kind: kind, Codec: codec, Range: media.Range{Start: 9, End: 10}, Width: width, Height: height, FPS: 5}
	}
	still := at("still.jpg", media.KindImage, "mjpeg", 540, 960+media.CaptionBar(540))
	still.Range, still.Caption = media.Range{Start: 9.5, End: 9.5}, "图 1/1"
	small := at("small.gif", media.KindGIF, "gif", 136, 242)
	job := media.Job{Path: path, Probe: probe, Dir: t.TempDir(), Pieces: []media.Piece{still, at("video.mp4", media.KindVideo, "h264", 540, 960), small}}
	made, err := e.Render(t.Context(), job, nil, nil)
	require.NoError(t, err)
	require.Len(t, made, 3)
	share := map[string]float64{}
	for _, m := range made {
		require.NotNil(t, m.Quality, m.Piece.Name)
		require.NotNil(t, m.Quality.Legibility, m.Piece.Name)
		share[m.Piece.Name] = *m.Quality.Legibility
	}
	require.Greater(t, share["still.jpg"], 0.9)
	require.Greater(t, share["video.mp4"], 0.9)
	require.Less(t, share["small.gif"], 0.6)
	require.Equal(t, 5, count.n, "the original's words are read once for all")
	left, err := filepath.Glob(filepath.Join(job.Dir, ".*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// reader answers without looking.
type reader func(picture string, nice int) (media.Page, error)

func (r reader) Read(_ context.Context, pictures []string, nice int) ([]media.Page, error) {
	var out []media.Page
	for _, picture := range pictures {
		page, err := r(picture, nice)
		if err != nil {
			return nil, err
		}
		out = append(out, page)
	}
	return out, nil
}

// A file of which only a part is shown, one without words, and a reader that
// fails give no figure, and no error.
func TestNoFigureIsMadeUp(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{})
	page := media.Page{Lines: []media.Line{{Text: "您的账号已被封禁请申诉", Sure: 0.9}}}
	for name, row := range map[string]struct {
		text  Reader
		shape [2]int
		known bool
	}{
		"nothing to read with": {nil, [2]int{320, 568}, false},
		"read":                 {reader(func(string, int) (media.Page, error) { return page, nil }), [2]int{320, 568}, true},
		"a part":               {reader(func(string, int) (media.Page, error) { return page, nil }), [2]int{320, 320}, false},
		"no words":             {reader(func(string, int) (media.Page, error) { return media.Page{}, nil }), [2]int{320, 568}, false},
		"fails":                {reader(func(string, int) (media.Page, error) { return page, errors.New("no") }), [2]int{320, 568}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := engine(t)
			e.text, e.pages = row.text, newPages()
			made := testclips.Make(t, testclips.Spec{Width: row.shape[0], Height: row.shape[1], Frames: 1, Silent: true})
			jpeg := filepath.Join(t.TempDir(), "made.jpg")
			require.NoError(t, e.Thumbnail(t.Context(), made, media.Probe{Kind: media.KindVideo, Format: "mov,mp4", Frames: 1, Duration: 0.03, Width: row.shape[0], Height: row.shape[1]}, 0, 568, jpeg))
			from, err := e.open(path)
			require.NoError(t, err)
			whole := task{Engine: e, from: from, work: t.TempDir(), damaged: &atomic.Bool{},
				probe: media.Probe{Kind: media.KindVideo, Format: "mov,mp4", Duration: 3, Width: 320, Height: 568},
				piece: media.Piece{Kind: media.KindImage, Range: media.Range{Start: 1, End: 1}}}
			q := whole.judged(t.Context(), finished{path: jpeg})
			require.Equal(t, row.known, q != nil && q.Legibility != nil)
			if row.known {
				require.InDelta(t, 1, *q.Legibility, 1e-9)
			}
		})
	}
}

// Reading ends with its context, leaves nothing behind, and gives the processors back.
func TestReadingStops(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{})
	e := engine(t)
	e.side = semaphore.NewWeighted(1)
	ctx, cancel := context.WithCancel(t.Context())
	e.pages = newPages()
	dirs := make(chan string, 8)
	e.text = reader(func(picture string, _ int) (media.Page, error) {
		dirs <- filepath.Dir(filepath.Dir(picture))
		cancel()
		return media.Page{}, nil
	})
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	_, err = e.Read(ctx, path, probe, media.ReadWithin(probe))
	require.ErrorIs(t, err, context.Canceled)
	_, err = os.Stat(<-dirs)
	require.ErrorIs(t, err, os.ErrNotExist)
	require.True(t, e.side.TryAcquire(1))
}

// What nobody waits for stands back behind everything else, the reading of words too.
func TestReadingBehindStandsBack(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{})
	for _, behind := range []bool{false, true} {
		var mu sync.Mutex
		asked := map[int]bool{}
		e := engine(t)
		e.pages, e.text = newPages(), reader(func(_ string, nice int) (media.Page, error) {
			mu.Lock()
			defer mu.Unlock()
			asked[nice] = true
			return media.Page{}, nil
		})
		want := map[int]bool{0: true}
		if behind {
			e, want = e.Behind(), map[int]bool{19: true}
		}
		probe, err := e.Inspect(t.Context(), path)
		require.NoError(t, err)
		_, err = e.Read(t.Context(), path, probe, media.ReadWithin(probe))
		require.NoError(t, err)
		require.Equal(t, want, asked)
	}
}

func TestFromTheEnd(t *testing.T) {
	t.Parallel()
	require.Empty(t, fromTheEnd(0))
	require.Equal(t, []int{0}, fromTheEnd(1))
	require.Equal(t, []int{8, 0, 4, 2, 6, 1, 3, 5, 7}, fromTheEnd(9))
}

func TestAllowance(t *testing.T) {
	t.Parallel()
	a := &allowance{left: 2 * oneReading}
	require.True(t, a.begin())
	require.True(t, a.begin())
	require.False(t, a.begin(), "what is being read counts")
	a.end(0) // was remembered
	require.True(t, a.begin())
}
