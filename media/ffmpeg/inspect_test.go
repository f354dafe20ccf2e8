package ffmpeg

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	e := engine(t)
	for _, c := range []struct {
		name string
		spec testclips.Spec
		want func(t *testing.T, p media.Probe)
	}{
		{"plain", testclips.Spec{}, func(t *testing.T, p media.Probe) {
			require.Equal(t, [2]int{320, 568}, [2]int{p.Width, p.Height})
			require.InDelta(t, 1.2, p.Duration, 0.034)
			require.InDelta(t, 30, p.FPS, 0.1)
			require.False(t, p.VFR)
			require.Equal(t, 36, p.Frames)
			require.Equal(t, "h264", p.Codec)
			require.NotNil(t, p.Audio)
		}},
		{"rotated", testclips.Spec{Rotate: 90}, func(t *testing.T, p media.Probe) {
			require.Equal(t, [2]int{568, 320}, [2]int{p.Width, p.Height})
			require.Contains(t, []int{90, 270}, p.Rotation)
		}},
		{"silent", testclips.Spec{Silent: true}, func(t *testing.T, p media.Probe) { require.Nil(t, p.Audio) }},
		{"vfr", testclips.Spec{VFR: true, Seconds: 5}, func(t *testing.T, p media.Probe) {
			require.True(t, p.VFR)
			require.InDelta(t, 5, p.Duration, 0.05)
			require.InDelta(t, 4.5, p.Last, 0.1, "the sound goes on after the last picture")
		}},
		{"cover", testclips.Spec{Cover: true}, func(t *testing.T, p media.Probe) {
			require.Equal(t, "h264", p.Codec)
			require.Equal(t, 320, p.Width)
		}},
		{"late sound", testclips.Spec{SoundStart: 1}, func(t *testing.T, p media.Probe) { require.InDelta(t, 1, p.Audio.Start, 0.05) }},
		{"early sound", testclips.Spec{SoundStart: -1, Ext: "mkv"}, func(t *testing.T, p media.Probe) {
			require.InDelta(t, -1, p.Audio.Start, 0.1)
			require.InDelta(t, 1, p.Offset, 0.1)
		}},
		{"aspect", testclips.Spec{Aspect: "4/3"}, func(t *testing.T, p media.Probe) { require.Equal(t, 427, p.Width) }},
		{"interlaced", testclips.Spec{Interlaced: true}, func(t *testing.T, p media.Probe) { require.True(t, p.FieldRate) }},
		{"hdr", testclips.Spec{Codec: testclips.HDR10}, func(t *testing.T, p media.Probe) { require.True(t, p.HDR()) }},
		{"one picture", testclips.Spec{Frames: 1}, func(t *testing.T, p media.Probe) {
			require.Equal(t, 1, p.Frames)
			require.Greater(t, p.Duration, 0.0)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := e.Inspect(t.Context(), testclips.Make(t, brief(c.spec)))
			require.NoError(t, err)
			require.Equal(t, media.KindVideo, p.Kind)
			c.want(t, p)
		})
	}
}

// Of several pictures and sounds the one marked for it is taken, as players do;
// which it was is known. A cover is not one of them.
func TestSeveralStreams(t *testing.T) {
	t.Parallel()
	e := engine(t)
	path := filepath.Join(t.TempDir(), "several.mkv")
	args := []string{"-v", "error"}
	for _, source := range []string{"color=red:s=64x64:d=1", "color=blue:s=128x96:d=1", "sine=d=1", "sine=d=1", "sine=d=1"} {
		args = append(args, "-f", "lavfi", "-i", source)
	}
	args = append(args, "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-c:v", "libx264", "-c:a", "aac",
		"-disposition:v:0", "0", "-disposition:v:1", "default", "-disposition:a", "0", "-disposition:a:2", "default", path)
	out, err := exec.Command("ffmpeg", args...).CombinedOutput()
	require.NoError(t, err, string(out))
	p, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	require.Equal(t, []any{128, media.Choice{Taken: 2, Of: 2}, media.Choice{Taken: 3, Of: 3}}, []any{p.Width, p.Pictures, p.Sounds})
	p, err = e.Inspect(t.Context(), testclips.Make(t, testclips.Spec{Cover: true}))
	require.NoError(t, err)
	require.Equal(t, []media.Choice{{Taken: 1, Of: 1}, {Taken: 1, Of: 1}}, []media.Choice{p.Pictures, p.Sounds})
}

// What lies there while a file is looked at lies in the folder that was given,
// which a start sweeps, and not where everybody's do.
func TestPicturesLieWhereTheyAreTold(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "work")
	e, err := New(Config{Dir: dir})
	require.NoError(t, err)
	var wrote []string
	e.watch = func(c *command) { wrote = append(wrote, c.write...) }
	_, err = e.Inspect(t.Context(), testclips.Make(t, testclips.Spec{}))
	require.NoError(t, err)
	require.NotEmpty(t, wrote)
	for _, folder := range wrote {
		require.Equal(t, dir, filepath.Dir(folder))
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
}
