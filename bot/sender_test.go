package bot

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
)

func TestLetterShowsEveryStyleAndButton(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	s.mail.put(letterTo(7, &flows.Screen{
		Step: "scenario", Token: "ab12", Lang: "zh",
		Blocks: []flows.Block{
			{Style: flows.StyleTitle, Text: flows.Text{Plain: "标题 <b>"}},
			{Style: flows.StyleItem, Text: flows.Text{Plain: "一"}},
			{Style: flows.StyleItem, Text: flows.Text{Plain: "二"}},
			{Style: flows.StyleQuote, Text: flows.Text{Plain: "a < b && c > d"}},
			{Style: flows.StyleCode, Text: flows.Text{Plain: "粘贴 </pre><i>x"}},
			{Style: flows.StyleNote, Text: flows.Text{Plain: "\u202e说明"}},
		},
		Rows: [][]flows.Choice{
			{{ID: "one", Label: flows.Text{Plain: "选一"}, On: true}},
			{{Label: flows.Text{Plain: "复制"}, Copy: "申诉文字"}, {Label: flows.Text{Plain: "网址"}, URL: "https://example.org/x"}},
			{{ID: "next", Label: flows.Text{Plain: strings.Repeat("下", 90)}}},
		},
	}))
	m := u.AwaitText(5*time.Second, 0, "标题 <b>")
	require.Contains(t, m.Text, "• 一\n• 二")
	require.Contains(t, m.Text, "a < b && c > d")
	require.Contains(t, m.Text, "粘贴 </pre><i>x")
	require.NotContains(t, m.Text, "\u202e")
	require.True(t, m.NoPreview, "addresses people wrote must not be opened")
	buttons := m.Buttons()
	require.Len(t, buttons, 4)
	require.Equal(t, "✓ 选一", buttons[0].Text)
	require.Equal(t, "scenario:ab12:one", buttons[0].CallbackData)
	require.Equal(t, "申诉文字", buttons[1].CopyText.Text)
	require.Equal(t, "https://example.org/x", buttons[2].URL)
	require.Equal(t, 64, utf8.RuneCountInString(buttons[3].Text))
	require.Eventually(t, func() bool { return s.mail.left() == 0 }, 5*time.Second, 5*time.Millisecond)
	require.Empty(t, s.tg.Violations())
}

// hostile are texts that break senders: each must arrive, as words.
func hostile() []string {
	return []string{
		"<b>bold</b><script>alert(1)</script>", "</blockquote></pre></b>", "&lt;&amp;&#0;&nosuch;", "*_[x](y)_* `code` ~|>#+-={}.!",
		"\x00\x01\x02\x1b[31m", "\xff\xfe\xed\xa0\x80", "\u202eevil\u202c \u2066x\u2069", "\u200b\u200c\u2060\ufeff", strings.Repeat("😀", 5000),
		strings.Repeat("长", 100_000), strings.Repeat("a\u0301\u0302\u0303", 2000), "👨‍👩‍👧‍👦🇨🇳🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
		"{{.Token}} {{template \"x\"}} %s %n %!d(MISSING)", "'; DROP TABLE cases; -- \" \\", "../../etc/passwd\r\nBcc: x@example.org",
		"http://canary.example/x https://t.me/evil tg://user?id=1 @someone /delete #tag", strings.Repeat("&", 9000), strings.Repeat("<", 4096),
		strings.Repeat("\n", 5000) + "x", "\u2800\u3164\u115f", "   \t\n  ", strings.Repeat("no space at all", 700),
	}
}

func TestHostileWordsNeverFailASend(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	require.Len(t, hostile(), 22)
	for i, text := range hostile() {
		screen := words(text)
		screen.Blocks = append(screen.Blocks,
			flows.Block{Style: flows.StyleTitle, Text: flows.Text{Plain: text}}, flows.Block{Style: flows.StyleQuote, Text: flows.Text{Plain: text}},
			flows.Block{Style: flows.StyleCode, Text: flows.Text{Plain: text}})
		screen.Rows = [][]flows.Choice{{{ID: "ok", Label: flows.Text{Plain: text}}, {Label: flows.Text{Plain: "c"}, Copy: text}}}
		s.mail.put(letterTo(7, screen))
		require.Eventually(t, func() bool { return s.mail.left() == 0 }, 20*time.Second, 5*time.Millisecond, "text %d", i)
		last := u.Last()
		require.NotEmpty(t, last.Text, "text %d", i)
		require.NotEmpty(t, last.Buttons(), "text %d: the buttons come with the last part", i)
	}
	require.Empty(t, s.tg.Violations(), "a refused call, whatever people write")
	for _, m := range u.FromBot() {
		require.LessOrEqual(t, utf8.RuneCountInString(m.Text), 4096)
	}
}

func TestDivideEndsPartsAtSentences(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"\n", "\u3002", "\uff01", "\uff1f", "\uff1b", "\uff0c", "!", ";", ", "} {
		parts := divide("一二三四五六七"+end+"八九十", 10)
		require.Len(t, parts, 2, "%q", end)
		require.Equal(t, strings.TrimRight("一二三四五六七"+end, " \n"), parts[0])
	}
}

func TestLongScreenIsDividedAndLosesNothing(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	sentence := "这是第一句话,说的是封号的经过。"
	s.mail.put(letterTo(7, words(strings.Repeat(sentence, 600))))
	require.Eventually(t, func() bool { return s.mail.left() == 0 }, 5*time.Second, 5*time.Millisecond)
	all := ""
	for _, m := range u.FromBot() {
		require.True(t, strings.HasSuffix(m.Text, "。"), "divided within a sentence")
		all += m.Text
	}
	require.Equal(t, strings.Repeat(sentence, 600), all)
}

func TestRetryAfterIsHonouredAndDelaysNobodyElse(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	a, b := s.tg.User(7, "zh").Started(), s.tg.User(8, "zh").Started()
	s.tg.Faults.When(func(c telegramtest.Call) bool { return c.Method == "sendMessage" && c.Chat == 7 }, 1,
		telegramtest.What{Refuse: &telegramtest.Refusal{Code: 429, Text: "Too Many Requests: retry after 3", RetryAfter: 3}})
	s.run(t)
	start := time.Now()
	for range 3 {
		s.mail.put(letterTo(7, words("甲")))
		s.mail.put(letterTo(8, words("乙")))
	}
	require.Eventually(t, func() bool { return len(b.FromBot()) == 3 }, 2900*time.Millisecond, time.Millisecond, "another chat waits too")
	require.Eventually(t, func() bool { return len(a.FromBot()) == 3 }, 20*time.Second, 5*time.Millisecond)
	require.GreaterOrEqual(t, time.Since(start), 3*time.Second)
	require.Empty(t, s.tg.Early(), "a call before retry_after was over")
	for _, m := range a.FromBot() {
		require.Equal(t, "甲", m.Text, "nothing was shown before: no mark")
	}
}

func TestDroppedSends(t *testing.T) {
	t.Parallel()
	mark := "重发"
	for name, c := range map[string]struct {
		fault  func(*telegramtest.Faults)
		want   int  // messages in the end
		marked bool // the last one says that it is sent again
	}{
		"server error":             {func(f *telegramtest.Faults) { f.Reply5xx("sendMessage", 500, 3) }, 1, false},
		"bad gateway before":       {func(f *telegramtest.Faults) { f.Reply5xx("sendMessage", 502, 3) }, 1, true},
		"bad gateway after":        {func(f *telegramtest.Faults) { f.Lose("sendMessage", 502, 1) }, 2, true},
		"gateway timeout after":    {func(f *telegramtest.Faults) { f.Lose("sendMessage", 504, 1) }, 2, true},
		"cut after the effect":     {func(f *telegramtest.Faults) { f.DropAfter("sendMessage", 1) }, 2, true},
		"cut before the effect":    {func(f *telegramtest.Faults) { f.DropBefore("sendMessage", 1) }, 1, true},
		"cut twice after":          {func(f *telegramtest.Faults) { f.DropAfter("sendMessage", 2) }, 2, true},
		"slow down once":           {func(f *telegramtest.Faults) { f.Reply429("sendMessage", 1, 1) }, 1, false},
		"gateway timeout: unknown": {func(f *telegramtest.Faults) { f.Reply5xx("sendMessage", 504, 1) }, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, nil)
			u := s.tg.User(7, "zh").Started()
			c.fault(s.tg.Faults)
			s.run(t)
			s.mail.put(letterTo(7, words("你好")))
			require.Eventually(t, func() bool { return s.mail.left() == 0 }, 5*time.Second, 5*time.Millisecond)
			got := u.FromBot()
			require.Len(t, got, c.want)
			require.Contains(t, got[len(got)-1].Text, "你好")
			require.Equal(t, c.marked, strings.Contains(got[len(got)-1].Text, mark))
		})
	}
}

func TestReplaceEditsThePressedMessage(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	first := words("第一屏")
	first.Rows = [][]flows.Choice{{{ID: "go", Label: flows.Text{Plain: "继续"}}}}
	s.mail.put(letterTo(7, first))
	m := u.AwaitText(5*time.Second, 0, "第一屏")
	replace := letterTo(7, words("第二屏"))
	replace.Screen.Replace, replace.Press = true, press{chat: 7, message: m.ID, query: "q"}.ref()
	s.mail.put(replace)
	m2 := u.AwaitText(5*time.Second, 0, "第二屏")
	require.Equal(t, m.ID, m2.ID)
	require.Empty(t, m2.Buttons(), "the old buttons are gone")

	replace.ID = "" // the same again: not modified is as good as done
	s.mail.put(replace)
	require.Eventually(t, func() bool { return s.mail.left() == 0 }, 5*time.Second, 5*time.Millisecond)
	require.Len(t, u.FromBot(), 1)

	lost := letterTo(7, words("第三屏")) // the pressed message is no more: a new one
	lost.Screen.Replace, lost.Press = true, press{chat: 7, message: 9999, query: "q"}.ref()
	s.mail.put(lost)
	require.NotEqual(t, m.ID, u.AwaitText(5*time.Second, 0, "第三屏").ID)
}

func TestBlockedIsToldToTheConversation(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	u.Block()
	s.run(t)
	s.mail.put(letterTo(7, words("你好")))
	require.Eventually(t, func() bool {
		for _, e := range s.talk.heard() {
			if e.Kind == flows.EventBlocked && strings.HasPrefix(e.ID, "tg:blocked:") {
				return e.Actor == "tg:7" && e.Direct && s.mail.left() == 0
			}
		}
		return false
	}, 5*time.Second, 5*time.Millisecond)
}

func TestRefusedMarkupGoesOutPlain(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh").Started()
	s.tg.Faults.When(func(c telegramtest.Call) bool { return c.Params["parse_mode"] == "HTML" }, -1,
		telegramtest.What{Refuse: &telegramtest.Refusal{Code: 400, Text: "Bad Request: can't parse entities: unsupported start tag"}})
	s.run(t)
	screen := words("a < b")
	screen.Rows = [][]flows.Choice{{{ID: "go", Label: flows.Text{Plain: "继续"}}}}
	s.mail.put(letterTo(7, screen))
	m := u.AwaitText(5*time.Second, 0, "a < b")
	require.Len(t, m.Buttons(), 1)
}

func TestGroupThatMovedIsFollowed(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	g := s.tg.Group(-100, "群", true)
	moved := g.Upgrade(-1000000000200)
	s.run(t)
	s.mail.put(letterTo(-100, words("你好")))
	moved.AwaitText(5*time.Second, 0, "你好")
	s.mail.put(letterTo(-100, words("再来")))
	moved.AwaitText(5*time.Second, 0, "再来")
	require.Eventually(t, func() bool { return s.mail.left() == 0 }, 5*time.Second, 5*time.Millisecond)
}

func TestAlertsGoToTheStaff(t *testing.T) {
	t.Parallel()
	s := newStand(t, func(c *Config) { c.StaffChat = 99 })
	staff := s.tg.User(99, "zh").Started()
	s.run(t)
	s.mail.put(flows.Letter{Effect: flows.Effect{Kind: flows.EffectAlert, Screen: words("磁盘 85%")}})
	staff.AwaitText(5*time.Second, 0, "磁盘 85%")
}
