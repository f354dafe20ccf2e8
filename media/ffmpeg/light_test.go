package ffmpeg

import (
	"fmt"
	"image"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

// White paper of an HDR recording stays white and its letters black; what shines
// brighter than paper is still told apart from it.
func TestHDRKeepsWhitePaper(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		transfer            string
		white, grey, bright int // values of 10 bits: 203, 51 and 1000 cd/m²
	}{"PQ": {"smpte2084", 573, 442, 723}, "HLG": {"arib-std-b67", 721, 505, 940}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "hdr.mp4")
			// Paper with black strokes as thick as those of letters, a grey field, a light.
			picture := fmt.Sprintf("format=yuv420p10le,geq=lum='if(lt(X,160),if(lt(mod(Y,16),4),64,%d),if(lt(X,240),%d,%d))':cb=512:cr=512", c.white, c.grey, c.bright)
			out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=black:s=320x320:r=5:d=1", "-vf", picture, "-c:v", "libx265", "-preset", "ultrafast",
				"-x265-params", "log-level=error:colorprim=bt2020:colormatrix=bt2020nc:transfer="+c.transfer, "-crf", "10", "-tag:v", "hvc1",
				"-color_primaries", "bt2020", "-colorspace", "bt2020nc", "-color_trc", c.transfer, path).CombinedOutput()
			require.NoError(t, err, string(out))
			made, dir := render(t, path, nil, media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole}, media.Recipe{Kind: media.KindImage, Count: 1})
			for _, m := range made {
				look := picked
				if m.Piece.Kind == media.KindVideo {
					look = func(t testing.TB, path string) image.Image { return frame(t, path, "0") }
				}
				img := look(t, filepath.Join(dir, m.File))
				white, black, grey, bright := luma(img, 80, 104), luma(img, 80, 112), luma(img, 200, 160), luma(img, 280, 160)
				require.GreaterOrEqual(t, white, 255*80/100, m.File)
				require.LessOrEqual(t, black, 12, m.File)
				require.InDelta(t, 128, grey, 20, "%s: what is darker than paper is left as it was", m.File)
				require.Greater(t, bright, white, m.File)
			}
		})
	}
}

// A small picture waits for no encoder: who sends a recording is answered while
// another's is being made.
func TestThumbnailWaitsForNoEncoder(t *testing.T) {
	t.Parallel()
	e := engine(t)
	path := smallRecording(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	require.True(t, e.budget.TryAcquire(1))
	require.NoError(t, e.Thumbnail(t.Context(), path, probe, 1, 320, filepath.Join(t.TempDir(), "t.jpg")))
}
