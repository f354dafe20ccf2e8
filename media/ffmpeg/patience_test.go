package ffmpeg

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/semaphore"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// standin is a program that takes a tool's place.
func standin(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", "standin", name))
	require.NoError(t, err)
	return path
}

func shortVideo(name string, width, height int) media.Piece {
	return media.Piece{Name: name, Kind: media.KindVideo, Codec: "h264", Range: media.Range{End: 1}, Width: width, Height: height, FPS: 10}
}

func stillAt(name string, width, height int) media.Piece {
	return media.Piece{Name: name, Kind: media.KindImage, Codec: "mjpeg", Range: media.Range{Start: 0.5, End: 0.5}, Width: width, Height: height}
}

// A tool that does not go on is ended, the file is refused, and the next one is
// measured and rendered as if nothing had been.
func TestHungToolsAreEnded(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	for name, piece := range map[string]media.Piece{"video": shortVideo("v.mp4", 320, 568), "still": stillAt("s.jpg", 320, 568)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := *e
			own.budget = semaphore.NewWeighted(1)
			own.ffmpeg = standin(t, "hangs")
			if own.patience.Stuck = 50 * time.Millisecond; name == "still" {
				own.patience.Look = 10 * time.Millisecond
			}
			runs, dir := 0, t.TempDir()
			own.watch = func(*command) { runs++ }
			job := media.Job{Path: path, Probe: probe, Dir: dir, Pieces: []media.Piece{piece}}
			made, err := own.Render(t.Context(), job, nil, nil)
			var refused *media.Refusal
			require.ErrorAs(t, err, &refused)
			require.Equal(t, media.RefusedUnreadable, refused.Code)
			require.ErrorIs(t, err, errHung)
			require.Equal(t, 2, runs, "once more, for it may have been the machine")
			require.Empty(t, made)
			left, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, left)
			own.ffmpeg, own.patience, own.watch = e.ffmpeg, e.patience, nil
			_, err = own.Render(t.Context(), job, nil, nil)
			require.NoError(t, err)
		})
	}
	own := *e
	own.ffprobe, own.patience.Look = standin(t, "hangs"), 50*time.Millisecond
	_, err = own.Inspect(t.Context(), path)
	var refused *media.Refusal
	require.ErrorAs(t, err, &refused)
	require.Equal(t, media.RefusedUnreadable, refused.Code)
}

// Output that grows slowly is none that stands still, and what stands back has
// more time.
func TestPatienceBeginsAnew(t *testing.T) {
	t.Parallel()
	e := engine(t)
	e.patience = Patience{Look: time.Hour, Stuck: 300 * time.Millisecond}.withDefaults()
	synctest.Test(t, func(t *testing.T) { // time goes on only when all wait: a busy machine makes nobody late
		ctx, grown, stop := e.watched(t.Context(), command{progress: func(float64) {}})
		defer stop()
		for i := range 50 {
			time.Sleep(299 * time.Millisecond)
			grown(float64(i + 1))
		}
		require.NoError(t, ctx.Err())
		grew := time.Now()
		<-ctx.Done()
		require.ErrorIs(t, context.Cause(ctx), errHung)
		require.Equal(t, 300*time.Millisecond, time.Since(grew))
	})
	e.nice, e.patience.Look = 19, 20*time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		ctx, _, stop := e.watched(t.Context(), command{})
		defer stop()
		<-ctx.Done()
		require.Equal(t, 20*time.Millisecond*standsBack, time.Since(begun))
	})
	require.Equal(t, 5*time.Minute+10*time.Minute, Patience{}.withDefaults().whole(10))
	require.Equal(t, time.Minute+204*time.Second, Patience{}.withDefaults().file(2<<30))
}

// A tool that falls over one piece, twice, costs that piece; the others come,
// also those it was made with.
func TestDeathCostsOnePiece(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	e.ffmpeg = standin(t, "dies-small")
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Dir: t.TempDir(), Pieces: []media.Piece{
		stillAt("a.jpg", 160, 284), stillAt("b.jpg", 320, 568), shortVideo("c.mp4", 320, 568), shortVideo("d.mp4", 160, 284)}}, nil, nil)
	var names, lost []string
	for _, m := range made {
		require.False(t, m.Damaged)
		names = append(names, m.File)
	}
	require.Equal(t, []string{"b.jpg", "c.mp4"}, names)
	for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
		var refused *media.Refusal
		require.ErrorAs(t, one, &refused)
		require.Equal(t, media.RefusedUnreadable, refused.Code)
		lost = append(lost, refused.Piece)
	}
	require.Equal(t, []string{"a.jpg", "d.mp4"}, lost)
}

// One death may be chance, and one from outside is never the file's fault.
func TestDeathIsNotAlwaysTheFiles(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	job := media.Job{Path: path, Probe: probe, Dir: t.TempDir(), Pieces: []media.Piece{stillAt("a.jpg", 160, 284), stillAt("b.jpg", 160, 284)}}
	e.ffmpeg = standin(t, "dies-once")
	made, err := e.Render(t.Context(), job, nil, nil)
	require.NoError(t, err)
	require.Len(t, made, 2)
	require.False(t, made[0].Damaged, "it was read at last")

	var refused *media.Refusal
	e.ffmpeg = standin(t, "killed")
	_, err = e.Render(t.Context(), job, nil, nil)
	require.Error(t, err)
	require.False(t, errors.As(err, &refused))
	e.ffprobe = standin(t, "killed")
	_, err = e.Inspect(t.Context(), path)
	require.Error(t, err)
	require.False(t, errors.As(err, &refused))
	e.ffprobe = standin(t, "dies")
	_, err = e.Inspect(t.Context(), path)
	require.ErrorAs(t, err, &refused)
	require.Equal(t, media.RefusedUnreadable, refused.Code)
}

// Even a tool that does not hear leaves the processor soon after a cancel. What
// it burns until then is counted, for a busy machine makes the clock late but
// never the tool's own time.
func TestCancelEndsTheDeaf(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	e.ffmpeg = standin(t, "deaf")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	started := make(chan int, 1)
	e.watch = func(c *command) { c.started = func(pid int) { started <- pid } }
	dir, ended := t.TempDir(), make(chan error, 1)
	go func() {
		_, err := e.Render(ctx, media.Job{Path: path, Probe: probe, Dir: dir, Pieces: []media.Piece{shortVideo("v.mp4", 320, 568)}}, nil, nil)
		ended <- err
	}()
	pid := <-started
	require.Eventually(t, func() bool { return burnt(pid) > 0 }, time.Minute, 5*time.Millisecond)
	before := burnt(pid)
	cancel()
	last := before
	for waiting := true; waiting; {
		select {
		case err = <-ended:
			waiting = false
		case <-time.After(5 * time.Millisecond):
			last = max(last, burnt(pid))
		}
	}
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, last-before, 2*time.Second)
	require.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}

// burnt is the processor time of a process that runs; 0 = it is gone.
func burnt(pid int) time.Duration {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}
