package ffmpeg

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// How a piece was made says all that decides how it looks, and nothing of this
// machine.
func TestHowAPieceWasMade(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 2})
	still := media.Recipe{Kind: media.KindImage, Count: 1, LongSide: 400, Caption: true, Label: true, MaxBytes: 2_000_000}
	gif := media.Recipe{Kind: media.KindGIF, MaxPieces: 1, ShortSide: 160, Label: true, MaxBytes: 2_000_000}
	made, _ := render(t, path, nil, still, gif, dm())
	require.Len(t, made, 3)
	for _, m := range made {
		require.Equal(t, m.Piece, m.How.Plan)
		require.Empty(t, m.How.Catalogue, "whoever plans knows it")
		require.NotNil(t, m.How.Masks)
		all := strings.Join(append(append(m.How.Filters, m.How.Sound...), m.How.Encoder.Settings...), "\n")
		require.NotContains(t, all, "/usr", m.File)
		require.NotContains(t, all, "tmp", m.File)
		require.NotContains(t, all, "客服", "words stand in the plan, once")
		require.NotContains(t, all, "[")
		t.Log(m.File, m.How.Filters, m.How.Sound, m.How.Encoder)
	}
	image, movie, video := made[0].How, made[1].How, made[2].How
	require.Equal(t, "mjpeg", image.Encoder.Name)
	require.Contains(t, image.Encoder.Settings, "-q:v 2")
	require.Contains(t, strings.Join(image.Filters, "\n"), "textfile=caption.txt")
	require.Equal(t, "gif", movie.Encoder.Name)
	require.Contains(t, movie.Encoder.Settings, "gifsicle --lossy=60")
	require.Contains(t, strings.Join(movie.Filters, "\n"), "paletteuse=")
	require.Contains(t, strings.Join(movie.Filters, "\n"), "concat=", "the picture in front")
	require.Equal(t, "libx265", video.Encoder.Name)
	require.Contains(t, video.Encoder.Settings, "-crf 23.5")
	require.Contains(t, video.Filters, "fps=fps=30:start_time=0:eof_action=pass")
	require.Equal(t, []string{"atrim=start=0", "aresample=48000:async=1:first_pts=0", "aformat=sample_fmts=fltp:channel_layouts=mono"}, video.Sound)
}

func TestToldOfOneOutputAmongSeveral(t *testing.T) {
	t.Parallel()
	args := strings.Fields(`-y -i file:O -filter_complex [0:0]fps=30[s0];[s0]split=2[s1][s2];[s1]select=expr=eq(n\;0)[s3];[s2]drawtext=fontfile=/usr/share/a.ttf:textfile=p1/label.txt:x=1[s4];[0:1]aformat=mono[s5] -map [s3] -dn -c:v gif -f gif file:/a/one -map [s4] -map [s5] -crf 21 -c:v libx264 file:/a/two`)
	one, err := told(args, "/a/one")
	require.NoError(t, err)
	require.Equal(t, account{filters: []string{"fps=30", `select=expr=eq(n\;0)`}, encoder: media.Encoder{Name: "gif", Settings: []string{"-dn", "-f gif"}}}, one)
	two, err := told(args, "/a/two")
	require.NoError(t, err)
	require.Equal(t, account{filters: []string{"fps=30", "drawtext=fontfile=a.ttf:textfile=label.txt:x=1"}, sound: []string{"aformat=mono"},
		encoder: media.Encoder{Name: "libx264", Settings: []string{"-crf 21"}}}, two)
	_, err = told(args, "/a/three")
	require.Error(t, err)
	_, err = told(nil, "")
	require.Error(t, err)
}

func TestToolsSayTheirVersions(t *testing.T) {
	t.Parallel()
	tools, err := engine(t).Tools(t.Context())
	require.NoError(t, err)
	t.Logf("%+v", tools)
	require.Regexp(t, `^\d`, tools.FFmpeg)
	require.Regexp(t, `^\d+ r\d+ [0-9a-f]+$`, tools.X264)
	require.Regexp(t, `^\d+\.\d`, tools.X265)
	require.Regexp(t, `^\d`, tools.Gifsicle)
	require.Equal(t, 1, tools.Threads)
	require.True(t, tools.Made(tools))
	other := tools
	other.Threads++
	require.False(t, tools.Made(other))
}
