package flows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// A draft ends by its own time, is reminded of before, and what is handed in is
// kept as long as ever; the screens say both.
func TestDraftsMayEndEarlier(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{Access: flows.AccessOpen, RetentionDays: 30, DraftDays: 6})
	c.command("start", "")
	require.Contains(t, c.last(), "30 天")
	require.Contains(t, c.last(), "没有交上来的，6 天后就删除")
	c.command("privacy", "")
	require.Contains(t, c.last(), "没有交上来的，6 天后就删除")
	c.file(video(1), "")
	k := c.kase()
	require.Equal(t, c.now.AddDate(0, 0, 6), k.Expires)
	require.Nil(t, k.Remind(c.now.Add(4*24*time.Hour-time.Minute)), "not at the beginning")
	require.NotNil(t, k.Remind(c.now.Add(4*24*time.Hour)))
	c.ingest()
	for !c.handed() {
		c.forward()
	}
	k = c.kase()
	require.Equal(t, c.now.AddDate(0, 0, 30), k.Expires)
	require.Nil(t, k.Remind(k.Expires.Add(-flows.RemindBefore-time.Minute)))
	require.NotNil(t, k.Remind(k.Expires.Add(-flows.RemindBefore)))

	_, err := flows.New(flows.Config{RetentionDays: 5, DraftDays: 6}, c.cat, c.store, c.store, time.Now, func() string { return "" })
	require.Error(t, err)
}
