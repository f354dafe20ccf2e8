package telegramtest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEditsDeletesCopies(t *testing.T) {
	t.Parallel()
	s := world(t)
	u := s.User(5, "")
	require.True(t, call(t, s, "editMessageText", args{"chat_id": 5, "message_id": 2, "text": "<i>new</i>", "parse_mode": "HTML", "reply_markup": one(args{"text": "A", "callback_data": "a", "copy_text": args{"text": ""}})}, nil).OK)
	m := u.Messages()[1]
	require.Equal(t, "new", m.Text)
	require.Equal(t, 1, m.Edits)
	require.Equal(t, "a", m.Buttons()[0].CallbackData)
	require.True(t, call(t, s, "editMessageReplyMarkup", args{"chat_id": 5, "message_id": 2}, nil).OK)
	require.Empty(t, u.Messages()[1].Buttons())
	require.True(t, call(t, s, "editMessageCaption", args{"chat_id": 5, "message_id": 3, "caption": "said"}, nil).OK)
	require.Equal(t, "said", u.Messages()[2].Caption)

	copied := call(t, s, "copyMessage", args{"chat_id": -100, "from_chat_id": 5, "message_id": 3}, nil).id(t)
	require.Equal(t, m.Chat.ID, int64(5))
	require.Equal(t, "said", s.Chat(-100).Messages()[copied-1].Caption)
	forwarded := call(t, s, "forwardMessage", args{"chat_id": -100, "from_chat_id": 5, "message_id": 1}, nil).id(t)
	require.Equal(t, int64(5), s.Chat(-100).Messages()[forwarded-1].ForwardOrigin.MessageOriginUser.SenderUser.ID)

	require.True(t, call(t, s, "deleteMessages", args{"chat_id": 5, "message_ids": []int{2, 77}}, nil).OK)
	require.True(t, call(t, s, "deleteMessage", args{"chat_id": 5, "message_id": 3}, nil).OK)
	require.Len(t, u.Messages(), 1)
	require.Empty(t, s.Violations())
}

func TestProfile(t *testing.T) {
	t.Parallel()
	s := New(t)
	for _, c := range []struct {
		method string
		params args
	}{
		{"setMyCommands", args{"commands": []args{{"command": "appeal", "description": "申诉"}}, "language_code": "zh", "scope": args{"type": "all_private_chats"}}},
		{"setMyDescription", args{"description": "说明", "language_code": "zh"}},
		{"setMyShortDescription", args{"short_description": "short"}},
		{"setChatMenuButton", args{"menu_button": args{"type": "commands"}}},
	} {
		require.True(t, call(t, s, c.method, c.params, nil).OK, c.method)
	}
	require.Equal(t, []BotCommand{{"appeal", "申诉"}}, s.Commands("all_private_chats", "zh"))
	require.Empty(t, s.Commands("default", "zh"))
	require.Equal(t, "说明", s.Said("description", "zh"))
	require.Equal(t, "short", s.Said("short_description", ""))
	require.Contains(t, string(call(t, s, "getMyCommands", args{"language_code": "zh", "scope": args{"type": "all_private_chats"}}, nil).Result), "appeal")
}

func TestOldButtonsAndBlocking(t *testing.T) {
	t.Parallel()
	s := New(t)
	u := s.User(5, "")
	id := u.StartLink("invite_1")
	require.Equal(t, "/start invite_1", u.Messages()[id-1].Text)
	p := u.PressForged(99, "made up")
	list := updates(t, s, nil)
	require.Equal(t, 99, list[1].CallbackQuery.Message.InaccessibleMessage.MessageID)
	require.Equal(t, "made up", list[1].CallbackQuery.Data)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	require.True(t, call(t, s, "answerCallbackQuery", args{"callback_query_id": p.ID, "text": "no", "show_alert": true}, nil).OK)
	text, alert, err := p.Answer(ctx)
	require.NoError(t, err)
	require.True(t, alert)
	require.Equal(t, "no", text)

	u.Block()
	require.Equal(t, 403, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil).Status)
	u.Text("again")
	require.True(t, call(t, s, "sendMessage", args{"chat_id": 5, "text": "x"}, nil).OK, "writing unblocks")
	require.Len(t, s.Calls("sendMessage"), 2)
	require.Empty(t, s.Violations())
}
