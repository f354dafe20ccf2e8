package flows_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// Somebody new reads who runs this before anything is asked of them, whatever
// they begin with; nobody reads it twice.
func TestSomebodyNewIsGreetedOnce(t *testing.T) {
	t.Parallel()
	entries := map[string]func(*chat){
		"start":           func(c *chat) { c.command("start", "") },
		"invitation":      func(c *chat) { c.store.codes["good"] = 1; c.command("start", "i_good") },
		"deep link":       func(c *chat) { c.command("start", "s_account-ban") },
		"command":         func(c *chat) { c.command("appeal", "账号被误封了") },
		"command in line": func(c *chat) { f := video(1); c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal", File: &f}) },
		"forward":         func(c *chat) { f := video(1); f.Forwarded = true; c.file(f, "") },
		"a line":          func(c *chat) { c.text("你好") },
		"sticker":         func(c *chat) { c.do(flows.Event{Kind: flows.EventOther, Other: "sticker"}) },
		"help":            func(c *chat) { c.command("help", "") },
		"album": func(c *chat) {
			for i := range 3 {
				f := video(i + 1)
				c.do(flows.Event{Kind: flows.EventFile, File: &f, Album: "tg:a"})
			}
		},
	}
	for name, enter := range entries {
		for lang, who := range map[string]string{"zh": "谁在运行：小林工作室", "en": "Run by: 小林工作室"} {
			t.Run(name+"."+lang, func(t *testing.T) {
				t.Parallel()
				access := flows.AccessOpen
				if name == "invitation" {
					access = flows.AccessInvite
				}
				c := newChat(t, builtin(t), lang, flows.Config{Access: access})
				enter(c)
				first := transcribe(c.cat, c.shown[0])
				require.Contains(t, first, who)
				require.Contains(t, first, "/delete")
				require.NotEmpty(t, c.seen.Rows, "and asked what is next without a tap")
				c.file(video(9), "")
				c.command("status", "")
				require.Equal(t, 1, strings.Count(c.log.String(), who), c.log.String())
			})
		}
	}
}

// Who used it before greetings were noted, or reads the web page that greets, is
// not told once more.
func TestWhoKnowsUsIsNotGreeted(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("start", "")
	c.file(video(1), "")
	s := c.session()
	s.Told = nil
	raw, err := json.Marshal(s)
	require.NoError(t, err)
	c.store.Sessions[c.actor] = raw
	n := len(c.shown)
	c.command("status", "")
	require.Len(t, c.shown, n+1)

	c = newChat(t, builtin(t), "zh", flows.Config{})
	screen := c.do(flows.Event{Kind: flows.EventCommand, Command: "start", Text: "s_account-ban", Direct: true})
	require.NotContains(t, transcribe(c.cat, screen), "谁在运行")
}

// At the question whether files are to be deleted, every way of saying stop means
// that they stay.
func TestStoppingTheDeletionKeepsTheCase(t *testing.T) {
	t.Parallel()
	for name, stop := range map[string]func(*chat){
		"/cancel": func(c *chat) { c.command("cancel", "") },
		"取消":      func(c *chat) { c.text("取消") },
		"算了":      func(c *chat) { c.text("算了") },
		"cancel":  func(c *chat) { c.text("cancel") },
		"button":  func(c *chat) { c.forward() },
	} {
		for lang, kept := range map[string]string{"zh": "没有删，都还在", "en": "nothing was deleted"} {
			t.Run(name+"."+lang, func(t *testing.T) {
				t.Parallel()
				c := newChat(t, builtin(t), lang, flows.Config{})
				c.file(video(1), "")
				c.command("delete", "")
				stop(c)
				require.Contains(t, c.last(), kept)
				require.True(t, c.kase().Cancelled.IsZero())
				require.Empty(t, c.store.Take(flows.EffectForget))
				require.NotEqual(t, "forget", c.session().Step)
				c.command("cancel", "") // and now it means the case
				require.False(t, c.kase().Cancelled.IsZero())
			})
		}
	}
}

func TestEditedKeyMoment(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	f := video(1)
	f.Duration = 120
	c.file(f, "账号被误封了，请帮忙看看这段录屏")
	for c.seen.Step != "key" {
		c.forward()
	}
	typed := func(message, words string) {
		c.note("(edited) %s", words)
		c.do(flows.Event{Kind: flows.EventEdit, Message: message, Text: words})
	}
	c.do(flows.Event{Kind: flows.EventText, Text: "四十二秒", Message: "tg:42:1"})
	require.Nil(t, c.kase().Key)
	typed("tg:42:1", "00:42")
	require.InDelta(t, 40, c.kase().Key.Range.Start, 0.001, "what could not be read was typed anew")
	typed("tg:42:1", "00:52")
	require.InDelta(t, 50, c.kase().Key.Range.Start, 0.001)
	require.Contains(t, c.log.String(), "记下了：0:50 到 1:00")
	require.NotContains(t, c.kase().Statement, "0:52")

	for _, wrong := range []string{"09:00", "看这里"} {
		typed("tg:42:1", wrong)
		require.InDelta(t, 50, c.kase().Key.Range.Start, 0.001, "%s leaves it as it was", wrong)
	}
	require.NotContains(t, c.kase().Statement, "看这里")

	for !c.handed() {
		c.forward()
	}
	typed("tg:42:1", "00:12")
	require.InDelta(t, 50, c.kase().Key.Range.Start, 0.001)
	require.Contains(t, c.log.String(), "改不了")
}
