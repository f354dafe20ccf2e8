package ffmpeg

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

// painted is a picture of a background with what a piece burns in.
func painted(t *testing.T, background string, p media.Piece) (string, image.Image) {
	t.Helper()
	e, work := engine(t), t.TempDir()
	words, err := e.label(work, p, p.Width, p.Height)
	require.NoError(t, err)
	to := filepath.Join(work, "painted.png")
	g := graph{
		inputs: []input{{path: fmt.Sprintf("%ss=%dx%d", background, p.Width, p.Height), options: []option{{"-f", "lavfi"}}}},
		chains: []chain{{name: "v", from: []string{"0:0"}, filters: append([]filter{{"format", []string{"yuv444p"}}}, append(words, filter{"format", []string{"rgb24"}})...)}},
		output: output{path: "file:" + to, take: []string{"v"}, options: []option{{"-frames:v", "1"}, {"-c:v", "png"}, {"-f", "image2"}, {"-update", "1"}}},
	}
	args, err := g.compile()
	require.NoError(t, err)
	require.NoError(t, e.run(t.Context(), command{tool: e.ffmpeg, args: append([]string{"-v", "error", "-y"}, args...), read: []string{e.font}, write: []string{work}}))
	f, err := os.Open(to)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	img, err := png.Decode(f)
	require.NoError(t, err)
	return to, img
}

// covered is where a white picture is written on: its share, and the part in the
// upper half.
func covered(img image.Image) (share float64, upper image.Rectangle) {
	size, changed := img.Bounds().Size(), 0
	for y := range size.Y {
		for x := range size.X {
			if r, g, b, _ := img.At(x, y).RGBA(); min(r, g, b) > 0xf800 {
				continue
			}
			changed++
			if y < size.Y/2 {
				upper = upper.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return float64(changed) / float64(size.X*size.Y), upper
}

// Label and running time cover at most 6 % of any picture and can be read on
// anything.
func TestOverlaysCoverLittleAndCanBeRead(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width, height int
		words         bool // the label fits with all its words
		backgrounds   []string
	}{
		{320, 568, true, []string{"testsrc2="}},
		{480, 1040, true, []string{"color=white:", "color=black:", "testsrc2="}},
		{719, 1277, true, nil},
		{1920, 1080, true, []string{"testsrc2="}},
		{320, 240, true, nil},
		{160, 90, false, nil},
		{2340, 240, true, nil},
		{64, 48, false, nil},
	} {
		t.Run(fmt.Sprintf("%dx%d", c.width, c.height), func(t *testing.T) {
			t.Parallel()
			p := media.Piece{Label: "客服专用-申诉材料 2/3", Timecode: true, Width: c.width, Height: c.height}
			path, white := painted(t, "color=white:", p)
			share, box := covered(white)
			require.LessOrEqual(t, share, 0.06)
			words, size := legible(p.Label, c.width, c.height)
			require.Equal(t, c.words, words == p.Label)
			require.Equal(t, words != "", !box.Empty())
			require.True(t, words == "" || size >= leastLetter)
			for _, background := range c.backgrounds {
				if background != "color=white:" {
					path, _ = painted(t, background, p)
				}
				text := read(t, path, "0", fmt.Sprintf("crop=%d:%d:%d:%d,scale=-2:120:flags=lanczos", box.Dx(), box.Dy(), box.Min.X, box.Min.Y))
				require.Contains(t, text, "客服专用", background)
				require.Regexp(t, "申诉材料2.{0,2}3$", text, "%s: the stroke is read as this and that", background)
			}
		})
	}
}

// What the font does not have would be drawn as boxes: a mark stands for it, in
// labels of the operator as in captions of what was read.
func TestNoBoxesAreDrawn(t *testing.T) {
	t.Parallel()
	e, work := engine(t), t.TempDir()
	require.NoError(t, hasRunes(e.font, "您好…·—？“”①€"))
	for text, want := range map[string]string{
		"客服专用-申诉材料 1/3": "客服专用-申诉材料 1/3", "🦄🐉 你好\u200d\ufe0f，朋友👍🏽！": "? 你好，朋友?！", "a\U000e0001b": "ab", "\U0010fffd": "?",
	} {
		require.Equal(t, want, e.glyphs.drawable(text))
		for _, r := range want {
			require.True(t, e.glyphs.has(uint32(r)))
		}
	}
	p := media.Piece{Label: "客服🦄专用", Width: 480, Height: 1040}
	_, err := e.label(work, p, p.Width, p.Height)
	require.NoError(t, err)
	_, err = e.caption(work, "00:42 您的🦄账号", p.Width, p.Height)
	require.NoError(t, err)
	_, err = e.lines(work, []string{"原创🦄"}, 640, 360)
	require.NoError(t, err)
	for name, want := range map[string]string{"label.txt": "客服?专用", "caption.txt": "00:42 您的?账号", "line0.txt": "原创?"} {
		got, err := os.ReadFile(filepath.Join(work, name))
		require.NoError(t, err)
		require.Equal(t, want, string(got))
	}
}
