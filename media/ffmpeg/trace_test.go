package ffmpeg

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
	"clipcase/media/align"
)

// copied writes a small recording whose picture and sound never repeat, or what
// becomes of one under way.
func copied(t *testing.T, name string, args ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), name)
	out, err := exec.Command("ffmpeg", append(append([]string{"-v", "error", "-threads", "1"}, args...), "-threads", "1", to)...).CombinedOutput()
	require.NoError(t, err, string(out))
	return to
}

func traced(t *testing.T, e *Engine, path string) (media.Probe, media.Trace) {
	t.Helper()
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	trace, err := e.Trace(t.Context(), path, probe)
	require.NoError(t, err)
	return probe, trace
}

// Real files: cut, coded anew by other codecs, in other containers, of other
// rates, begun later or earlier.
func TestTracesOfCopiesAlign(t *testing.T) {
	t.Parallel()
	e := engine(t)
	source := copied(t, "source.mkv", "-f", "lavfi", "-i", "life=s=20x15:r=1:seed=7:ratio=0.4,scale=160:120:flags=neighbor,fps=5",
		"-f", "lavfi", "-i", "aevalsrc='0.6*(random(0)-0.5)*gt(sin(9.7*t+4*sin(2.3*t)+3*sin(0.71*t*t)),0.4)':s=44100",
		"-t", "40", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le")
	left := copied(t, "left.mp4", "-i", source, "-t", "30", "-c:v", "libx264", "-preset", "ultrafast", "-c:a", "aac")
	probe, a := traced(t, e, left)
	require.InDelta(t, 30*media.TracePictures, a.Count(), 1)
	require.InDelta(t, 30*media.TraceRate, len(a.Sound), media.TraceRate/10)
	for _, c := range []struct {
		name   string
		offset float64
		by     align.By
		args   []string
	}{
		{"later.mkv", -8.37, align.BySound, []string{"-ss", "8.37", "-i", source, "-t", "30", "-vf", "crop=iw*0.8:ih*0.9,scale=192:160,eq=brightness=0.1", "-r", "10", "-c:v", "mpeg4", "-ar", "22050", "-ac", "1", "-c:a", "mp2"}},
		{"mute.webm", -6.4, align.ByPicture, []string{"-ss", "6.4", "-i", source, "-t", "30", "-vf", "hflip,scale=120:90", "-an", "-c:v", "libvpx", "-deadline", "realtime", "-b:v", "100k"}},
		{"other.mp4", 12.4, align.ByPicture, []string{"-i", source, "-f", "lavfi", "-i", "sine=700:d=40", "-t", "38", "-map", "0:v", "-map", "1:a", "-vf", "tpad=start_duration=12.4:start_mode=add:color=gray", "-c:v", "libx264", "-preset", "ultrafast"}},
	} {
		_, b := traced(t, e, copied(t, c.name, c.args...))
		found := align.Find(a, b)
		t.Logf("%s: %+v", c.name, found)
		require.Equal(t, c.by, found.By, c.name)
		require.InDelta(t, c.offset, found.Offset, 0.1, c.name)
		from := max(0, -c.offset)
		curve := align.Curve(a, b, from, from+c.offset, 20)
		for i, v := range curve[:len(curve)-4] {
			require.Greater(t, v, 0.5, "%s at %d", c.name, i)
		}
	}
	_, other := traced(t, e, testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2}))
	require.Equal(t, align.ByNothing, align.Find(a, other).By)
	_, err := e.Trace(t.Context(), filepath.Join(t.TempDir(), "absent.mp4"), probe)
	require.Error(t, err)
	var refused *media.Refusal
	probe.Stream = 7
	_, err = e.Trace(t.Context(), left, probe)
	require.ErrorAs(t, err, &refused)
}
