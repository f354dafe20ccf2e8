package ffmpeg

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

// Pictures are exhibits as well: each gives one still, whatever its format.
func TestPictures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"p.png", "p.jpg", "p.webp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=541x961", "-frames:v", "1", path).CombinedOutput()
			require.NoError(t, err, string(out))
			made, _ := render(t, path, nil, media.Recipe{Kind: media.KindImage, LongSide: 800, Caption: true, Label: true})
			require.Len(t, made, 1)
			require.Equal(t, 800, made[0].Height)
		})
	}
}

func TestThumbnail(t *testing.T) {
	t.Parallel()
	e := engine(t)
	path := smallRecording(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	to := filepath.Join(t.TempDir(), "thumb.jpg")
	require.NoError(t, e.Thumbnail(t.Context(), path, probe, 1, 320, to))
	stat, err := os.Stat(to)
	require.NoError(t, err)
	require.Less(t, stat.Size(), int64(200_000))
	left, err := os.ReadDir(filepath.Dir(to))
	require.NoError(t, err)
	require.Equal(t, 1, len(left))
	again, err := e.Inspect(t.Context(), to)
	require.NoError(t, err)
	require.Equal(t, media.KindImage, again.Kind)
	require.Equal(t, 320, max(again.Width, again.Height))
}

func TestFactsAndChoose(t *testing.T) {
	t.Parallel()
	e := engine(t)
	facts := e.Facts(t.Context())
	require.NoError(t, facts.Err)
	require.NotEmpty(t, facts.FFmpeg)
	require.NotEmpty(t, facts.Font)
	path := smallRecording(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	chosen, err := e.Choose(t.Context(), path, probe, 1)
	require.NoError(t, err)
	require.InDelta(t, 1, chosen.Length(), 0.01)
	whole, err := e.Choose(t.Context(), path, probe, 15)
	require.NoError(t, err)
	require.Equal(t, media.Range{End: probe.Duration}, whole)
}

func TestNewSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	_, err := New(Config{FFmpeg: "/nowhere/ffmpeg", Font: "/nowhere/font.ttf"})
	require.ErrorContains(t, err, "install the package ffmpeg")
	require.ErrorContains(t, err, "install a font with Chinese")
}
