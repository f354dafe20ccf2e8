package bot

import (
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
)

func TestFindCommand(t *testing.T) {
	t.Parallel()
	known := func(name string) bool { return name == "appeal" || name == "start" }
	mark := func(offset, length int) []models.MessageEntity {
		return []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Offset: offset, Length: length}}
	}
	for name, c := range map[string]struct {
		words    string
		entities []models.MessageEntity
		want     command
		ok       bool
	}{
		"plain":                    {"/start", mark(0, 6), command{name: "start"}, true},
		"with words":               {"/appeal 账号被误封", mark(0, 7), command{name: "appeal", rest: "账号被误封"}, true},
		"no space, not marked":     {"/appeal账号被误封", nil, command{name: "appeal", rest: "账号被误封"}, true},
		"full-width slash":         {"\uff0fappeal 账号", nil, command{name: "appeal", rest: "账号"}, true},
		"capital letters":          {"/Appeal x", mark(0, 7), command{name: "appeal", rest: "x"}, true},
		"addressed":                {"/appeal@Clipcase_Bot x", mark(0, 20), command{name: "appeal", to: "clipcase_bot", rest: "x"}, true},
		"after Chinese words":      {"请看 /appeal 被封", mark(3, 7), command{name: "appeal", rest: "请看 被封"}, true},
		"after an emoji":           {"😀 /appeal", mark(3, 7), command{name: "appeal", rest: "😀"}, true},
		"payload":                  {"/start i_abc-DEF_1", mark(0, 6), command{name: "start", rest: "i_abc-DEF_1"}, true},
		"two lines":                {"/appeal\n第一行\n第二行", mark(0, 7), command{name: "appeal", rest: "第一行\n第二行"}, true},
		"unknown at the beginning": {"/nosuch x", mark(0, 7), command{name: "nosuch", rest: "x"}, true},
		"unknown in between":       {"see /tmp please", mark(4, 4), command{}, false},
		"a path":                   {"/etc/passwd", nil, command{}, false},
		"only a slash":             {"/", nil, command{}, false},
		"no command":               {"hello", nil, command{}, false},
		"offset behind the end":    {"abc", mark(2, 40), command{}, false},
		"negative offset":          {"abc", mark(-4, 3), command{}, false},
		"length 0":                 {"请 /appeal", mark(2, 0), command{}, false},
		"overflow":                 {"abc", mark(1<<62, 1<<62), command{}, false},
		"empty":                    {"", nil, command{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := findCommand(c.words, c.entities, known)
			require.Equal(t, c.ok, ok)
			require.Equal(t, c.want, got)
		})
	}
}

func FuzzFindCommand(f *testing.F) {
	f.Add("请看 /appeal@x 被封", 3, 9)
	f.Fuzz(func(t *testing.T, words string, offset, length int) {
		findCommand(words, []models.MessageEntity{{Type: models.MessageEntityTypeBotCommand, Offset: offset, Length: length}}, func(string) bool { return true })
	})
}

func FuzzLayout(f *testing.F) {
	f.Add("a<b & 😀")
	f.Fuzz(func(t *testing.T, words string) {
		cleaned := flows.Legible(words)
		for _, p := range layout([]piece{{flows.StyleCode, cleaned}, {flows.StyleText, cleaned}}) {
			require.LessOrEqual(t, len([]rune(p.plain)), textLimit)
		}
	})
}

func TestUpdatesBecomeEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		do   func(*stand, *telegramtest.User)
		want func(*testing.T, flows.Event)
	}{
		"text": {func(_ *stand, u *telegramtest.User) { u.Text("你好") }, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.EventText, e.Kind)
			require.Equal(t, "你好", e.Text)
			require.Equal(t, "tg:7", e.Actor)
			require.Equal(t, "tg:7", e.Chat)
			require.Equal(t, "zh-hans", e.Lang)
			require.Regexp(t, `^tg:\d+$`, e.ID)
			require.Regexp(t, `^tg:7:\d+$`, e.Message)
			require.False(t, e.Group)
		}},
		"command": {func(_ *stand, u *telegramtest.User) { u.Text("/appeal 账号被误封") }, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.EventCommand, e.Kind)
			require.Equal(t, "appeal", e.Command)
			require.Equal(t, "账号被误封", e.Text)
		}},
		"deep link": {func(_ *stand, u *telegramtest.User) { u.StartLink("i_abc") }, func(t *testing.T, e flows.Event) {
			require.Equal(t, "start", e.Command)
			require.Equal(t, "i_abc", e.Text)
		}},
		"video": {func(_ *stand, u *telegramtest.User) {
			u.SendVideo(telegramtest.Media{Name: "a.mp4", Bytes: 1000, Width: 720, Height: 1280, Duration: 30, Caption: "看这里"})
		}, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.EventFile, e.Kind)
			require.Equal(t, "看这里", e.Text)
			require.Equal(t, flows.SentVideo, e.File.Sent)
			require.EqualValues(t, 1000, e.File.Bytes)
			require.Equal(t, 720, e.File.Width)
			require.InDelta(t, 30, e.File.Duration, 0)
			require.False(t, e.File.TooBig)
			require.Equal(t, flows.GradeVideo, e.File.Grade())
		}},
		"caption with a command": {func(_ *stand, u *telegramtest.User) {
			u.Forward(telegramtest.Media{Name: "a.mp4", Bytes: 10, Caption: "/appeal 账号被误封", From: "Zhang San"})
		}, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.EventCommand, e.Kind)
			require.Equal(t, "appeal", e.Command)
			require.NotNil(t, e.File)
			require.True(t, e.File.Forwarded)
			require.NotContains(t, e.File.Origin, "Zhang")
			require.Regexp(t, `^(user|hidden_user|chat|channel) \d{4}-`, e.File.Origin)
		}},
		"document": {func(_ *stand, u *telegramtest.User) {
			u.SendDocument(telegramtest.Media{Name: "录屏.mp4", Bytes: 10})
		}, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.SentFile, e.File.Sent)
			require.Equal(t, "录屏.mp4", e.File.Name)
			require.Equal(t, flows.GradeFile, e.File.Grade())
		}},
		"over the cloud's limit": {func(_ *stand, u *telegramtest.User) {
			u.SendDocument(telegramtest.Media{Name: "a.mp4", Bytes: 20<<20 + 1})
		}, func(t *testing.T, e flows.Event) {
			require.True(t, e.File.TooBig)
		}},
		"at the cloud's limit": {func(_ *stand, u *telegramtest.User) {
			u.SendDocument(telegramtest.Media{Name: "a.mp4", Bytes: 20 << 20})
		}, func(t *testing.T, e flows.Event) {
			require.False(t, e.File.TooBig)
		}},
		"animation, which carries a document too": {func(_ *stand, u *telegramtest.User) {
			u.SendAnimation(telegramtest.Media{Name: "a.mp4", Bytes: 10, Width: 4, Height: 4, Duration: 1})
		}, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.SentAnimation, e.File.Sent)
		}},
		"round video": {func(_ *stand, u *telegramtest.User) {
			u.SendVideoNote(telegramtest.Media{Bytes: 10, Width: 240, Duration: 3})
		}, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.SentRound, e.File.Sent)
		}},
		"photo": {func(_ *stand, u *telegramtest.User) {
			u.SendPhoto(telegramtest.Media{Name: "a.jpg", Bytes: 999, Width: 1080, Height: 2340})
		}, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.SentPhoto, e.File.Sent)
			require.Equal(t, 2340, e.File.Height, "the largest size")
		}},
		"voice": {func(_ *stand, u *telegramtest.User) { u.SendVoice(telegramtest.Media{Bytes: 10, Duration: 2}) }, func(t *testing.T, e flows.Event) {
			require.Equal(t, flows.EventOther, e.Kind)
			require.Equal(t, "voice", e.Other)
		}},
		"sticker":  {func(_ *stand, u *telegramtest.User) { u.SendSticker() }, func(t *testing.T, e flows.Event) { require.Equal(t, "sticker", e.Other) }},
		"location": {func(_ *stand, u *telegramtest.User) { u.SendLocation(1, 2) }, func(t *testing.T, e flows.Event) { require.Equal(t, "location", e.Other) }},
		"contact":  {func(_ *stand, u *telegramtest.User) { u.SendContact("+1", "x") }, func(t *testing.T, e flows.Event) { require.Equal(t, "contact", e.Other) }},
		"block":    {func(_ *stand, u *telegramtest.User) { u.Block() }, func(t *testing.T, e flows.Event) { require.Equal(t, flows.EventBlocked, e.Kind) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, nil)
			u := s.tg.User(7, "zh-hans").Started()
			s.run(t)
			c.do(s, u)
			require.Eventually(t, func() bool { return len(s.talk.heard()) == 1 }, 5*time.Second, 5*time.Millisecond)
			c.want(t, s.talk.heard()[0])
		})
	}
}

func TestEditsAndAlbums(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh")
	s.run(t)
	ids := u.Album(telegramtest.Item{Media: telegramtest.Media{Name: "a.mp4", Bytes: 10, Caption: "旧"}}, telegramtest.Item{Photo: true, Media: telegramtest.Media{Name: "b.jpg", Bytes: 10, Width: 4, Height: 4}})
	u.Edit(ids[0], "救命 /appeal 新")
	require.Eventually(t, func() bool { return len(s.talk.heard()) == 3 }, 5*time.Second, 5*time.Millisecond)
	e := s.talk.heard()
	require.NotEmpty(t, e[0].Album)
	require.Equal(t, e[0].Album, e[1].Album)
	require.Equal(t, flows.EventEdit, e[2].Kind)
	require.Equal(t, "救命 新", e[2].Text, "the words without the command, wherever it stands")
	require.Equal(t, e[0].Message, e[2].Message)
	require.NotNil(t, e[2].File)
}

func TestGroupsHearOnlyWhatIsForThem(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	ours := s.tg.Username()
	g := s.tg.Group(-100, "群", true)
	u := s.tg.User(7, "zh").In(g)
	s.run(t)
	s.mail.put(letterTo(-100, words("我是机器人")))
	id := g.AwaitText(5*time.Second, 0, "我是机器人").ID
	u.Text("闲聊")
	u.Text("/appeal@somebody_else_bot x")
	u.Text("/weather 北京")
	u.SendVideo(telegramtest.Media{Name: "a.mp4", Bytes: 10})
	u.Text("/appeal@" + ours + " 一")
	u.Text("/appeal 二")
	u.Reply(id, "三")
	require.Eventually(t, func() bool { return len(s.talk.heard()) >= 3 && s.tg.Pending() == 0 }, 5*time.Second, 5*time.Millisecond)
	var got []string
	for _, e := range s.talk.heard() {
		require.True(t, e.Group)
		require.Equal(t, "tg:7", e.Actor)
		require.Equal(t, "tg:-100", e.Chat)
		got = append(got, e.Text)
	}
	require.Equal(t, []string{"一", "二", "三"}, got)
}

func TestTopicOpenerIsNoReply(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	us := &models.User{ID: s.api.ID(), IsBot: true}
	m := &models.Message{From: &models.User{ID: 7}, Chat: models.Chat{ID: -5, Type: models.ChatTypeSupergroup}, Text: "闲聊",
		ReplyToMessage: &models.Message{From: us, ForumTopicCreated: &models.ForumTopicCreated{Name: "x"}}}
	_, ok := s.event(&models.Update{ID: 1, Message: m})
	require.False(t, ok)
	m.ReplyToMessage.ForumTopicCreated = nil
	_, ok = s.event(&models.Update{ID: 1, Message: m})
	require.True(t, ok)
}

func TestWhatConcernsNobodyIsIgnored(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	private := models.Chat{ID: 7, Type: models.ChatTypePrivate}
	for name, u := range map[string]*models.Update{
		"channel post":      {ChannelPost: &models.Message{Text: "x"}},
		"another bot":       {Message: &models.Message{From: &models.User{ID: 3, IsBot: true}, Chat: private, Text: "x"}},
		"nobody":            {Message: &models.Message{Chat: private, Text: "x"}},
		"joined":            {Message: &models.Message{From: &models.User{ID: 7}, Chat: models.Chat{ID: -7, Type: models.ChatTypeGroup}, NewChatMembers: []models.User{{ID: 1}}}},
		"pinned":            {Message: &models.Message{From: &models.User{ID: 7}, Chat: private, PinnedMessage: &models.MaybeInaccessibleMessage{}}},
		"press on nothing":  {CallbackQuery: &models.CallbackQuery{ID: "1", From: models.User{ID: 7}, InlineMessageID: "x"}},
		"unblocked":         {MyChatMember: &models.ChatMemberUpdated{Chat: private, From: models.User{ID: 7}, NewChatMember: models.ChatMember{Type: models.ChatMemberTypeMember}}},
		"thrown from group": {MyChatMember: &models.ChatMemberUpdated{Chat: models.Chat{ID: -7, Type: models.ChatTypeGroup}, NewChatMember: models.ChatMember{Type: models.ChatMemberTypeBanned}}},
		"empty":             {},
	} {
		_, ok := s.event(u)
		require.False(t, ok, name)
	}
}

func TestPresses(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	toast := flows.Text{Plain: "已经是旧按钮了"}
	s.talk.answer = func(e flows.Event, _ int) (flows.Screen, error) { return flows.Screen{Lang: "zh", Toast: &toast}, nil }
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	screen := words("第一屏")
	screen.Rows = [][]flows.Choice{{{ID: "go", Label: flows.Text{Plain: "继续"}}}}
	s.mail.put(letterTo(7, screen))
	m := u.AwaitText(5*time.Second, 0, "第一屏")
	text, _, err := u.Press(m.ID, "继续").Answer(t.Context())
	require.NoError(t, err)
	require.Equal(t, toast.Plain, text)
	e := s.talk.heard()[0]
	require.Equal(t, flows.EventChoice, e.Kind)
	require.Equal(t, "go", e.Choice)
	require.Equal(t, "tok", e.Token)
	at, ok := readRef(e.Press)
	require.True(t, ok)
	require.Equal(t, m.ID, at.message)

	for _, forged := range []string{"x", "a:b", "a:b:", "::: ", "步:t:x", "s:t:a b"} {
		_, _, err := u.PressForged(m.ID, forged).Answer(t.Context())
		require.NoError(t, err)
		heard := s.talk.heard()
		require.Equal(t, "forged", heard[len(heard)-1].Other, forged)
	}
}

func TestSlowConversationDoesNotDelayTheAcknowledgement(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	release := make(chan struct{})
	s.talk.answer = func(e flows.Event, _ int) (flows.Screen, error) { <-release; return flows.Screen{}, nil }
	u := s.tg.User(7, "zh").Started()
	s.run(t)
	screen := words("第一屏")
	screen.Rows = [][]flows.Choice{{{ID: "go", Label: flows.Text{Plain: "继续"}}}}
	s.mail.put(letterTo(7, screen))
	m := u.AwaitText(5*time.Second, 0, "第一屏")
	_, _, err := u.Press(m.ID, "继续").Answer(t.Context())
	require.NoError(t, err)
	require.Empty(t, s.talk.heard(), "it was answered before the conversation was")
	close(release)
}
