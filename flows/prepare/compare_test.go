package prepare_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/prepare"
	"clipcase/media"
)

// matter is a copyright case with a file in each of the slots.
func matter(t *testing.T, files ...string) prepare.Request {
	t.Helper()
	req := request(t, []string{"douyin-copyright"})
	req.Scenario = "copyright"
	for i, file := range files {
		slot, rest, _ := strings.Cut(file, ":")
		name, content, _ := strings.Cut(rest, "=")
		path := filepath.Join(t.TempDir(), "original")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		req.Exhibits = append(req.Exhibits, prepare.Exhibit{ID: "e" + string(rune('1'+i)), Slot: slot, Path: path, Name: name, Grade: flows.GradeFile})
	}
	return req
}

func TestComparisonIsAligned(t *testing.T) {
	t.Parallel()
	e, obs := &engine{}, &observer{}
	req := matter(t, "copy:b.mp4=second", "own:a.mp4=first", "own:c.mp4=first too", "script:s.pdf=document")
	record, err := run(t, e, req, obs)
	require.NoError(t, err)
	require.Len(t, e.beside, 1)
	c := e.beside[0]
	require.Equal(t, "原创", c.Left.Label)
	require.Equal(t, "疑似侵权", c.Right.Label)
	require.Zero(t, c.Left.Start)
	require.InDelta(t, 2, c.Right.Start, 0.05)
	require.InDelta(t, 38, c.Length, 0.05)
	require.LessOrEqual(t, c.MaxBytes, int64(30_000_000))
	require.Contains(t, c.Lines[0], "两段画面按画面变化对齐，相差 2.0 秒（右边晚）；对齐可信度：高")
	require.InDelta(t, c.Length*2, len(c.Curve), 1)
	require.Greater(t, c.Curve[10], 0.9)

	pack := obs.packs[len(obs.packs)-1]
	require.Len(t, pack.Pieces, 6, "video, four pictures, document")
	require.Equal(t, media.KindVideo, pack.Pieces[0].Kind)
	require.Equal(t, "20261122-CC0042-1of5.mp4", pack.Pieces[0].Name)
	require.Equal(t, &flows.Beside{Left: "e2", Right: "e1", RightFrom: 2, Offset: 2, By: "picture", Confidence: "high"}, pack.Pieces[0].Beside)
	require.Equal(t, media.KindPDF, pack.Pieces[5].Kind)
	require.Contains(t, pack.Words, "相差 2.0 秒")
	require.Contains(t, pack.Words, "对比图：左边原创")
	for i, p := range pack.Pieces {
		require.FileExists(t, filepath.Join(req.Dir, "data", "douyin-copyright", p.Name))
		require.Equal(t, i+1, p.Number)
	}
	require.Equal(t, record.Originals[1].SHA256, record.Pieces[0].Beside.Left, "both originals are cited")
	require.Equal(t, record.Originals[0].SHA256, record.Pieces[0].Beside.Right)
	require.Nil(t, record.Pieces[0].Original)
	require.Contains(t, strings.Join(record.Warnings, "\n"), "只用了“a.mp4”，没有用“c.mp4”")
}

func TestComparisonThatIsNotSure(t *testing.T) {
	t.Parallel()
	offset := -3.5
	far := 300.0
	for name, c := range map[string]struct {
		wish     *float64
		from     [2]float64
		length   float64
		says     string
		warnings string
	}{
		"nothing in common":       {nil, [2]float64{}, 40, "没有找到可靠的对齐位置", "没有找到可靠的对齐位置"},
		"the person's offset":     {&offset, [2]float64{3.5, 0}, 36.5, "按提交人给的时间对齐，相差 3.5 秒（右边早）", ""},
		"an offset out of either": {&far, [2]float64{}, 40, "不确定", "没有采用"},
	} {
		e, obs := &engine{}, &observer{}
		req := matter(t, "own:a.mp4=first", "copy:b.mp4=other")
		req.Offset = c.wish
		record, err := run(t, e, req, obs)
		require.NoError(t, err, name)
		require.Len(t, e.beside, 1, name)
		require.Equal(t, c.from, [2]float64{e.beside[0].Left.Start, e.beside[0].Right.Start}, name)
		require.Equal(t, c.length, e.beside[0].Length, name)
		require.Contains(t, e.beside[0].Lines[0], c.says, name)
		require.Contains(t, strings.Join(record.Warnings, "\n"), c.warnings, name)
		if c.warnings == "" {
			require.Empty(t, record.Warnings, name)
		}
	}
}

// Without two recordings to compare there are pictures of what there is.
func TestNothingToCompare(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files []string
		says  string
	}{
		"a picture of the copy": {[]string{"own:a.mp4=first", "copy:b.png=picture"}, "需要原作品和疑似搬运的视频各一段"},
		"one alone":             {[]string{"own:a.mp4=first"}, "需要原作品和疑似搬运的视频各一段"},
		"the same file":         {[]string{"own:a.mp4=first", "copy:b.mp4=first"}, "两边是同一个文件"},
	} {
		e, obs := &engine{}, &observer{}
		record, err := run(t, e, matter(t, c.files...), obs)
		require.NoError(t, err, name)
		require.Empty(t, e.beside, name)
		require.Contains(t, strings.Join(record.Warnings, "\n"), c.says, name)
		require.NotEmpty(t, obs.packs, name)
		for _, p := range obs.packs[0].Pieces {
			require.Equal(t, media.KindImage, p.Kind, name)
			require.Nil(t, p.Beside, name)
		}
	}
}

// An attempt that goes on takes the comparison that was made before.
func TestComparisonIsMadeOnce(t *testing.T) {
	t.Parallel()
	obs := &observer{}
	_, err := run(t, &engine{}, matter(t, "own:a.mp4=first", "copy:b.mp4=second"), obs)
	require.NoError(t, err)
	earlier := obs.packs[0]
	earlier.State = flows.PackRendering
	for i := range earlier.Pieces {
		earlier.Pieces[i].Blob = "blob"
	}
	req := matter(t, "own:a.mp4=first", "copy:b.mp4=second")
	req.Channels[0].Earlier = earlier
	e, again := &engine{}, &observer{}
	_, err = run(t, e, req, again)
	require.NoError(t, err)
	require.Empty(t, e.beside)
	require.Len(t, again.packs[0].Pieces, len(earlier.Pieces))
}

// A comparison that was made stays only while both sides are laid as before.
func TestComparisonIsMadeAnewWhenItsSidesMove(t *testing.T) {
	t.Parallel()
	e, obs := &engine{}, &observer{}
	_, err := run(t, e, matter(t, "own:a.mp4=first", "copy:b.mp4=second"), obs)
	require.NoError(t, err)
	before := obs.packs[len(obs.packs)-1]
	for i := range before.Pieces {
		before.Pieces[i].Blob = "b/" + before.Pieces[i].Name
	}
	offset := -3.5
	for wish, times := range map[*float64]int{nil: 0, &offset: 1} {
		e, obs := &engine{}, &observer{}
		req := matter(t, "own:a.mp4=first", "copy:b.mp4=second")
		req.Channels[0].Earlier, req.Offset = before, wish
		_, err := run(t, e, req, obs)
		require.NoError(t, err)
		require.Len(t, e.beside, times)
	}
}
