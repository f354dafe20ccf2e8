package flows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// TestEditsAsMessengersBringThem: a line that was kept for the file that follows,
// a command and its words on two lines, and an edit that leaves nothing.
func TestEditsAsMessengersBringThem(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.do(flows.Event{Kind: flows.EventText, Text: "账号被封", Message: "tg:42:5"})
	c.do(flows.Event{Kind: flows.EventEdit, Text: "账号被误封", Message: "tg:42:5"})
	c.now = c.now.Add(4 * time.Second)
	c.file(video(1), "")
	require.Equal(t, "账号被误封", c.kase().Statement)

	c = newChat(t, builtin(t), "zh", flows.Config{})
	f := video(1)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal", Text: "账号被误风", File: &f, Message: "tg:42:7"})
	c.do(flows.Event{Kind: flows.EventEdit, Text: "/appeal\n账号被误封\n请帮忙", Message: "tg:42:7"})
	require.Equal(t, "账号被误封\n请帮忙", c.kase().Statement)
	shown := len(c.shown)
	c.do(flows.Event{Kind: flows.EventEdit, Text: "/appeal", Message: "tg:42:7"})
	require.Equal(t, "账号被误封\n请帮忙", c.kase().Statement)
	require.Len(t, c.shown, shown, "an edit that leaves nothing is not said to have been kept")
}

// TestCommandsUnderFiles: a file is not lost because its caption holds a command
// about something else, and is not taken in with one that ends or deletes.
func TestCommandsUnderFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"status", "help", "start", "done", "back", "cases", "lang", "privacy", "nonsense", "invite"} {
		c := newChat(t, builtin(t), "zh", flows.Config{})
		f := video(1)
		c.do(flows.Event{Kind: flows.EventCommand, Command: name, File: &f})
		require.NotNil(t, c.kase(), name)
		require.Len(t, c.kase().Usable(), 1, name)
	}
	for _, name := range []string{"cancel", "delete"} {
		c := newChat(t, builtin(t), "zh", flows.Config{})
		c.file(video(1), "")
		f := video(2)
		c.do(flows.Event{Kind: flows.EventCommand, Command: name, File: &f})
		require.Len(t, c.kase().Usable(), 1, name)
		require.Contains(t, c.log.String(), "没有收", name)
	}
}

// TestLeavingTheQuestionWhetherToDelete: whatever the person turns to instead, the
// question does not follow them, and nothing is deleted.
func TestLeavingTheQuestionWhetherToDelete(t *testing.T) {
	t.Parallel()
	ways := map[string]func(*chat){
		"back":   func(c *chat) { c.command("back", "") },
		"done":   func(c *chat) { c.command("done", "") },
		"start":  func(c *chat) { c.command("start", "") },
		"status": func(c *chat) { c.command("status", "") },
		"a file": func(c *chat) { c.file(video(2), "") },
	}
	for name, leave := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t, builtin(t), "zh", flows.Config{})
			c.file(video(1), "")
			c.command("delete", "")
			require.Equal(t, "forget", c.seen.Step)
			leave(c)
			require.NotEqual(t, "forget", c.seen.Step)
			require.NotEmpty(t, c.kase().Usable())
			for taps := 0; !c.handed(); taps++ {
				require.Less(t, taps, 12, c.log.String())
				c.forward()
			}
		})
	}
}

// TestWorkBeginsBeforeTheQuestions: as soon as a recording is measured and the matter
// known, what the case would be handed in for with no question answered is made ahead;
// it is made for another place once an answer says so.
func TestWorkBeginsBeforeTheQuestions(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	f := video(1)
	c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal", Text: "账号被误封", File: &f})
	c.ingest()
	require.False(t, c.kase().CanAsked)
	require.Equal(t, "douyin-app", c.kase().Likely)
	require.NotEmpty(t, c.kase().EarlyKey())
	c.forward()
	require.True(t, c.kase().CanAsked)
	require.Equal(t, "douyin-app", c.kase().Likely)
}
