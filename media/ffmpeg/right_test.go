package ffmpeg

import (
	"bytes"
	"context"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

func smallRecording(t testing.TB) string {
	return testclips.Make(t, testclips.Spec{Seconds: 3, Words: true, Width: 360, Height: 780})
}

// frame decodes the picture of a finished file at a time.
func frame(t testing.TB, path string, at string) image.Image {
	t.Helper()
	out, err := exec.Command("ffmpeg", "-v", "error", "-ss", at, "-i", path, "-frames:v", "1", "-f", "mjpeg", "-q:v", "2", "-").Output()
	require.NoError(t, err)
	img, err := jpeg.Decode(bytes.NewReader(out))
	require.NoError(t, err)
	return img
}

// luma is the brightness of a small patch.
func luma(img image.Image, x, y int) int {
	sum := 0
	for dx := range 4 {
		for dy := range 4 {
			r, g, b, _ := img.At(x+dx, y+dy).RGBA()
			sum += int((299*r + 587*g + 114*b) / 1000 >> 8)
		}
	}
	return sum / 16
}

// second is which second of the original a picture of a sample shows: the
// sample tells it by the brightness of its upper edge.
func second(img image.Image) int {
	y := float64(luma(img, 4, img.Bounds().Dy()/16)) * 219 / 255
	return int(y/16 + 0.5)
}

// A screen at rest must not show its next change early, and pieces must begin
// where they say, however the pictures are spaced and wherever key pictures are.
func TestPiecesShowTheirMoment(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]testclips.Spec{
		"constant":       {Seconds: 6, GOP: 300},
		"resting":        {Seconds: 6, VFR: true, GOP: 300},
		"stream":         {Seconds: 6, Ext: "ts"},
		"early sound":    {Seconds: 6, SoundStart: -1, Ext: "mkv"},
		"late pictures":  {Seconds: 6, SoundStart: -1, Ext: "mp4"},
		"film container": {Seconds: 6, Ext: "flv"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// At 3.4 s a resting sample still shows what came at 2.0–2.5 s.
			key := &media.Range{Start: 3.4, End: 4.4}
			made, dir := render(t, testclips.Make(t, spec), key,
				media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeKey, Audio: 48000, FPS: 30})
			want, later := 3, 4
			if spec.VFR {
				want, later = 2, 4
			}
			path := filepath.Join(dir, made[0].File)
			require.Equal(t, want, second(frame(t, path, "0")))
			require.Equal(t, later, second(frame(t, path, "0.8")))
		})
	}
}

func TestLabelAndTimecodeAreThere(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 3})
	plain, key := media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeKey}, &media.Range{End: 1.2}
	marked := plain
	marked.Label, marked.Timecode = true, true
	bare, bareDir := render(t, path, key, plain)
	with, withDir := render(t, path, key, marked)
	a, b := frame(t, filepath.Join(bareDir, bare[0].File), "1"), frame(t, filepath.Join(withDir, with[0].File), "1")
	size := a.Bounds().Size()
	changed := 0
	for y := range size.Y {
		differ := 0
		for x := range size.X {
			ra, _, _, _ := a.At(x, y).RGBA()
			rb, _, _, _ := b.At(x, y).RGBA()
			if max(ra, rb)-min(ra, rb) > 0x5000 {
				differ++
			}
		}
		changed += differ
		middle := y > size.Y/5 && y < size.Y*4/5
		require.False(t, middle && differ > size.X/20, "row %d: only the edges are written on", y)
	}
	require.Greater(t, changed, size.X*size.Y/400, "words are there")
	require.Less(t, changed, size.X*size.Y*12/100, "they cover little")
}

// A limit that cannot be kept gives a refusal for that piece and no file; the
// other pieces come all the same.
func TestNeverOverALimit(t *testing.T) {
	t.Parallel()
	e := engine(t)
	path := testclips.Make(t, testclips.Spec{Seconds: 3})
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	part := media.Range{End: 1.5}
	video := media.Piece{Name: "v.mp4", Kind: media.KindVideo, Codec: "h264", Range: part, Width: 320, Height: 568, FPS: 30}
	tight, hopeless := video, video
	tight.Name, tight.MaxBytes = "tight.mp4", 55_000
	hopeless.Name, hopeless.MaxBytes = "hopeless.mp4", 2_000
	gif := media.Piece{Name: "g.gif", Kind: media.KindGIF, Codec: "gif", Range: part, Width: 320, Height: 568, FPS: 10, MaxBytes: 200_000}
	dir := t.TempDir()
	var back []media.Progress
	last := [3]float64{}
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Dir: dir, Pieces: []media.Piece{tight, hopeless, gif}},
		func(p media.Progress) {
			if p.Done < last[p.Index] {
				back = append(back, p)
			}
			last[p.Index] = p.Done
		}, nil)
	var refused *media.Refusal
	require.ErrorAs(t, err, &refused)
	require.Equal(t, media.RefusedCannotFit, refused.Code)
	require.Equal(t, 2, len(made))
	for _, m := range made {
		require.LessOrEqual(t, m.Bytes, m.Piece.MaxBytes)
	}
	require.NoFileExists(t, filepath.Join(dir, "hopeless.mp4"))
	require.Empty(t, back, "progress never goes back")
	require.Equal(t, []float64{1, 1}, []float64{last[0], last[2]})
}

func TestCancelFreesTheMachine(t *testing.T) {
	t.Parallel()
	e := engine(t)
	path := testclips.Make(t, testclips.Spec{Seconds: 5, Width: 720, Height: 1280})
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	work := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	pid := make(chan int, 1)
	ended := make(chan error, 1)
	go func() {
		ended <- e.run(ctx, command{tool: e.ffmpeg, started: func(p int) { pid <- p }, read: []string{path}, write: []string{work},
			args: []string{"-v", "error", "-i", path, "-c:v", "libx265", "-preset", "veryslow", filepath.Join(work, "o.mp4")}})
	}()
	process := <-pid
	cancel()
	start := time.Now()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Less(t, time.Since(start), 10*time.Second)
	require.ErrorIs(t, syscall.Kill(process, 0), syscall.ESRCH)

	dir := t.TempDir()
	ctx, cancel = context.WithCancel(t.Context())
	_, err = e.Render(ctx, media.Job{Path: path, Probe: probe, Dir: dir, Pieces: []media.Piece{
		{Name: "v.mp4", Kind: media.KindVideo, Codec: "hevc", Range: media.Range{End: 5}, Width: 720, Height: 1280, FPS: 30}}},
		func(p media.Progress) {
			if p.Done > 0 {
				cancel()
			}
		}, nil)
	require.ErrorIs(t, err, context.Canceled)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	cancel()
}
