package flows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

const (
	story = "昨天晚上我的号突然登不上去了"
	more  = "刚才客服回复说要再等三天才有结果"
)

// TestNothingTypedIsLost: wherever a person stands, words beside the question are
// added to the statement that is there, and it is said.
func TestNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	begun := func(scenario string) func(*chat) {
		return func(c *chat) { c.command("start", "s_"+scenario); c.text(story) }
	}
	at := func(step string) func(*chat) {
		return func(c *chat) {
			c.command("appeal", story)
			c.file(video(1), "")
			for c.seen.Step != step {
				c.forward()
			}
		}
	}
	pressed := func(step string, ids ...string) func(*chat) {
		return func(c *chat) {
			at(step)(c)
			for _, id := range ids {
				c.press(id)
			}
		}
	}
	places := map[string]func(*chat){
		"scenario":        func(c *chat) { c.command("start", ""); c.text(story) },
		"can":             begun("account-ban"),
		"consent":         func(c *chat) { begun("account-theft")(c); c.forward() },
		"exhibits":        at("exhibits"),
		"key":             at("key"),
		"review":          at("review"),
		"channel":         pressed("review", "channel"),
		"files":           pressed("exhibits", "sort"),
		"slot":            pressed("exhibits", "sort", "e1"),
		"forget":          func(c *chat) { at("exhibits")(c); c.command("delete", "") },
		"command again":   func(c *chat) { at("exhibits")(c) },
		"under a file":    func(c *chat) { at("exhibits")(c) },
		"before a file":   func(c *chat) { at("exhibits")(c) },
		"under an album":  func(c *chat) { at("exhibits")(c) },
		"edited in later": func(c *chat) { at("exhibits")(c) },
	}
	for name, come := range places {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t, builtin(t), "zh", flows.Config{})
			come(c)
			words := more
			switch name {
			case "command again":
				c.command("appeal", more)
			case "under a file":
				c.file(video(2), more)
			case "before a file":
				words = "客服的回复" // too short to be kept alone
				c.text(words)
				c.now = c.now.Add(3 * time.Second)
				c.file(video(2), "")
			case "under an album":
				for i := range 3 {
					f := video(i + 2)
					c.do(flows.Event{Kind: flows.EventFile, File: &f, Album: "tg:a", Text: map[int]string{0: more}[i]})
				}
			case "edited in later":
				c.do(flows.Event{Kind: flows.EventEdit, Text: more, Message: c.kase().Exhibits[0].Message})
			default:
				require.Equal(t, name, c.seen.Step)
				c.text(more)
			}
			require.Equal(t, story+"\n补充："+words, statement(c))
			require.Contains(t, c.last(), "加在您的说明后面")
			c.press("undo")
			require.Equal(t, story, statement(c))
			require.Contains(t, c.last(), "已经撤回")
		})
	}
}

func statement(c *chat) string {
	if k := c.kase(); k != nil {
		return k.Statement
	}
	return c.session().Draft.Statement
}

// TestAdditionsAreCorrectedByEditing: each message that gave words corrects its
// own, and none of the others.
func TestAdditionsAreCorrectedByEditing(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	say := func(words, message string) { c.do(flows.Event{Kind: flows.EventText, Text: words, Message: message}) }
	edit := func(words, message string) { c.do(flows.Event{Kind: flows.EventEdit, Text: words, Message: message}) }
	c.command("start", "s_account-ban")
	say(story, "tg:42:1")
	say(more, "tg:42:2")
	c.file(video(1), "")
	say("我的抖音号是 abc123，昵称小林", "tg:42:3")
	edit("客服说等五天", "tg:42:2")
	edit("前天晚上登不上去了", "tg:42:1")
	require.Equal(t, "前天晚上登不上去了\n补充：客服说等五天\n补充：我的抖音号是 abc123，昵称小林", c.kase().Statement)
	require.Len(t, c.kase().Added, 2)

	say("我的抖音号是 abc123，昵称小林", "tg:42:4")
	require.Len(t, c.kase().Added, 2)
	require.Contains(t, c.last(), "已经在您的说明里")

	for c.seen.Step != "review" {
		c.forward()
	}
	c.press("words")
	say("全部重新写一遍，就这些", "tg:42:5") // the question for it says that it replaces
	require.Equal(t, "全部重新写一遍，就这些", c.kase().Statement)
	require.Empty(t, c.kase().Added)
}

// TestNoRoomForAnAddition: a statement never grows over its limit, and what was
// not kept is said.
func TestNoRoomForAnAddition(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("appeal", strings.Repeat("长", flows.MaxStatement-40))
	c.text(strings.Repeat("短", 100))
	require.Len(t, []rune(statement(c)), flows.MaxStatement)
	require.Contains(t, c.last(), "只保留了")
	c.text(more)
	require.Len(t, []rune(statement(c)), flows.MaxStatement)
	require.Contains(t, c.last(), "没有加进去")
}

// TestWordsAfterHandingIn: what can no longer be added is said to be left out;
// after a cancelled case they begin a new matter.
func TestWordsAfterHandingIn(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban")
	was := c.kase().Statement
	c.text(more)
	require.Equal(t, was, c.kase().Statement)
	require.Contains(t, c.last(), "没有加进去")

	c = newChat(t, builtin(t), "zh", flows.Config{})
	c.file(video(1), "")
	c.command("cancel", "")
	c.text(story)
	require.Equal(t, story, statement(c))
	require.Nil(t, c.kase())
}

// TestOneWayBack: a screen whose way forward is the way back offers it once.
func TestOneWayBack(t *testing.T) {
	t.Parallel()
	c := delivered(t, "account-ban")
	c.press("more.CC0042")
	require.Equal(t, "channel", c.seen.Step)
	require.Len(t, c.seen.Rows[len(c.seen.Rows)-1], 1)
	c.command("back", "")
	require.Equal(t, "rest", c.seen.Step)
}
