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
	require.Contains(t, c.last(), "没有开始做文件的，6 天后就删除")
	c.command("privacy", "")
	require.Contains(t, c.last(), "没有开始做文件的，6 天后就删除")
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

// What was handed out, and what is closed, may end earlier than the rest, never
// later, and its owner is told before each end.
func TestWhatIsHandedOutOrClosedMayEndEarlier(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{Access: flows.AccessOpen, RetentionDays: 30, DeliveredDays: 12, ClosedDays: 6})
	c.command("start", "")
	require.Contains(t, c.last(), "发完 12 天后就删除")
	require.Contains(t, c.last(), "已经答复的，6 天后就删除")
	c.file(video(1), "")
	c.ingest()
	for !c.handed() {
		c.forward()
	}
	k := c.kase()
	full := c.now.AddDate(0, 0, 30)
	require.Equal(t, full, k.Expires)

	at := c.now.Add(time.Hour)
	k.Packs[0].State = flows.PackReady
	_, err := k.Delivered(k.Packs[0].Channel, 0, at)
	require.NoError(t, err)
	require.Equal(t, at.AddDate(0, 0, 12), k.Expires)
	require.Nil(t, k.Remind(k.Expires.Add(-flows.RemindBefore-time.Minute)))
	require.NotNil(t, k.Remind(k.Expires.Add(-flows.RemindBefore)))

	at = at.Add(24 * time.Hour)
	k.Cancel(at)
	require.Equal(t, at.AddDate(0, 0, 6), k.Expires)
	require.Nil(t, k.Remind(k.Expires.Add(-2*24*time.Hour-time.Minute)), "two thirds of a short time go by first")
	require.NotNil(t, k.Remind(k.Expires.Add(-2*24*time.Hour)), "a new end is told of anew")

	late := c.kase()
	late.Cancel(full.Add(-2 * time.Hour))
	require.Equal(t, full, late.Expires, "it only ends sooner")

	_, err = flows.New(flows.Config{RetentionDays: 5, ClosedDays: 6}, c.cat, c.store, c.store, time.Now, func() string { return "" })
	require.Error(t, err)
}

// A case whose answer came is closed, and one that is wanted again has its first
// end back.
func TestACaseThatGoesOnHasItsFirstEndBack(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{Access: flows.AccessOpen, DeliveredDays: 9, ClosedDays: 4})
	c.file(video(1), "")
	for !c.handed() {
		c.forward()
	}
	full := c.kase().Expires
	c.ingest()
	c.process()
	k := c.kase()
	require.Equal(t, flows.PackDelivered, k.Packs[0].State)
	require.Equal(t, k.Packs[0].Delivered.AddDate(0, 0, 9), k.Expires)
	c.press("sent." + k.ID + ".0.0")
	c.clock(4 * 24 * time.Hour)
	c.press("yes." + k.ID + ".0.0")
	require.Equal(t, c.kase().Term.Since.AddDate(0, 0, 4), c.kase().Expires)
	c.press("exact." + k.ID + ".0.0")
	require.Equal(t, full, c.kase().Expires)
}
