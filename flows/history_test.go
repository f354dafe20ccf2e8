package flows_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// A line is the same before and after it was stored, or nothing would follow.
func TestHistoryHoldsAfterItWasStored(t *testing.T) {
	t.Parallel()
	var c flows.Case
	at := time.Date(2026, 11, 22, 12, 0, 0, 123456789, time.FixedZone("", 8*60*60))
	for i := range 5 {
		c.History = flows.AppendEntry(c.History, at, "received", "exhibit", "e1", "bytes", int64(2_000_000_000+i), "name", "<录屏>", "list", []string{"a"})
		raw, err := json.Marshal(c)
		require.NoError(t, err)
		c = flows.Case{}
		require.NoError(t, json.Unmarshal(raw, &c))
	}
	count, first, head, err := flows.CheckHistory(flows.HistoryLines(c.History))
	require.NoError(t, err)
	require.Equal(t, []any{5, 1, c.Head()}, []any{count, first, head})
	require.Equal(t, c.Head(), c.Receipt("e1"))
	require.Empty(t, c.Receipt("e2"))
}

func TestHistoryBeforeLinesWereLinkedGoesOn(t *testing.T) {
	t.Parallel()
	old := []flows.Entry{{At: time.Unix(1, 0).UTC(), What: "created"}, {At: time.Unix(2, 0).UTC(), What: "submitted"}}
	now := flows.AppendEntry(flows.AppendEntry(old, time.Unix(3, 0), "ready"), time.Unix(4, 0), "delivered")
	require.Equal(t, 3, now[2].N)
	_, _, _, err := flows.CheckHistory(flows.HistoryLines(now))
	require.NoError(t, err)
	for name, forged := range map[string][]flows.Entry{
		"old line changed":     {now[0], {At: time.Unix(2, 0).UTC(), What: "cancelled"}, now[2], now[3]},
		"unlinked line put in": {now[0], now[1], now[2], {What: "x"}, now[3]},
	} {
		_, _, _, err := flows.CheckHistory(flows.HistoryLines(forged))
		require.ErrorIs(t, err, flows.ErrHistory, name)
	}
}

// A history that became too long is folded at its beginning: what follows still
// follows, receipts stay known, and a beginning that is cut off is seen.
func TestLongHistory(t *testing.T) {
	t.Parallel()
	history := flows.AppendEntry(nil, time.Unix(1, 0), "received", "exhibit", "e1")
	before := flows.Case{History: history}
	receipt := before.Receipt("e1")
	var whole []flows.Entry
	for range 1999 {
		last := flows.Case{History: history}
		history = flows.AppendEntry(history, time.Unix(1, 0), "sent")
		whole = append(whole, history[len(history)-1])
		require.Equal(t, last.Head(), history[len(history)-1].Prev)
	}
	require.LessOrEqual(t, len(history), 1000)
	require.Equal(t, 2000, history[len(history)-1].N)
	require.Equal(t, "sealed", history[0].What)
	require.Equal(t, whole[history[0].N-1].Prev, history[0].Args["head"], "the seal names the last line that is gone")
	count, first, head, err := flows.CheckHistory(flows.HistoryLines(history))
	require.NoError(t, err)
	after := flows.Case{History: history}
	require.Equal(t, []any{len(history), 2000 - len(history) + 1, after.Head()}, []any{count, first, head})
	require.Equal(t, receipt, after.Receipt("e1"))
	for name, forged := range map[string][]flows.Entry{
		"no beginning":    history[1:],
		"one less":        append([]flows.Entry{history[0]}, history[2:]...),
		"another's head":  append([]flows.Entry{{N: history[0].N, What: "sealed", Args: map[string]any{"head": receipt}}}, history[1:]...),
		"sealed midway":   append([]flows.Entry{history[1], history[0]}, history[2:]...),
		"from the middle": history[500:],
	} {
		_, _, _, err := flows.CheckHistory(flows.HistoryLines(forged))
		require.ErrorIs(t, err, flows.ErrHistory, name)
	}
}

// What an owner took back stays taken back however long the history becomes, and
// what they gave again after that is given.
func TestWhatWasTakenBackOutlivesTheFold(t *testing.T) {
	t.Parallel()
	c := flows.Case{ID: "CC0001"}
	at := noon()
	link := func(what, sha256, channel string) { c.NoteLink(what, sha256, channel, at) }
	long := func() {
		for range 1500 {
			link(flows.LinkMade, "piece", "email")
		}
		require.Equal(t, "sealed", c.History[0].What)
	}
	link(flows.LinkMade, "aa", "")
	link(flows.LinkRevoked, "aa", "")
	link(flows.LinkMade, "bb", "")
	link(flows.LinkRevoked, "bb", "")
	link(flows.LinkMade, "cc", "")
	link(flows.LinkRevoked, "dd", "email") // of a piece
	for range 2 {
		long()
		taken := map[string]bool{}
		for _, sum := range []string{"aa", "bb", "cc", "dd"} {
			taken[sum] = c.LinkTakenBack(sum)
		}
		require.Equal(t, map[string]bool{"aa": true, "bb": true, "cc": false, "dd": false}, taken)
	}
	link(flows.LinkMade, "bb", "")
	require.False(t, c.LinkTakenBack("bb"))
	long()
	require.False(t, c.LinkTakenBack("bb"))
	require.True(t, c.LinkTakenBack("aa"))
	_, _, _, err := flows.CheckHistory(flows.HistoryLines(c.History))
	require.NoError(t, err)
}

// Opening a link is noted once a day for each file, and the last line stands for all.
func TestWhatIsNotedOfLinks(t *testing.T) {
	t.Parallel()
	var c flows.Case
	at := noon()
	c.NoteLink(flows.LinkMade, "aa", "", at)
	for range 5 {
		c.NoteLink(flows.LinkViewed, "aa", "", at)
		c.NoteLink(flows.LinkViewed, "bb", "email", at)
	}
	c.NoteLink(flows.LinkViewed, "aa", "", at.AddDate(0, 0, 1))
	c.NoteLink(flows.LinkRevoked, "aa", "", at)
	last := c.Deletion(at)
	var what []string
	for _, e := range c.History {
		what = append(what, e.What)
	}
	require.Equal(t, []string{"linked", "viewed", "viewed", "viewed", "revoked", "deleted"}, what)
	require.Equal(t, c.History[5], last)
	_, _, _, err := flows.CheckHistory(flows.HistoryLines(c.History))
	require.NoError(t, err)
}
