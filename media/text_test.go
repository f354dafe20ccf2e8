package media

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func sure(texts ...string) []Line {
	var out []Line
	for _, t := range texts {
		out = append(out, Line{Text: t, Sure: 0.9})
	}
	return out
}

// A line is told once, when it is first seen, however it is read later and
// wherever it scrolls; what comes back after other pages is new.
func TestTimeLine(t *testing.T) {
	t.Parallel()
	got := TimeLine([]Reading{
		{At: 1, Lines: append(sure("19:42:01", "客服 您好 请问有什么可以帮您", "您的申诉材料不完整"), Line{Text: "|| ;a", Sure: 0.3}, Line{Text: "。", Sure: 1})},
		{At: 3, Lines: sure("19:42:03", "您的申诉村料不完整", "账号封禁通知")},
		{At: 4, Lines: nil},
		{At: 5, Lines: sure("账号封禁通知", "已提交")},
		{At: 7, Lines: sure("客服 您好 请问有什么可以帮您")},
	})
	require.Equal(t, []Seen{
		{At: 1, Until: 3, Text: "19:42:01"}, {At: 1, Text: "客服 您好 请问有什么可以帮您"}, {At: 1, Until: 3, Text: "您的申诉材料不完整"}, {At: 3, Until: 5, Text: "账号封禁通知"}, {At: 5, Text: "已提交"}, {At: 7, Text: "客服 您好 请问有什么可以帮您"},
	}, got)
	require.True(t, got[3].Stood(4.2, 0.5), "between two readings of it")
	require.True(t, got[3].Stood(2.6, 0.5))
	require.False(t, got[3].Stood(6, 0.5))
	require.False(t, got[4].Stood(7, 0.5), "read once")
}

func TestReadAt(t *testing.T) {
	t.Parallel()
	many := make([]float64, 40)
	for i := range many {
		many[i] = float64(i)
	}
	for name, row := range map[string]struct {
		probe Probe
		count int
		first float64
		last  float64
		spend time.Duration
	}{
		"a picture":          {Probe{Kind: KindImage}, 1, 0, 0, 20 * time.Second},
		"one frame":          {Probe{Kind: KindVideo, Frames: 1, Duration: 9}, 1, 0, 0, 20 * time.Second},
		"a document":         {Probe{Kind: KindDocument}, 0, 0, 0, 20 * time.Second},
		"half a minute":      {Probe{Kind: KindVideo, Duration: 30, Frames: 900, Settled: many}, 10, 0, 39, 20 * time.Second},
		"few rests":          {Probe{Kind: KindVideo, Duration: 30, Frames: 900, Settled: many[5:8]}, 4, 5, 29.75, 20 * time.Second},
		"rests to the end":   {Probe{Kind: KindVideo, Duration: 8, Frames: 240, Last: 7.9, Settled: many[5:8]}, 3, 5, 7, 20 * time.Second},
		"a notice at last":   {Probe{Kind: KindVideo, Duration: 12, Frames: 360, Last: 11.9, Settled: many[5:8]}, 4, 5, 11.9, 20 * time.Second},
		"an hour":            {Probe{Kind: KindVideo, Duration: 3600, Frames: 9e4, Settled: many}, 24, 0, 3599.75, time.Minute},
		"nothing is known":   {Probe{Kind: KindVideo, Duration: 16, Frames: 480}, 9, 0.89, 15.11, 20 * time.Second},
		"three minutes long": {Probe{Kind: KindVideo, Duration: 60, Frames: 900, Settled: many}, 12, 0, 59.75, 40 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ReadAt(row.probe)
			require.Len(t, got, row.count)
			require.Equal(t, row.spend, ReadWithin(row.probe))
			if row.count > 0 {
				require.InDelta(t, row.first, got[0], 0.01)
				require.InDelta(t, row.last, got[len(got)-1], 0.01)
				require.IsIncreasing(t, append([]float64{-1}, got...))
			}
		})
	}
}

func TestLegible(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		original, piece []Line
		share           float64
		known           bool
	}{
		"all of it":             {sure("您的账号已被封禁", "Order 4823"), sure("您的账号已被封禁", "order 4823"), 1, true},
		"other order, a label":  {sure("您的账号已被封禁", "请提交申诉"), sure("客服专用-申诉材料 1/3", "请提交申诉", "您的账号已被封禁"), 1, true},
		"one letter in four":    {sure("您的账号已被封禁"), sure("您的帐号已被卦禁"), 0.75, true},
		"nothing":               {sure("您的账号已被封禁"), nil, 0, true},
		"noise is no words":     {[]Line{{Text: "您的账号已被封禁", Sure: 0.2}}, sure("您的账号已被封禁"), 0, false},
		"too little to tell":    {sure("封禁"), sure("封禁"), 0, false},
		"a rival line is worse": {sure("违规时间十一月二十日"), sure("违规", "违规时间十一月二日"), 0.9, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			share, known := Legible(row.original, row.piece)
			require.Equal(t, row.known, known)
			require.InDelta(t, row.share, share, 1e-9)
		})
	}
}

func TestPassage(t *testing.T) {
	t.Parallel()
	line := func(top float64, letters int) Line {
		return Line{Text: strings.Repeat("字", letters), Sure: 0.9, Top: top, Height: 0.02}
	}
	page := []Line{line(0.02, 90), line(0.2, 20), line(0.4, 10), line(0.5, 30), line(0.53, 20), line(0.56, 15), line(0.7, 40)}
	top, bottom, lines := Passage(page)
	require.Equal(t, page[3:6], lines, "the closest together, not what labels stand on")
	require.InDelta(t, 0.485, top, 1e-9)
	require.InDelta(t, 0.595, bottom, 1e-9)
	for name, whole := range map[string][]Line{
		"few letters":   {line(0.3, 30), line(0.4, 20)},
		"no places":     sure(strings.Repeat("字", 80)),
		"far apart":     {line(0.13, 30), line(0.85, 40)},
		"nothing there": nil,
	} {
		top, bottom, lines := Passage(whole)
		require.Equal(t, whole, lines, name)
		require.Zero(t, top, name)
		require.InDelta(t, 1, bottom, 0, name)
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"封禁", "封禁通知", 2}, {"ab", "ba", 2}} {
		require.Equal(t, row.want, distance([]rune(row.a), []rune(row.b)), "%q %q", row.a, row.b)
	}
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	words := []string{"封禁", "违规", "申诉"}
	seen := []Seen{
		{At: 2, Text: "我的账号昨天晚上突然被封禁了"}, {At: 2, Text: "客服 您好"}, {At: 14, Text: "订单号 4823"}, {At: 20, Text: "请提交申诉"}, {At: 42, Text: "您的账号已被封禁"}, {At: 42, Text: "违规时间 2026"}, {At: 44, Text: "如有疑问可申诉"},
	}
	busy := &Range{Start: 8, End: 23}
	require.Equal(t, []Candidate{{At: 42, Text: "您的账号已被封禁"}, {At: 20, Text: "请提交申诉"}, {At: 2, Text: "我的账号昨天晚上突然被封禁了"}}, Candidates(seen, busy, words, 50, 3))
	require.Equal(t, []Candidate{{At: 10, Text: ""}}, Candidates(seen, busy, []string{"退款"}, 50, 3), "where no word stands, only activity speaks")
	require.Empty(t, Candidates(nil, nil, words, 50, 3))
	require.Len(t, Candidates(seen, busy, words, 50, 2), 2)
	require.Equal(t, "您的账号已被封禁", Telling([]string{"客服 您好", "您的账号已被封禁"}, words))
	require.Empty(t, Telling([]string{"客服 您好"}, words))
}

func TestHighlights(t *testing.T) {
	t.Parallel()
	words := []string{"refund", "退款"}
	seen := []Seen{{At: 1, Text: "Refund rejected"}, {At: 2, Text: "hello"}, {At: 3, Text: "退款申请已驳回"}, {At: 9, Text: "退款申请已驳回"}, {At: 10, Text: "a long line in which a refund is named in passing only"}}
	require.Equal(t, []Seen{{At: 1, Text: "Refund rejected"}, {At: 3, Text: "退款申请已驳回"}}, Highlights(seen, words, 2))
	require.Len(t, Highlights(seen, words, 10), 3)
}
