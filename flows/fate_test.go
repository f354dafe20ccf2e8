package flows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// delivered is a chat whose first pack was handed out.
func delivered(t *testing.T, scenario string, can ...string) *chat {
	t.Helper()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("start", "s_"+scenario)
	for _, a := range can {
		c.press(a)
	}
	for c.seen.Step != "exhibits" {
		c.forward()
	}
	c.file(video(1), "")
	for !c.handed() {
		c.forward()
	}
	c.ingest()
	c.process()
	require.Equal(t, flows.PackDelivered, c.kase().Packs[0].State)
	return c
}

func TestRefusedForSizeGivesTheSmallerPack(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban", "message")
	require.Equal(t, "douyin-dm", c.kase().Packs[0].Channel, "the recommended channel is one they can reach")
	c.press("refd.CC0042.0.0")
	c.press("why.CC0042.0.0.big")
	p := c.kase().Packs[0]
	require.Equal(t, 1, p.Tier)
	require.Equal(t, 1, p.Round)
	require.Equal(t, flows.PackPlanned, p.State)
	require.Equal(t, "too-big", p.Reason)
	c.process()
	require.Contains(t, c.log.String(), "更小的一份，先交这几个")
	c.press("refd.CC0042.0.0")
	require.Contains(t, c.log.String(), "过期", "buttons of the earlier round do nothing any more")
}

// What was too big is kept beside the pack, so that the next one is made smaller;
// where that cannot be, it says so and goes on with the next channel.
func TestWhatCannotBeSmallerGoesOnElsewhere(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban", "message", "mail")
	before := c.kase().Packs[0].Pieces
	c.press("refd.CC0042.0.0")
	c.press("why.CC0042.0.0.big")
	p := c.kase().Packs[0]
	require.Len(t, p.Over, len(before))
	require.Equal(t, flows.Weight{Exhibit: "e1", Kind: before[0].Kind, Codec: before[0].Codec, Range: before[0].Range, Bytes: before[0].Bytes}, p.Over[0])
	require.NotEmpty(t, p.Else)
	fail := func() {
		c.store.Take(flows.EffectProcess)
		c.store.Work(t, "CC0042", func(k *flows.Case) ([]flows.Effect, error) {
			_, err := k.ClaimPacks("w")
			return nil, err
		})
		c.store.Work(t, "CC0042", func(k *flows.Case) ([]flows.Effect, error) {
			return k.PackFailed("w", "douyin-dm", flows.Problem{Class: flows.UserMedia, Text: flows.T("jobs.failed.media")}, c.now)
		})
		c.show()
	}
	fail()
	require.Contains(t, c.last(), "没法再做小了")
	require.Contains(t, c.last(), "另一种交法")
	require.Len(t, c.kase().Packs, 2)
	require.Equal(t, p.Else, c.kase().Packs[1].Channel)
	c.process()
	require.Equal(t, flows.PackDelivered, c.kase().Packs[1].State)
	require.Equal(t, flows.PackFailed, c.kase().Packs[0].State)

	alone := delivered(t, "account-ban", "message")
	alone.press("refd.CC0042.0.0")
	alone.press("why.CC0042.0.0.big")
	c = alone
	c.store.Work(t, "CC0042", func(k *flows.Case) ([]flows.Effect, error) {
		k.Packs[0].Else = "" // as where no other channel can be reached
		return nil, nil
	})
	fail()
	require.Contains(t, c.last(), "换个地方交")
	require.Len(t, c.kase().Packs, 1)
}

// A channel that has files of another kind gives those first, then the next
// channel; one that has none gives the next channel at once.
func TestRefusedForKind(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban", "form", "mail")
	require.Equal(t, "douyin-app", c.kase().Packs[0].Channel)
	c.press("refd.CC0042.0.0")
	c.press("why.CC0042.0.0.kind")
	require.Contains(t, c.last(), "只有小图片")
	p := c.kase().Packs[0]
	require.Equal(t, 2, p.Tier, "the tier made for that, not the next one")
	require.Empty(t, p.Over, "nothing was too big")
	require.Len(t, c.kase().Packs, 1)
	c.process()
	c.press("refd.CC0042.0.1")
	c.press("why.CC0042.0.1.kind")
	require.Equal(t, flows.FateRefused, c.kase().Packs[0].Fate)
	require.Len(t, c.kase().Packs, 2)
	require.Equal(t, "email", c.kase().Packs[1].Channel)
	c.process()
	require.Equal(t, flows.PackDelivered, c.kase().Packs[1].State)

	c = delivered(t, "account-ban", "form", "mail")
	c.press("refd.CC0042.0.0")
	c.press("why.CC0042.0.0.read")
	require.Equal(t, "email", c.kase().Packs[1].Channel, "smaller pictures are no easier to read")
}

// Where files of the other kind cannot be made either, the next channel's are.
func TestKindThatCannotBeMadeGoesOnElsewhere(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban", "form", "mail")
	c.press("refd.CC0042.0.0")
	c.press("why.CC0042.0.0.kind")
	c.store.Take(flows.EffectProcess)
	c.store.Work(t, "CC0042", func(k *flows.Case) ([]flows.Effect, error) {
		_, err := k.ClaimPacks("w")
		return nil, err
	})
	c.store.Work(t, "CC0042", func(k *flows.Case) ([]flows.Effect, error) {
		return k.PackFailed("w", "douyin-app", flows.Problem{Class: flows.UserMedia, Text: flows.T("jobs.failed.media")}, c.now)
	})
	c.show()
	require.Contains(t, c.last(), "换不成那一种")
	require.Equal(t, "email", c.kase().Packs[1].Channel)
}

// Each refusal is counted with the limit that was nearest, and with nothing of the person.
func TestRefusalsAreCounted(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban", "message")
	c.store.Work(t, "CC0042", func(k *flows.Case) ([]flows.Effect, error) {
		k.Packs[0].Pieces[0].Fit = []media.Fit{{Limit: "long_side", Max: 10, Value: 10}, {Limit: "piece_bytes", Max: 6e6, Value: 5.5e6}, {Limit: "bytes", Max: 6e6, Value: 1e6}}
		k.Packs[0].Pieces[0].Duration = 9.5
		return nil, nil
	})
	c.press("refd.CC0042.0.0")
	require.Empty(t, c.store.Refusals, "asked, not told")
	c.press("why.CC0042.0.0.big")
	require.Equal(t, []flows.Refusal{{Channel: "douyin-dm", Reason: "too-big", Limit: "piece_bytes", Value: 5_500_000}}, c.store.Refusals)
	c.press("why.CC0042.0.0.big")
	require.Len(t, c.store.Refusals, 1, "an old button counts nothing")

	c = delivered(t, "account-ban", "message")
	c.press("refd.CC0042.0.0")
	c.press("why.CC0042.0.0.long")
	require.Equal(t, "segment_seconds", c.store.Refusals[0].Limit)
	c = delivered(t, "account-ban", "message")
	c.press("refd.CC0042.0.0")
	c.press("why.CC0042.0.0.other")
	require.Equal(t, []flows.Refusal{{Channel: "douyin-dm", Reason: "other"}}, c.store.Refusals)
}

func TestMoreChannels(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban")
	c.press("more.CC0042")
	require.Equal(t, "channel", c.seen.Step)
	c.press("email")
	c.process()
	require.Len(t, c.kase().Packs, 2)
	require.Equal(t, flows.PackDelivered, c.kase().Packs[1].State)
	c.press("more.CC0042")
	c.forward()
	require.Equal(t, "rest", c.seen.Step, "going back leads to where the case stands")
}

func TestExactCopiesAndTwin(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban", "message")
	c.press("exact.CC0042.0.0")
	exact := c.kase().Packs[0]
	require.Equal(t, 1, exact.Round)
	require.Equal(t, flows.PackReady, exact.State)
	items := flows.NewPacker(c.cat).Items(c.kase(), &exact)
	require.Equal(t, "head", items[0].ID)
	for _, item := range items[1:] {
		require.True(t, item.File.Exact)
	}
	c.deliver()

	twin := delivered(t, "account-ban", "message")
	twin.press("twin.CC0042.0.0")
	require.True(t, twin.kase().Packs[0].Extra)
	twin.process()
	p := twin.kase().Packs[0]
	items = flows.NewPacker(twin.cat).Items(twin.kase(), &p)
	require.Len(t, items, 4, "only what was not given before")
	for _, item := range items[1:] {
		require.Contains(t, item.File.Name, "h264")
	}
}

func TestFollowUp(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban")
	c.clock(flows.FollowUpAfter)
	require.Equal(t, "follow", c.seen.Step)
	c.press("wait.CC0042.0.0")
	c.clock(flows.FollowUpAfter)
	require.Equal(t, "follow", c.seen.Step)
	c.press("sent.CC0042.0.0")
	require.Equal(t, flows.FateSent, c.kase().Packs[0].Fate)
	c.clock(flows.FollowUpAfter)
	require.Contains(t, c.last(), "有回复了吗")
	shown := len(c.shown)
	c.clock(flows.FollowUpAfter)
	require.Len(t, c.shown, shown, "one question, not a series")
	c.press("yes.CC0042.0.0")
	require.Equal(t, flows.CaseDone, c.kase().State(c.now))

	quiet := delivered(t, "account-ban")
	quiet.press("sent.CC0042.0.0")
	quiet.do(flows.Event{Kind: flows.EventChoice, Choice: "quiet", Token: "keep"})
	shown = len(quiet.shown)
	quiet.clock(flows.FollowUpAfter)
	require.Len(t, quiet.shown, shown, "turned off")
}

func TestClocks(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-theft") // 24 hours
	c.press("sent.CC0042.0.0")
	require.Contains(t, c.last(), "24 小时后我们会提醒您")
	c.clock(23 * time.Hour)
	require.NotEqual(t, "follow", c.seen.Step)
	c.clock(time.Hour)
	require.Equal(t, "follow", c.seen.Step, "as was said")

	c = delivered(t, "minor-refund") // 72 hours
	c.press("sent.CC0042.0.0")
	c.clock(48 * time.Hour)
	require.NotEqual(t, "follow", c.seen.Step, "the clock of the delivery does not ask before")
	c.clock(24 * time.Hour)
	require.Equal(t, "follow", c.seen.Step)
}

func TestFollowUpLeavesTheDraftInHand(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban")
	c.command("new", "")
	c.file(video(5), "")
	step := c.session().Step
	c.clock(flows.FollowUpAfter)
	require.Equal(t, "CC0043", c.session().Case)
	require.Equal(t, step, c.session().Step)
	require.Equal(t, "follow", c.seen.Step)
}

func TestExpiryIsToldOnce(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban")
	c.press("sent.CC0042.0.0")
	c.do(flows.Event{Kind: flows.EventChoice, Choice: "quiet", Token: "keep"})
	c.clock(27 * 24 * time.Hour)
	require.Contains(t, c.last(), "2026-12-22")
	shown := len(c.shown)
	c.clock(time.Hour)
	require.Len(t, c.shown, shown)
}

func TestCancelAndDelete(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("cancel", "")
	require.Contains(t, c.last(), "不用取消")
	c.file(video(1), "")
	for !c.handed() {
		c.forward()
	}
	c.command("cancel", "")
	require.Contains(t, c.last(), "已停下 CC0042")
	require.Len(t, c.store.Take(flows.EffectCancel), 1)
	c.file(video(2), "")
	require.Equal(t, "CC0043", c.kase().ID)
	c.command("delete", "")
	require.Equal(t, "forget", c.seen.Step)
	c.forward()
	require.Equal(t, "CC0043", c.kase().ID, "the way forward deletes nothing")
	c.command("delete", "")
	c.press("all")
	require.Contains(t, c.last(), "CC0043、CC0042")
	require.Len(t, c.store.Take(flows.EffectForget), 2)
	c.command("cases", "")
	require.Contains(t, c.last(), "还没有材料")
	c.command("delete", "")
	require.Contains(t, c.last(), "不用删")
}

func TestSortingFiles(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("start", "s_account-theft")
	for c.seen.Step != "exhibits" {
		c.forward()
	}
	c.file(video(1), "")
	c.file(video(2), "")
	first, second := c.kase().Exhibits[0].Slot, c.kase().Exhibits[1].Slot
	require.NotEqual(t, first, second)
	c.press("sort")
	c.press("e2")
	c.press("remove")
	require.True(t, c.kase().Exhibits[1].Removed)
	c.press("sort")
	c.press("e1")
	c.press("s1")
	require.Equal(t, second, c.kase().Exhibits[0].Slot)
}

func TestConsentDeclined(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.file(video(1), "")
	c.press("account-theft")
	for c.seen.Step != "consent" {
		c.forward()
	}
	require.Contains(t, c.last(), "人脸")
	c.press("no")
	s, _ := c.cat.Scenario("account-theft")
	for _, slot := range s.Exhibits {
		if slot.Consent != "" {
			require.NotEqual(t, slot.ID, c.kase().Exhibits[0].Slot)
			require.NotContains(t, c.last(), slot.Name["zh"])
		}
	}
}
