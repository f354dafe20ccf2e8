package ffmpeg

import (
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// whole is a video of all of a small recording.
func whole(name string, change func(*media.Piece)) media.Piece {
	p := media.Piece{Name: name, Kind: media.KindVideo, Codec: "h264", Range: media.Range{End: 1}, Width: 240, Height: 426, FPS: 15, Audio: 48000}
	if change != nil {
		change(&p)
	}
	return p
}

// Videos of one stretch are read once, each for itself what it would be alone;
// what two channels want alike is encoded once.
func TestOneReadingForAll(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 1, Width: 240, Height: 426, FPS: 15})
	pieces := []media.Piece{
		whole("mail.mp4", nil),
		whole("small.mp4", func(p *media.Piece) { p.Width, p.Height, p.FPS, p.Audio = 160, 284, 10, 0 }),
		whole("time.mp4", func(p *media.Piece) { p.Timecode = true }),
		whole("label.mp4", func(p *media.Piece) { p.Label, p.Codec = "客服专用-申诉材料", "hevc" }),
		whole("other.mp4", func(p *media.Piece) { p.MaxBytes = 5_000_000 }),
		whole("part.mp4", func(p *media.Piece) { p.Range = media.Range{Start: 0.2, End: 0.8} }),
	}
	probe, err := engine(t).Inspect(t.Context(), path)
	require.NoError(t, err)
	made, runs := renderPieces(t, path, probe, pieces)
	require.Equal(t, 2, runs, "one run for the five of the whole, one for the part")
	require.Len(t, made, len(pieces))
	require.Equal(t, made["mail.mp4"].SHA256, made["other.mp4"].SHA256)
	for _, p := range pieces {
		alone, _ := renderPieces(t, path, probe, []media.Piece{p})
		require.Equal(t, alone[p.Name].SHA256, made[p.Name].SHA256, "%s alone", p.Name)
		require.Equal(t, alone[p.Name].Quality, made[p.Name].Quality)
		require.Equal(t, alone[p.Name].How, made[p.Name].How, "told alike")
	}
}

// What a run does is told while it goes on, also when the excerpt of an animation is
// taken along; and how much work its pictures are.
func TestProgressWhileAnExcerptIsTakenAlong(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 6, Width: 240, Height: 426, FPS: 20, Noise: true})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	video := whole("dm.mp4", func(p *media.Piece) {
		p.Codec, p.Range.End, p.Width, p.Height, p.FPS, p.MaxBytes = "hevc", 6, 240, 426, 20, 2_000_000
	})
	var told []media.Progress
	dir, shelf := t.TempDir(), t.TempDir()
	job := media.Job{Path: path, Probe: probe, Pieces: []media.Piece{video}, Dir: dir, Shelf: shelf, Ahead: []media.Piece{gifPiece(240, 426, 6, 2_000_000)}}
	_, err = e.Render(t.Context(), job, func(p media.Progress) { told = append(told, p) }, nil)
	require.NoError(t, err)
	kept, err := os.ReadDir(shelf)
	require.NoError(t, err)
	require.Len(t, kept, 2, "excerpt and ticket")
	under := 0
	for _, p := range told {
		if p.Done > 3*glimpseShare && p.Done < 0.7 {
			under++
		}
		require.InDelta(t, grainEffort, p.Effort, 1e-9)
	}
	require.Positive(t, under, "%v", told)
}

// A piece that misses is encoded again without those that did not, and one that
// cannot be made takes no other with it.
func TestMissesAreEncodedAgain(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 1, Width: 240, Height: 426, FPS: 15})
	probe, err := engine(t).Inspect(t.Context(), path)
	require.NoError(t, err)
	made, runs := renderPieces(t, path, probe, []media.Piece{
		whole("free.mp4", nil),
		whole("tight.mp4", func(p *media.Piece) { p.MaxBytes = 30_000 }),
	})
	require.Len(t, made, 2)
	require.Greater(t, runs, 1)
	require.LessOrEqual(t, made["tight.mp4"].Bytes, int64(30_000))
	require.Greater(t, made["free.mp4"].Bytes, int64(30_000))
	require.Contains(t, made["free.mp4"].How.Encoder.Settings, "-crf 20")
	require.NotContains(t, made["tight.mp4"].How.Encoder.Settings, "-crf 20", "how the last run was set")
}

// A long recording is looked at in a few short places before all of it is encoded,
// once, and what was foreseen is held against what comes out.
func TestLongPieceIsForeseen(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 62, Width: 96, Height: 170, FPS: 8, Silent: true})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	wholes, looks := 0, 0
	e.watch = func(c *command) {
		switch {
		case c.progress == nil:
		case strings.Contains(strings.Join(c.args, " "), "-look/"):
			looks++
		default:
			wholes++
		}
	}
	p := whole("mail.mp4", func(p *media.Piece) {
		p.Range, p.Width, p.Height, p.FPS, p.Audio, p.MaxBytes = media.Range{End: 62}, 96, 170, 8, 0, 300_000
	})
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Pieces: []media.Piece{p}, Dir: t.TempDir()}, nil, nil)
	require.NoError(t, err)
	t.Logf("%d bytes, %d looks, %d whole", made[0].Bytes, looks, wholes)
	require.LessOrEqual(t, made[0].Bytes, p.MaxBytes)
	require.Equal(t, lookPlaces, looks)
	require.LessOrEqual(t, wholes, 3)
}

// Pieces that came out alike are one file. When one of them is published and the
// other is made anew, the published one stays what it was.
func TestPublishedPieceStaysWhileItsTwinIsMadeAnew(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 2})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	from, err := e.open(path)
	require.NoError(t, err)
	room := t.TempDir()
	open := map[int]*contender{}
	for i, name := range []string{"first.mp4", "second.mp4"} {
		p := whole(name, func(p *media.Piece) { p.Width, p.Height, p.Audio = 120, 214, 0 })
		work := filepath.Join(room, name)
		require.NoError(t, os.Mkdir(work, 0o700))
		one := task{Engine: e, from: from, probe: probe, piece: p, work: work, room: room, report: func(float64) {}, damaged: &atomic.Bool{}}
		open[i] = &contender{task: one, at: newLadder(p, 0).first()}
	}
	_, failed := encodeAll(t.Context(), open, nil, 1)
	require.NoError(t, failed[0])
	require.NoError(t, failed[1])
	published := filepath.Join(t.TempDir(), "first.mp4")
	require.NoError(t, publish(open[0].file(), published))
	before, err := hash(published)
	require.NoError(t, err)

	delete(open, 0)
	open[1].at.crf += 12
	_, failed = encodeAll(t.Context(), open, nil, 2)
	require.NoError(t, failed[1])
	after, err := hash(published)
	require.NoError(t, err)
	require.Equal(t, before, after)
	anew, err := hash(open[1].file())
	require.NoError(t, err)
	require.NotEqual(t, before, anew)
}

// renderPieces makes pieces and says in how many runs of an encoder.
func renderPieces(t *testing.T, path string, probe media.Probe, pieces []media.Piece) (map[string]media.Made, int) {
	t.Helper()
	e := engine(t)
	runs, dir := 0, t.TempDir()
	e.watch = func(c *command) {
		if c.progress != nil {
			runs++
		}
	}
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Pieces: pieces, Dir: dir}, nil, nil)
	require.NoError(t, err)
	out := map[string]media.Made{}
	for _, m := range made {
		require.NoError(t, media.Check(m.Piece, m))
		stat, err := os.Stat(filepath.Join(dir, m.File))
		require.NoError(t, err)
		require.Equal(t, m.Bytes, stat.Size())
		out[m.File] = m
	}
	return out, runs
}

// What an animation is made from is taken along while a video of its stretch is
// made, and is the same as if it had been read for itself.
func TestExcerptsAreTakenAlong(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 2, Width: 240, Height: 426, FPS: 15})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	at := media.Range{Start: 0.5, End: 1.5}
	video := whole("dm.mp4", func(p *media.Piece) { p.Range, p.Codec, p.MaxBytes = at, "hevc", 3_000_000 })
	gif := media.Piece{Name: "screen.gif", Kind: media.KindGIF, Codec: "gif", Range: at, Width: 160, Height: 284, FPS: 8, MaxBytes: 2_000_000}
	elsewhere := gif
	elsewhere.Range.End = 1.25
	alone, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Pieces: []media.Piece{gif}, Dir: t.TempDir()}, nil, nil)
	require.NoError(t, err)

	var reads []string // runs that open the original
	e.watch = func(c *command) {
		if line := strings.Join(c.args, " "); strings.Contains(line, "file:"+path) && c.progress != nil {
			reads = append(reads, line)
		}
	}
	job := media.Job{Path: path, Probe: probe, Pieces: []media.Piece{video}, Dir: t.TempDir(), Ahead: []media.Piece{gif, gif, elsewhere}, Shelf: t.TempDir()}
	plain := job
	plain.Ahead, plain.Dir = nil, t.TempDir()
	before, err := e.Render(t.Context(), plain, nil, nil)
	require.NoError(t, err)
	with, err := e.Render(t.Context(), job, nil, nil)
	require.NoError(t, err)
	require.Equal(t, before[0].SHA256, with[0].SHA256, "the video is what it would be without")
	require.Equal(t, before[0].How, with[0].How)
	left, err := os.ReadDir(job.Shelf)
	require.NoError(t, err)
	require.Len(t, left, 2, "one excerpt and its ticket")
	reads = nil
	later, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Pieces: []media.Piece{gif}, Dir: t.TempDir(), Shelf: job.Shelf}, nil, nil)
	require.NoError(t, err)
	require.Empty(t, reads, "the original is not read again")
	require.Equal(t, alone[0].SHA256, later[0].SHA256)
	require.Equal(t, alone[0].How, later[0].How)
	left, err = os.ReadDir(job.Shelf)
	require.NoError(t, err)
	require.Empty(t, left)
}
