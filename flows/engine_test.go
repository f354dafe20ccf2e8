package flows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	cat, m := builtin(t), newMemory()
	clock, ids := noon, func() string { return "x" }
	for name, cfg := range map[string]flows.Config{
		"access":    {Access: "anyone"},
		"retention": {RetentionDays: -1},
		"bytes":     {DailyBytes: -1},
		"seconds":   {DailySeconds: -1},
		"fetch":     {FetchLimit: -1},
	} {
		_, err := flows.New(cfg, cat, m, m, clock, ids)
		require.Error(t, err, name)
	}
	_, err := flows.New(flows.Config{}, nil, m, m, clock, ids)
	require.Error(t, err)
	_, err = flows.New(flows.Config{}, cat, m, m, clock, ids)
	require.NoError(t, err)
}

func TestRepeatedEventChangesNothing(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	f := video(1)
	event := c.event(flows.Event{Kind: flows.EventFile, File: &f})
	first, err := c.engine.Handle(t.Context(), event)
	require.NoError(t, err)
	effects := len(c.store.Effects)
	again, err := c.engine.Handle(t.Context(), event)
	require.NoError(t, err)
	require.Equal(t, first.Step, again.Step)
	require.Equal(t, first.Token, again.Token)
	require.Len(t, c.kase().Exhibits, 1)
	require.Len(t, c.store.Effects, effects)
	require.Equal(t, 1, c.store.Commits)
}

func TestStaleIsTakenAgain(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.store.Stale = 4
	c.file(video(1), "")
	require.Equal(t, "CC0042", c.kase().ID, "one number is used, not five")

	c.store.Stale = 5
	_, err := c.engine.Handle(context.Background(), c.event(flows.Event{Kind: flows.EventText, Text: "x"}))
	require.Equal(t, flows.Unavailable, flows.ClassOf(err))
}

func TestErrorsCommitNothing(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.store.Fail = errors.New("away")
	_, err := c.engine.Handle(t.Context(), c.event(flows.Event{Kind: flows.EventText, Text: "x"}))
	require.ErrorIs(t, err, c.store.Fail)
	require.Empty(t, c.store.Sessions)
	_, err = c.engine.Handle(t.Context(), flows.Event{})
	require.Equal(t, flows.Invalid, flows.ClassOf(err))
}

func TestDirectShowsNothingItself(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	screen := c.do(flows.Event{Kind: flows.EventCommand, Command: "start", Direct: true})
	require.Equal(t, "scenario", screen.Step)
	require.Empty(t, c.shown)
}

func TestAlbumIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	for i := range 4 {
		f := video(i + 1)
		_, err := c.engine.Handle(t.Context(), c.event(flows.Event{Kind: flows.EventFile, File: &f, Album: "tg:a"}))
		require.NoError(t, err)
		c.now = c.now.Add(200 * time.Millisecond)
	}
	shown := c.store.Take(flows.EffectShow)
	require.Len(t, shown, 2, "who runs this, and one answer")
	require.Equal(t, "step", shown[1].Slot)
	require.Equal(t, 1500*time.Millisecond, shown[1].After.Sub(c.now.Add(-200*time.Millisecond)))
	require.Len(t, c.kase().Exhibits, 4)
	require.Len(t, c.store.Take(flows.EffectIngest), 4)
}

func TestStragglerOfAnAlbumJoinsItsDraft(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	f, g := video(1), video(2)
	c.do(flows.Event{Kind: flows.EventFile, File: &f, Album: "tg:a"})
	c.command("new", "")
	require.Nil(t, c.kase())
	c.do(flows.Event{Kind: flows.EventFile, File: &g, Album: "tg:a"})
	require.Equal(t, "CC0042", c.kase().ID)
	require.Len(t, c.kase().Exhibits, 2)
}

func TestBlockedAndBack(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.file(video(1), "")
	for !c.handed() {
		c.forward()
	}
	c.ingest()
	c.do(flows.Event{Kind: flows.EventBlocked})
	id := c.kase().ID
	c.store.Work(t, id, func(k *flows.Case) ([]flows.Effect, error) {
		_, err := k.ClaimPacks("w")
		return nil, err
	})
	channel := c.kase().Packs[0].Channel
	c.store.Work(t, id, func(k *flows.Case) ([]flows.Effect, error) { return k.PackReady("w", made(c.cat, k, channel), c.now) })
	require.Len(t, c.store.Take(flows.EffectDeliver), 1)
	c.store.Work(t, id, func(k *flows.Case) ([]flows.Effect, error) { return nil, k.DeliveryStopped(channel, 0, c.now) })

	c.show()
	shown := len(c.shown)
	c.clock(flows.FollowUpAfter * 14)
	require.Equal(t, shown, len(c.shown), "nothing is said to someone who blocked us")

	c.command("start", "")
	back := c.store.Take(flows.EffectDeliver)
	require.Len(t, back, 1)
	require.Equal(t, channel, back[0].Channel)
}

func TestEditsCorrectTheDraft(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	f := video(1)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal", Text: "账号被误风", File: &f, Message: "tg:42:7"})
	c.do(flows.Event{Kind: flows.EventEdit, Text: "/appeal 账号被误封", Message: "tg:42:7"})
	require.Equal(t, "账号被误封", c.kase().Statement)
	shown := len(c.shown)
	c.do(flows.Event{Kind: flows.EventEdit, Text: "别的", Message: "tg:42:8"})
	require.Equal(t, "账号被误封", c.kase().Statement)
	require.Len(t, c.shown, shown, "an edit of something else is no business of ours")
	for !c.handed() {
		c.forward()
	}
	c.do(flows.Event{Kind: flows.EventEdit, Text: "太晚了", Message: "tg:42:7"})
	require.Equal(t, "账号被误封", c.kase().Statement)
	require.Contains(t, c.log.String(), "改不了")
}

func TestDraftTextBeforeTheFile(t *testing.T) {
	t.Parallel()
	for wait, want := range map[time.Duration]string{4 * time.Second: "看这个", 15 * time.Second: ""} {
		c := newChat(t, builtin(t), "zh", flows.Config{})
		c.text("看这个")
		c.now = c.now.Add(wait)
		c.file(video(1), "")
		require.Equal(t, want, c.kase().Statement, "after %s", wait)
	}
}

func TestHostileStatements(t *testing.T) {
	t.Parallel()
	for _, words := range hostile() {
		c := newChat(t, builtin(t), "zh", flows.Config{})
		c.file(video(1), words)
		for c.seen.Step != "statement" && !c.handed() {
			c.forward()
			if c.seen.Step == "review" {
				break
			}
		}
		if c.seen.Step == "statement" {
			c.text(words)
		}
		k := c.kase()
		require.LessOrEqual(t, len([]rune(k.Statement)), flows.MaxStatement)
		require.NotContains(t, k.Statement, "\u202E")
		require.NotContains(t, k.Statement, "\x00")
		for !c.handed() {
			c.forward()
		}
		c.ingest()
		c.process()
	}
}
