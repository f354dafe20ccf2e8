package ffmpeg

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// dm is a small likeness of the private message's recipe.
func dm() media.Recipe {
	return media.Recipe{Kind: media.KindVideo, Codec: "hevc", Take: media.TakeKey, SegmentSeconds: 2, ShortSide: 720, FPS: 30, Audio: 64000,
		MaxBytes: 6_000_000, WantTotalBytes: 15_000_000, MaxTotalBytes: 18_000_000, Label: true}
}

func render(t *testing.T, path string, key *media.Range, recipes ...media.Recipe) ([]media.Made, string) {
	t.Helper()
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	plans, err := media.Plan([]media.Source{{Probe: probe, Key: key}}, media.Wish{
		Recipes: recipes, Prefix: "20261122-CC0042", Label: "客服专用-申诉材料", Source: "test",
		Caption: func(_, number, of int, at float64) string {
			return fmt.Sprintf("第 %d/%d 张 · 录屏 %.1f 秒处", number, of, at)
		},
	})
	require.NoError(t, err)
	dir := t.TempDir()
	if keep := os.Getenv("KEEP"); keep != "" { // to look at what tests make
		dir, err = os.MkdirTemp(keep, "made-")
		require.NoError(t, err)
	}
	var told []media.Made
	var at []float64
	start := time.Now()
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Pieces: plans[0], Dir: dir}, nil, func(m media.Made) {
		require.FileExists(t, filepath.Join(dir, m.File))
		told = append(told, m)
		at = append(at, time.Since(start).Seconds())
	})
	require.NoError(t, err)
	require.ElementsMatch(t, told, made)
	for _, kind := range []media.Kind{media.KindVideo, media.KindGIF, media.KindImage} {
		of := func(all []media.Made) []media.Made {
			return slices.DeleteFunc(slices.Clone(all), func(m media.Made) bool { return m.Piece.Kind != kind })
		}
		require.Equal(t, of(told), of(made), "those of a kind in their order")
	}
	require.Len(t, made, len(plans[0]))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, len(made), "nothing but the pieces is left")
	for i, m := range made {
		q := "-"
		if m.Quality != nil && m.Quality.SSIM != nil {
			q = fmt.Sprint(*m.Quality.SSIM)
		}
		t.Logf("%s %d bytes %dx%d %.3f s %.2f fps %s ssim %s (%.1f s)", m.File, m.Bytes, m.Width, m.Height, m.Duration, m.FPS, m.Codec, q, at[i])
		require.NoError(t, media.Check(m.Piece, m))
	}
	return made, dir
}

// A remainder of a fraction of a second joins the piece before.
func TestRenderMessages(t *testing.T) {
	t.Parallel()
	made, _ := render(t, testclips.Make(t, testclips.Spec{Seconds: 4.3}), nil, dm())
	require.Len(t, made, 2)
	require.InDelta(t, 2.3, made[1].Duration, 0.035)
}
