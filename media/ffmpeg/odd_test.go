package ffmpeg

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// brief is a sample no longer than its oddity needs.
func brief(s testclips.Spec) testclips.Spec {
	if s.Seconds == 0 {
		s.Seconds = 1.2
	}
	return s
}

// TestRenderOdd gives every kind of recording that phones and messengers make
// to the same two recipes; Render itself demands size, codec, range, first key
// picture, length and order of what comes out.
func TestRenderOdd(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]testclips.Spec{
		"rotated":                {Rotate: 90},
		"upside down, mov":       {Rotate: 180, Ext: "mov"},
		"hevc, cover":            {Codec: testclips.HEVC, Cover: true},
		"hevc 10 bit":            {Codec: testclips.HEVC10},
		"hdr10":                  {Codec: testclips.HDR10},
		"hlg, mov":               {Codec: testclips.HLG, Ext: "mov"},
		"vp9, webm":              {Codec: testclips.VP9, Ext: "webm"},
		"avi":                    {Codec: testclips.MPEG4, Ext: "avi"},
		"mjpeg, mov":             {Codec: testclips.MJPEG, Ext: "mov"},
		"mkv":                    {Ext: "mkv"},
		"ts":                     {Ext: "ts"},
		"ntsc, flv":              {FPS: 29.97, Ext: "flv"},
		"vfr":                    {VFR: true, Seconds: 5},
		"odd size without sound": {Width: 321, Height: 567, Silent: true},
		"late sound":             {SoundStart: 1},
		"stretched":              {Aspect: "4/3"},
		"interlaced":             {Interlaced: true},
		"one picture":            {Frames: 1, Silent: true},
		"third second":           {Seconds: 0.3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			recipes := []media.Recipe{
				{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole, ShortSide: 240, FPS: 30, Audio: 48000, MaxBytes: 1e6, Label: true},
				{Kind: media.KindImage, Count: 1, Caption: true},
			}
			if spec.Frames == 1 || spec.Seconds > 0 && spec.Seconds < 1 {
				recipes = append(recipes, media.Recipe{Kind: media.KindGIF, MaxPieces: 1, ShortSide: 240, FPS: 10, MaxBytes: 2e6})
			}
			made, dir := render(t, testclips.Make(t, brief(spec)), nil, recipes...)
			require.Equal(t, "h264", made[0].Codec)
			require.False(t, made[0].Damaged)
			for _, fit := range made[0].Fit {
				require.True(t, fit.OK(), "%+v", fit)
			}
			made0 := filepath.Join(dir, made[0].File)
			data, err := os.ReadFile(made0)
			require.NoError(t, err)
			require.NotContains(t, string(data), "secret", "nothing of the original's words is left")
			require.NotContains(t, string(data), "x264 - core", "the encoder does not sign with its settings")
			out, err := exec.Command("ffprobe", "-v", "error", "-show_entries", "stream=codec_type,color_range", "-of", "csv=p=0", made0).Output()
			require.NoError(t, err)
			want := []string{"video,tv", "audio"} // the range is said, not guessed
			if spec.Silent {
				want = want[:1]
			}
			require.Equal(t, want, strings.Fields(strings.ReplaceAll(string(out), "audio,unknown", "audio")))
			if spec.Rotate == 90 {
				require.Greater(t, made[0].Width, made[0].Height)
				require.Greater(t, made[1].Width, made[1].Height)
			}
		})
	}
}
