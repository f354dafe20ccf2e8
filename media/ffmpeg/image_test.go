package ffmpeg

import (
	"fmt"
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

// Cameras write a picture as the sensor lies and say how to turn it: what is
// shown must be upright and in shape. A bar of white marks the sensor's left
// edge, which is up when the picture is shown.
func TestTurnedPictures(t *testing.T) {
	t.Parallel()
	for _, heic := range []bool{false, true} {
		t.Run(fmt.Sprint("heic ", heic), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "p.jpg")
			out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=black:s=640x360,drawbox=w=80:h=360:color=white:t=fill", "-frames:v", "1", path).CombinedOutput()
			require.NoError(t, err, string(out))
			plain, err := os.ReadFile(path)
			require.NoError(t, err)
			const orientation6 = "\xff\xe1\x00\x22Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00"
			require.NoError(t, os.WriteFile(path, append([]byte(string(plain[:2])+orientation6), plain[2:]...), 0o600))
			if heic {
				to := filepath.Join(dir, "p.heic")
				out, err := exec.Command("heif-enc", "-o", to, path).CombinedOutput()
				require.NoError(t, err, string(out))
				path = to
			}
			made, dir := render(t, path, nil, media.Recipe{Kind: media.KindImage})
			require.Equal(t, [2]int{360, 640}, [2]int{made[0].Width, made[0].Height})
			shown := picked(t, filepath.Join(dir, made[0].File))
			require.Greater(t, luma(shown, 180, 20), 200, "up")
			require.Less(t, luma(shown, 180, 600), 50, "down")
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
