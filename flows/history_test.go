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

// A history that became too long says how much of it went.
func TestLongHistory(t *testing.T) {
	t.Parallel()
	var history []flows.Entry
	for range 1003 {
		history = flows.AppendEntry(history, time.Unix(1, 0), "sent")
	}
	count, first, _, err := flows.CheckHistory(flows.HistoryLines(history))
	require.NoError(t, err)
	require.Equal(t, []int{1000, 4}, []int{count, first})
}
