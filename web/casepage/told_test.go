package casepage

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// The page says what the summary says: whose words, what is there, what is missing,
// and where the seconds that matter are.
func TestThePageTellsWhatTheCaseHolds(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	c := m.cases["CC0001"]
	c.Statement = "昨晚<被封>了"
	e := &c.Exhibits[0]
	e.State, e.Slot = flows.ExhibitProbed, ""
	e.Probe = &media.Probe{Kind: media.KindVideo, Duration: 60, Width: 4, Height: 3}
	c.Packs[0].Moments = []flows.KeyMoment{{Exhibit: e.ID, Range: media.Range{Start: 42, End: 52}}}
	film := flows.Piece{Name: "20261122-CC0001-1of1.mp4", Kind: media.KindVideo, Blob: "cases/CC0001/a/1.mp4", Exhibit: e.ID, Width: 4, Height: 3, Range: media.Range{Start: 29, End: 60}}
	c.Packs[0].Pieces = append(c.Packs[0].Pieces, film)
	body := get(t, h, "/case/"+token).Body.String()
	for _, has := range []string{
		"昨晚&lt;被封&gt;了", "✓ 其他材料（3 个）", "○ 还缺：封禁提示的录屏", "✓ 最关键的几秒：0:42 到 0:52", "见 20261122-CC0001-1of1.mp4 第 13 秒", `data-progress-made="2"`,
	} {
		require.Contains(t, body, has)
	}
	c.Statement, c.Key = "", &flows.KeyMoment{Exhibit: e.ID, Range: media.Range{Start: 3, End: 9}}
	body = get(t, h, "/case/"+token).Body.String()
	require.Contains(t, body, "✓ 最关键的几秒：0:03 到 0:09", "what the person named comes first")
	require.Contains(t, body, "○ 没有写说明")
}

// What was refused is told with the reason, and is no longer what is recommended.
func TestARefusedPackIsNotRecommended(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	c := m.cases["CC0001"]
	c.Packs[0].Fate, c.Packs[0].Reason = flows.FateRefused, "too-big"
	c.History = append(c.History, flows.Entry{At: noon, What: "refused-by-channel", Args: map[string]any{"channel": "douyin-app", "reason": "too-big"}})
	body := get(t, h, "/case/"+token).Body.String()
	require.Contains(t, body, "被退回了 · 说文件太大")
	require.Regexp(t, "您说对方不收：.+ · 说文件太大", body)
	require.Equal(t, 1, strings.Count(body, "先交这一份"))
	next, tag, refused := strings.Index(body, `id="email"`), strings.Index(body, "先交这一份"), strings.Index(body, `id="douyin-app"`)
	require.True(t, next < tag && tag < refused, "%d %d %d", next, tag, refused)
	c.Packs[1].Fate = flows.FateRefused
	require.NotContains(t, get(t, h, "/case/"+token).Body.String(), "先交这一份", "nothing is left to recommend")
}
