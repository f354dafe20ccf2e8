package flows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// last is the words of the newest message.
func (c *chat) last() string {
	c.t.Helper()
	require.NotEmpty(c.t, c.shown)
	return transcribe(c.cat, c.shown[len(c.shown)-1])
}

func TestUninvited(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{Access: flows.AccessInvite})
	c.file(video(1), "我的账号被误封了请帮忙")
	require.Contains(t, c.last(), "邀请")
	require.Empty(t, c.store.Cases)
	require.Empty(t, c.store.Take(flows.EffectIngest))
	require.Empty(t, c.session().Draft.Statement)
	require.NotContains(t, string(c.store.Sessions[c.actor]), "误封", "nothing of what they send is kept")

	c.command("start", "i_wrong")
	require.Contains(t, c.last(), "用不了")
	require.False(t, c.store.People[c.actor].Allowed)

	c.store.codes["good"] = 1
	c.command("start", "i_good")
	require.Contains(t, c.last(), "邀请有效")
	require.Equal(t, "scenario", c.seen.Step)
	require.Equal(t, 0, c.store.codes["good"])
	c.file(video(1), "")
	require.NotNil(t, c.kase())
}

func TestListed(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{Access: flows.AccessList})
	c.command("start", "")
	require.Contains(t, c.last(), "tg:42")
	c.store.change(c.actor, func(p *flows.Person) { p.Allowed = true })
	c.command("start", "")
	require.Equal(t, "scenario", c.seen.Step)
}

func TestBanned(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.store.change(c.actor, func(p *flows.Person) { p.Banned = true })
	for _, do := range []func(){
		func() { c.command("start", "") }, func() { c.command("start", "i_x") }, func() { c.file(video(1), "") }, func() { c.text("喂") },
	} {
		do()
		require.Equal(t, "\n抱歉，这里暂时不能为您服务。\n", c.last())
	}
	require.Empty(t, c.store.Cases)
}

func TestQuota(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{DailyBytes: 20_000_000})
	c.file(video(1), "")
	c.file(video(2), "")
	require.Contains(t, c.log.String(), "20 MB 的上限")
	require.Contains(t, c.log.String(), "2026-11-23 00:00", "the next midnight in Shanghai")
	require.Len(t, c.kase().Exhibits, 1)
	require.Len(t, c.store.Take(flows.EffectIngest), 1)

	c = newChat(t, builtin(t), "en", flows.Config{DailySeconds: 50})
	c.file(video(1), "")
	c.file(video(2), "")
	require.Contains(t, c.log.String(), "minutes of recordings")
	require.Len(t, c.kase().Exhibits, 1)
}

func TestTooBig(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{FetchLimit: 20 << 20})
	f := video(1)
	f.Bytes, f.TooBig = 120_000_000, true
	c.file(f, "")
	require.Contains(t, c.log.String(), "120 MB")
	require.Contains(t, c.log.String(), "20 MB 以内")
	require.Contains(t, c.log.String(), "剪辑")
	require.Empty(t, c.store.Take(flows.EffectIngest))
	require.Empty(t, c.store.Cases)
}

func TestAdmin(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{BotName: "@clipcase_bot"})
	c.command("queue", "")
	require.Contains(t, c.last(), "没有这个命令", "for everyone else there is no such command")

	c.store.claim = "once"
	c.command("start", "c_once")
	require.True(t, c.store.People[c.actor].Admin)
	c.command("invite", "3 2")
	require.Contains(t, c.last(), "https://t.me/clipcase_bot?start=i_code1")
	require.Equal(t, 3, c.store.codes["code1"])
	for _, wrong := range []string{"0", "x", "3 0", "1 2 3", "99999"} {
		c.command("invite", wrong)
		require.Contains(t, c.last(), "写法", wrong)
	}
	require.Len(t, c.store.codes, 1)

	c.command("ban", "7")
	require.True(t, c.store.People["tg:7"].Banned)
	c.command("unban", "tg:7")
	require.False(t, c.store.People["tg:7"].Banned)
	c.command("allow", "7")
	require.True(t, c.store.People["tg:7"].Allowed)
	for _, wrong := range []string{"", "7 8", "<b>", c.actor} {
		c.command("ban", wrong)
		require.Contains(t, c.last(), "写法", wrong)
	}
	c.command("queue", "")
	require.Contains(t, c.last(), "process：等待 2，正在做 1")
	require.Contains(t, c.last(), "42%")

	c.file(video(1), "")
	c.command("quarantine", "cc0042")
	require.True(t, c.store.Held["CC0042"])
	c.command("status", "")
	require.Contains(t, c.last(), "暂停处理")
	c.command("quarantine", "CC0042 off")
	require.False(t, c.store.Held["CC0042"])
	c.command("quarantine", "CC9999")
	require.Contains(t, c.last(), "没有 CC9999")
}

func TestForeignCaseIsLikeNone(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.file(video(1), "")
	c.actor = "tg:66"
	var answers []string
	for _, id := range []string{"CC0042", "CC0099"} {
		c.do(flows.Event{Kind: flows.EventChoice, Choice: "case." + id, Token: "keep"})
		answers = append(answers, c.last())
		c.do(flows.Event{Kind: flows.EventChoice, Choice: "sent." + id + ".0.0", Token: "keep"})
		answers = append(answers, c.last())
		c.command("start", "case_"+id)
		answers = append(answers, c.last())
	}
	require.Equal(t, answers[:3], answers[3:])
	require.NotContains(t, strings.Join(answers, ""), "录屏1")
	require.Len(t, c.store.Take(flows.EffectAlert), 1, "staff hear of it once an hour")
	require.Nil(t, c.kase())
}

func TestOldButtons(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.file(video(1), "")
	old := c.seen
	c.forward()
	at := c.session().Step
	screen := c.do(flows.Event{Kind: flows.EventChoice, Choice: old.Rows[0][0].ID, Token: old.Token, Press: "q"})
	require.Equal(t, at, screen.Step)
	require.Equal(t, at, c.session().Step)
	require.Equal(t, "talk.stale", screen.Toast.Key)
	require.False(t, screen.Replace, "the old message stays, the step is shown anew")
}

func TestGroups(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{BotName: "clipcase_bot"})
	c.do(flows.Event{Kind: flows.EventCommand, Command: "appeal", Text: "误封", Group: true, Chat: "tg:-100", Message: "tg:-100:5"})
	screen := c.shown[len(c.shown)-1]
	require.Equal(t, "https://t.me/clipcase_bot?start=s_account-ban", screen.Rows[0][0].URL)
	require.Empty(t, c.store.Cases)
	require.Empty(t, c.session().Draft.Statement)
}

func TestRefusesToGoRound(t *testing.T) {
	t.Parallel()
	for _, words := range []string{"能不能用抓包提交", "教我绕过审核", "how to bypass the limit", "use Fiddler please"} {
		c := newChat(t, builtin(t), "zh", flows.Config{})
		c.text(words)
		require.Contains(t, c.last(), "不会做", words)
		c.command("appeal", words)
		require.Contains(t, c.last(), "不会做", words)
		c.file(video(1), words)
		require.Contains(t, c.last(), "不会做", words)
		require.Empty(t, c.kase().Statement)
	}
	for _, words := range []string{"骗子破解了我的密码，还伪造了我的身份证", "卖家让我绕过平台付款，然后不发货", "He forged my signature"} {
		c := newChat(t, builtin(t), "zh", flows.Config{})
		c.file(video(1), words)
		require.Equal(t, words, c.kase().Statement, "what was done to them is no request")
	}
}

func TestStartAfterwardsBeginsAnew(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.file(video(1), "")
	for !c.handed() {
		c.forward()
	}
	c.command("start", "")
	require.Equal(t, "rest", c.seen.Step, "while it is being made, /start says so")
	c.ingest()
	c.process()
	c.command("start", "")
	require.Equal(t, "scenario", c.seen.Step)
	require.Nil(t, c.kase())
}

func TestCancelInAnAnswerIsPartOfTheStory(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.command("appeal", "")
	c.file(video(1), "")
	for c.seen.Step != "statement" {
		c.forward()
	}
	c.press("ask")
	c.text("取消")
	require.Len(t, c.kase().Answers, 1)
	require.True(t, c.kase().Cancelled.IsZero())
	c.command("back", "")
	c.command("back", "")
	c.command("back", "")
	require.Equal(t, "exhibits", c.seen.Step)
	c.text("算了")
	require.False(t, c.kase().Cancelled.IsZero())
}

func TestWhatNoStepCanUse(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{})
	c.file(video(1), "")
	for other, want := range map[string]string{"voice": "听不了语音", "sticker": "用不上", "strange": "看不懂", "forged": "没有找到"} {
		c.do(flows.Event{Kind: flows.EventOther, Other: other})
		require.Contains(t, c.last(), want)
		require.Equal(t, "scenario", c.seen.Step, "the current step is shown again")
	}
	c.text("嗯")
	require.Contains(t, c.last(), "没看懂")
	c.command("nonsense", "")
	require.Contains(t, c.last(), "没有这个命令")
}

// A recording sent as a file announces no length: it counts by what was measured.
// The one that goes over the day's share is kept, those after it are refused.
func TestQuotaCountsWhatIsMeasured(t *testing.T) {
	t.Parallel()
	c := newChat(t, builtin(t), "zh", flows.Config{DailySeconds: 60})
	measure := func(seconds float64, bytes int64) {
		for _, e := range c.store.Take(flows.EffectIngest) {
			for range 2 { // again changes nothing
				c.store.Work(t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
					return k.ExhibitStored(e.Exhibit, flows.Stored{Blob: "b", SHA256: "aa", Bytes: bytes}, c.now)
				})
			}
			for range 2 {
				c.store.Work(t, e.Case, func(k *flows.Case) ([]flows.Effect, error) {
					return k.ExhibitProbed(e.Exhibit, media.Probe{Kind: media.KindVideo, Duration: seconds}, c.now)
				})
			}
		}
		c.show()
	}
	silent := func(n int) flows.File {
		f := video(n)
		f.Duration = 0
		return f
	}
	c.file(silent(1), "")
	measure(40, 12_000_000)
	require.InDelta(t, 40, c.store.People[c.actor].SecondsUsed, 0.001)
	require.EqualValues(t, 12_000_000, c.store.People[c.actor].BytesUsed)
	second := silent(2)
	second.Bytes = 0
	c.file(second, "")
	measure(300, 5_000_000)
	require.InDelta(t, 340, c.store.People[c.actor].SecondsUsed, 0.001)
	require.EqualValues(t, 17_000_000, c.store.People[c.actor].BytesUsed, "nothing was announced of the second")
	require.Len(t, c.kase().Usable(), 2, "what was received is kept")

	c.file(silent(3), "")
	require.Contains(t, c.log.String(), "1 分钟的上限")
	require.Len(t, c.kase().Exhibits, 2)

	third := video(4)
	third.Duration = 30
	c = newChat(t, builtin(t), "zh", flows.Config{DailySeconds: 60})
	c.file(third, "")
	measure(20, third.Bytes)
	require.InDelta(t, 30, c.store.People[c.actor].SecondsUsed, 0.001, "what was announced is not given back")
}

// Whoever may not use the service any longer can still have everything deleted,
// and can think better of it.
func TestDeletingWhenShutOut(t *testing.T) {
	t.Parallel()
	shut := map[string]struct {
		cfg  flows.Config
		what func(*flows.Person)
		says string
	}{
		"banned":             {flows.Config{}, func(p *flows.Person) { p.Banned = true }, "不能为您服务"},
		"taken off the list": {flows.Config{Access: flows.AccessList}, func(p *flows.Person) { p.Allowed = false }, "名单"},
		"no longer invited":  {flows.Config{Access: flows.AccessInvite}, func(p *flows.Person) { p.Allowed = false }, "邀请"},
	}
	for name, test := range shut {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newChat(t, builtin(t), "zh", test.cfg)
			c.store.change(c.actor, func(p *flows.Person) { p.Allowed = true })
			c.file(video(1), "")
			c.store.change(c.actor, test.what)
			c.text("在吗")
			require.Contains(t, c.last(), test.says)
			require.Contains(t, c.last(), "/delete", "they are told how")

			c.command("delete", "")
			require.Contains(t, c.last(), "要删除 CC0042 吗")
			c.forward()
			require.Contains(t, c.last(), "没有删")
			c.command("delete", "")
			c.text("取消")
			require.Contains(t, c.last(), "没有删")
			c.press("yes.CC0042")
			require.Contains(t, c.last(), test.says, "the question is over")
			require.NotNil(t, c.store.Cases["CC0042"])

			c.command("delete", "")
			c.press("yes.CC0042")
			require.Contains(t, c.last(), "已删除 CC0042")
			require.NotContains(t, c.last(), "[", "nothing else is offered")
			require.Nil(t, c.store.Cases["CC0042"])
			c.command("delete", "")
			require.Contains(t, c.last(), test.says)
			require.NotContains(t, c.last(), "/delete")
		})
	}
}
