package ffmpeg

import (
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
	"clipcase/media/ffmpeg/cage"
)

// page is a screen of a telephone: lines at their heights.
type page struct {
	size   image.Point
	letter int // pixels
	lines  []string
}

func chatPage() page {
	return page{size: image.Pt(720, 1280), letter: 28, lines: []string{
		"在线客服 编号 8801", "您好 请问有什么可以帮您", "我的账号昨天晚上突然被封禁了", "请提供账号和相关的录屏", "抖音号 clipcase2026 粉丝 1283",
		"我没有发布过任何违规内容", "已收到 正在为您核实", "请问还需要补充什么材料", "请上传封禁通知的完整截图", "好的 下面是我的操作过程", "预计三个工作日内回复",
	}}
}

func orderPage() page {
	return page{size: image.Pt(720, 1280), letter: 26, lines: []string{
		"订单详情", "交易成功 2026-11-20 19:42", "商品名称 儿童手表 蓝色", "单价 128.50 元 数量 2", "实付金额 257.00 元", "订单编号 482377190265",
		"付款方式 零钱支付", "物流公司 顺丰速运", "收货人 张先生", "申请退款 联系商家", "如有疑问可提交申诉",
	}}
}

// film is a recording of pages, each standing for a second; the second half of
// each page comes from below.
func film(t *testing.T, pages ...page) string {
	t.Helper()
	dir := t.TempDir()
	size := pages[0].size
	graph := fmt.Sprintf("color=0xF4F5F7:s=%dx%d:r=10:d=%d", size.X, size.Y, len(pages))
	for i, p := range pages {
		for n, line := range p.lines {
			name := fmt.Sprintf("%d-%d.txt", i, n)
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(line), 0o600))
			graph += fmt.Sprintf(",drawtext=font='Noto Sans CJK SC':textfile=%s:expansion=none:fontsize=%d:fontcolor=0x1A1A1A:x=%d:y=%d+max(0\\,0.3-t+%d)*400:enable='between(t,%d,%d)'",
				name, p.letter, p.letter, 150+n*p.letter*3, i, i, i+1)
		}
	}
	cmd := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", graph, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "18", "-pix_fmt", "yuv420p", "film.mp4")
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return filepath.Join(dir, "film.mp4")
}

// read is the text that is recognised in the picture that stands at a time, without
// spaces.
func read(t *testing.T, path, at, filters string) string {
	t.Helper()
	png := filepath.Join(t.TempDir(), "frame.png")
	out, err := exec.Command("ffmpeg", "-v", "error", "-y", "-i", path, "-frames:v", "1", "-vf", "fps=20,tpad=stop_mode=clone:stop_duration=1,trim=start="+at+","+filters, png).CombinedOutput()
	require.NoError(t, err, string(out))
	cmd := exec.Command("tesseract", png, "-", "-l", "chi_sim+eng", "--psm", "6")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	text, err := cmd.Output()
	require.NoError(t, err)
	return strings.ToLower(strings.Join(strings.Fields(string(text)), ""))
}

// recalled is the share of a page's words that stand in a text.
func (p page) recalled(text string) float64 {
	words := strings.Fields(strings.ToLower(strings.Join(p.lines, " ")))
	found := 0
	for _, word := range words {
		if strings.Contains(text, word) {
			found++
		}
	}
	return float64(found) / float64(len(words))
}

// watched is an engine whose ffmpeg is counted from outside: log has a line for
// every run.
func watched(t *testing.T) (e *Engine, log string) {
	t.Helper()
	dir := t.TempDir()
	log = filepath.Join(dir, "runs")
	real, err := exec.LookPath("ffmpeg")
	require.NoError(t, err)
	wrapper := filepath.Join(dir, "ffmpeg")
	require.NoError(t, os.WriteFile(wrapper, fmt.Appendf(nil, "#!/bin/sh\necho \"$@\" >>%s\nexec %s \"$@\"\n", log, real), 0o755))
	e = engine(t)
	e.ffmpeg = wrapper
	free, err := cage.New(cage.Config{Off: []string{cage.LayerLandlock}})
	require.NoError(t, err)
	e.cage = free
	return e, log
}

func gifRuns(t *testing.T, log string) int {
	t.Helper()
	text, err := os.ReadFile(log)
	require.NoError(t, err)
	return strings.Count(string(text), "plain.gif")
}

func gifPiece(width, height int, end float64, most int64) media.Piece {
	return media.Piece{Name: "g.gif", Kind: media.KindGIF, Codec: "gif", Range: media.Range{End: end}, Width: width, Height: height, FPS: 10, MaxBytes: most, Label: "客服专用-申诉材料 1/3"}
}

// What stands on a screen can be read in its GIF, from the first try.
func TestGIFCanBeRead(t *testing.T) {
	t.Parallel()
	pages := []page{chatPage(), orderPage()}
	path := film(t, pages...)
	e, log := watched(t)
	made := renderOne(t, e, path, gifPiece(480, 852, 2, 2_000_000))
	require.Equal(t, 1, gifRuns(t, log))
	require.LessOrEqual(t, made.Bytes, int64(2_000_000))
	for i, p := range pages {
		share := p.recalled(read(t, made.File, fmt.Sprint(media.GIFLead+float64(i)+0.8), "scale=iw*2:-1:flags=lanczos"))
		t.Logf("page %d: %.3f of the words", i, share)
		require.GreaterOrEqual(t, share, 0.9)
	}
}

// A film with grain is far over any limit at first: it comes within at most two
// tries, never over, and not below the floor.
func TestGIFComesWithinItsLimit(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 3, Width: 480, Height: 852, FPS: 10})
	const most = 200_000
	e, log := watched(t)
	made := renderOne(t, e, path, gifPiece(480, 852, 3, most))
	t.Logf("%d of %d bytes, %dx%d, %.2f a second, %d tries", made.Bytes, most, made.Width, made.Height, made.FPS, gifRuns(t, log))
	require.LessOrEqual(t, gifRuns(t, log), gifTries)
	require.LessOrEqual(t, made.Bytes, int64(most))
	require.GreaterOrEqual(t, made.Width, media.MinGIFShortSide)
}

// A GIF begins with a picture of the middle, held for a moment, and then shows all
// of its stretch from the beginning.
func TestGIFShowsAllOfItsStretch(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Seconds: 8, Width: 240, Height: 426, FPS: 10, Silent: true})
	made := renderOne(t, engine(t), path, gifPiece(240, 426, 8, 4_000_000))
	require.InDelta(t, 8+media.GIFLead, made.Duration, 0.3)
	even := filepath.Join(t.TempDir(), "even.mkv") // a picture that stands longer is many
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", made.File, "-vf", "fps=20", "-c:v", "ffv1", even).CombinedOutput()
	require.NoError(t, err, string(out))
	var shown []int
	for _, at := range []float64{0, media.GIFLead - 0.15, media.GIFLead + 0.15, media.GIFLead + 3.5, media.GIFLead + 7.5} {
		shown = append(shown, second(frame(t, even, fmt.Sprint(at))))
	}
	require.Equal(t, []int{3, 3, 0, 3, 7}, shown)
}

// renderOne makes one piece; File of what it gives is its path.
func renderOne(t *testing.T, e *Engine, path string, p media.Piece) media.Made {
	t.Helper()
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	dir := t.TempDir()
	if keep := os.Getenv("KEEP"); keep != "" {
		dir, err = os.MkdirTemp(keep, "one-")
		require.NoError(t, err)
	}
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Pieces: []media.Piece{p}, Dir: dir}, nil, nil)
	require.NoError(t, err)
	require.Len(t, made, 1)
	made[0].File = filepath.Join(dir, made[0].File)
	return made[0]
}

// On a wide screen where all that changes stands in a corner, that corner fills
// the GIF, and the picture in front shows the whole.
func TestGIFShowsWhatChanges(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "wide.mp4")
	corner := "color=0xFFFFFF:s=1600x900:r=10:d=3,drawbox=x=100:y=100:w=200:h=200:color=red:t=fill,drawbox=x=1000:y=500:w=400:h=200:color=blue:t=fill:enable='gt(mod(t,2),1)'"
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", corner, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", path).CombinedOutput()
	require.NoError(t, err, string(out))
	made := renderOne(t, engine(t), path, gifPiece(852, 480, 3, 2_000_000))
	require.LessOrEqual(t, made.Width, 852)
	require.LessOrEqual(t, made.Height, 480)
	red := func(at string) bool {
		img := frame(t, made.File, at)
		for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y += 4 {
			for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x += 4 {
				if r, g, b, _ := img.At(x, y).RGBA(); r > 0xc000 && g < 0x4000 && b < 0x4000 {
					return true
				}
			}
		}
		return false
	}
	require.True(t, red("0"), "the whole comes first")
	require.False(t, red("1.2"), "then the part that changes")
}

func TestSolveGivesUpInOrder(t *testing.T) {
	t.Parallel()
	full := shape{width: 480, height: 1040, fps: 10, colours: 128, lossy: lossyLeast}
	m := model{first: 50_000, changes: 900_000, pixels: 240 * 520, bits: 1, fps: 10, seen: 1}
	last := full
	for _, aim := range []float64{9e6, 2e6, 1e6, 600_000, 300_000} {
		s := m.solve(full, aim)
		require.LessOrEqual(t, m.bytes(s), aim)
		require.LessOrEqual(t, s.fps, last.fps)
		require.LessOrEqual(t, s.width, last.width)
		require.GreaterOrEqual(t, s.width, media.MinGIFShortSide)
		if s.width < full.width {
			require.LessOrEqual(t, s.fps, settleFPS*1.01)
		}
		last = s
	}
	m.learn(full, int64(2*m.bytes(full)))
	require.Less(t, m.solve(full, 2e6).fps, full.fps)
}

func TestSurroundedStaysInside(t *testing.T) {
	t.Parallel()
	whole := image.Pt(1600, 900)
	for _, r := range []image.Rectangle{image.Rect(0, 0, 2, 2), image.Rect(158, 88, 160, 90), image.Rect(40, 20, 90, 60), image.Rect(0, 0, 160, 90)} {
		got := surrounded(r, 10, whole)
		require.True(t, got.In(image.Rectangle{Max: whole}), "%v gives %v", r, got)
		require.True(t, image.Rect(r.Min.X*10, r.Min.Y*10, r.Max.X*10, r.Max.Y*10).In(got), "%v gives %v", r, got)
		require.GreaterOrEqual(t, float64(got.Dx()), 0.34*1600)
	}
	require.True(t, surrounded(image.Rectangle{}, 10, whole).Empty())
}
