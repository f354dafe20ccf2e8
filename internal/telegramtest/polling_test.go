package telegramtest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"
)

func updates(t *testing.T, s *Server, params args) []models.Update {
	t.Helper()
	r := call(t, s, "getUpdates", params, nil)
	require.True(t, r.OK, r.Description)
	var list []models.Update
	require.NoError(t, json.Unmarshal(r.Result, &list))
	return list
}

func TestOffsetConfirms(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "")
	u.Text("a")
	u.Text("b")
	u.Text("c")
	first := updates(t, s, args{"limit": 2})
	require.Len(t, first, 2)
	require.Equal(t, "a", first[0].Message.Text)
	require.Equal(t, first, updates(t, s, args{"limit": 2}), "unconfirmed updates come again")
	rest := updates(t, s, args{"offset": first[1].ID})
	require.Len(t, rest, 2)
	require.Equal(t, "b", rest[0].Message.Text)
	require.Equal(t, "c", updates(t, s, args{"offset": -1})[0].Message.Text)
	require.Empty(t, updates(t, s, args{"offset": rest[1].ID + 1}))
	require.Zero(t, s.Pending())
}

func TestWaitingPollIsWoken(t *testing.T) {
	t.Parallel()
	s := New(t)
	got := polling(t, s)
	s.User(5, "").Text("wake")
	r := <-got
	require.True(t, r.OK)
	require.Contains(t, string(r.Result), "wake")
}

// polling begins a poll and waits until it waits; its answer comes later.
func polling(t *testing.T, s *Server) <-chan reply {
	t.Helper()
	got := make(chan reply, 1)
	go func() {
		r, _ := send(s, "getUpdates", args{"timeout": 30}, nil)
		got <- r
	}()
	require.Eventually(t, func() bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.queue.waiting != nil
	}, 5*time.Second, time.Millisecond)
	return got
}

func TestSecondPollEndsTheFirst(t *testing.T) {
	t.Parallel()
	s := New(t)
	got := polling(t, s)
	require.Empty(t, updates(t, s, nil))
	r := <-got
	require.Equal(t, 409, r.Status)
	require.Equal(t, "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running", r.Description)
}

func TestPollAndWebhookExclude(t *testing.T) {
	t.Parallel()
	s := New(t, WebhookTo("http://127.0.0.1:1"))
	got := polling(t, s)
	require.True(t, call(t, s, "setWebhook", args{"url": "https://a.example/hook"}, nil).OK)
	require.Equal(t, "Conflict: terminated by setWebhook request", (<-got).Description)
	r := call(t, s, "getUpdates", nil, nil)
	require.Equal(t, 409, r.Status)
	require.Equal(t, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first", r.Description)
	require.True(t, call(t, s, "deleteWebhook", nil, nil).OK)
	require.Empty(t, updates(t, s, nil))
}

func TestAllowedUpdates(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "")
	require.Empty(t, updates(t, s, args{"allowed_updates": []string{"message"}}))
	id := u.Text("a")
	u.Edit(id, "b")
	u.Block()
	list := updates(t, s, nil)
	require.Len(t, list, 1, "what was not asked for does not come")
	require.Empty(t, updates(t, s, args{"offset": list[0].ID + 1, "allowed_updates": []string{}}))
	u.Unblock()
	require.Equal(t, models.ChatMemberTypeMember, updates(t, s, nil)[0].MyChatMember.NewChatMember.Type)
}

func TestUpdatesGrowOld(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := New(t, Clock(c.now))
	u := s.User(5, "")
	m := u.Text("a")
	u.PressForged(m, "x")
	require.Equal(t, 2, s.Pending())
	c.advance(151 * time.Second)
	require.Equal(t, 1, s.Pending(), "presses are dropped after 150 s")
	c.advance(24 * time.Hour)
	require.Zero(t, s.Pending())
}

func TestDuplicatesAndReordering(t *testing.T) {
	t.Parallel()
	s := New(t)
	s.Faults.DuplicateUpdates(1)
	u := s.User(5, "")
	u.Text("a")
	first := updates(t, s, nil)
	again := updates(t, s, args{"offset": first[0].ID + 1})
	require.Equal(t, first, again, "confirmed and yet once more")
	require.Empty(t, updates(t, s, args{"offset": first[0].ID + 1}))
	s.Faults.Clear()
	s.Faults.ReorderUpdates(2)
	u.Text("b")
	u.Text("c")
	list := updates(t, s, nil)
	require.Equal(t, "c", list[0].Message.Text)
	require.Greater(t, list[0].ID, list[1].ID)
}

func TestWhatPeopleDoArrives(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "zh-hans").Named("小王")
	u.Text("请看 😀 /appeal@" + s.Username() + " 账号")
	u.Forward(Media{Name: "a.mp4", Data: film(720, 1280, 12, true, 100), Caption: "/appeal x"})
	u.Album(Item{Media: Media{Name: "b.mp4", Bytes: 30 << 20}}, Item{Photo: true, Media: Media{Name: "p.jpg", Data: picture(30, 40)}})
	u.SendAnimation(Media{Name: "c.mp4", Data: film(2, 2, 3, false, 1)})
	list := updates(t, s, nil)
	require.Len(t, list, 5)
	text := list[0].Message
	require.Equal(t, "小王", text.From.FirstName)
	require.Equal(t, "zh-hans", text.From.LanguageCode)
	require.Equal(t, []models.MessageEntity{{Type: "bot_command", Offset: 6, Length: 8 + len(s.Username())}}, text.Entities)
	video := list[1].Message
	require.Equal(t, models.MessageOriginTypeHiddenUser, video.ForwardOrigin.Type)
	require.Equal(t, [3]int{720, 1280, 12}, [3]int{video.Video.Width, video.Video.Height, video.Video.Duration})
	require.Equal(t, 7, video.CaptionEntities[0].Length)
	require.NotEmpty(t, list[2].Message.MediaGroupID)
	require.Equal(t, list[2].Message.MediaGroupID, list[3].Message.MediaGroupID)
	require.Equal(t, int64(30<<20), list[2].Message.Video.FileSize)
	require.NotNil(t, list[4].Message.Animation)
	require.NotNil(t, list[4].Message.Document, "an animation comes with a document too")
	r := call(t, s, "getFile", args{"file_id": list[2].Message.Video.FileID}, nil)
	require.Equal(t, "Bad Request: file is too big", r.Description)
}

func TestPrivacyInGroups(t *testing.T) {
	t.Parallel()
	s := New(t)
	g := s.Group(-100, "team", false)
	u := s.User(5, "").In(g)
	u.Text("chatter")
	u.Text("/status")
	u.Text("hey @" + s.Username())
	m := call(t, s, "sendMessage", args{"chat_id": -100, "text": "x"}, nil).id(t)
	u.Reply(m, "yes")
	list := updates(t, s, nil)
	require.Len(t, list, 3)
	require.Equal(t, "/status", list[0].Message.Text)
	require.Equal(t, m, list[2].Message.ReplyToMessage.ID)
}
