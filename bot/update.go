package bot

import (
	"strconv"
	"strings"

	"github.com/go-telegram/bot/models"

	"clipcase/flows"
)

// wanted is what we ask Telegram to tell us.
func wanted() []string {
	return []string{models.AllowedUpdateMessage, models.AllowedUpdateEditedMessage, models.AllowedUpdateCallbackQuery, models.AllowedUpdateMyChatMember}
}

// chatOf is the chat an update belongs to: updates of one chat are handled in
// order. 0 = none.
func chatOf(u *models.Update) int64 {
	switch {
	case u.Message != nil:
		return u.Message.Chat.ID
	case u.EditedMessage != nil:
		return u.EditedMessage.Chat.ID
	case u.CallbackQuery != nil:
		return pressed(u.CallbackQuery).chat
	case u.MyChatMember != nil:
		return u.MyChatMember.Chat.ID
	}
	return 0
}

// event turns an update into what a person did; ok is false for what concerns
// nobody: channel posts, service messages, other bots, talk in groups.
func (b *Bot) event(u *models.Update) (flows.Event, bool) {
	e := flows.Event{ID: "tg:" + strconv.FormatInt(u.ID, 10), At: b.clock()}
	switch {
	case u.Message != nil:
		return b.messageEvent(e, u.Message, false)
	case u.EditedMessage != nil:
		return b.messageEvent(e, u.EditedMessage, true)
	case u.CallbackQuery != nil:
		return b.pressEvent(e, u.CallbackQuery)
	case u.MyChatMember != nil:
		return memberEvent(e, u.MyChatMember)
	}
	return e, false
}

func (b *Bot) messageEvent(e flows.Event, m *models.Message, edited bool) (flows.Event, bool) {
	if m.From == nil || m.From.IsBot || m.Chat.Type == models.ChatTypeChannel || serviceMessage(m) {
		return e, false
	}
	e.Actor, e.Chat, e.Lang = person(m.From.ID), person(m.Chat.ID), m.From.LanguageCode
	e.Group = m.Chat.Type != models.ChatTypePrivate
	e.Message = messageRef(m.Chat.ID, m.ID)
	words, entities := m.Text, m.Entities
	if words == "" {
		words, entities = m.Caption, m.CaptionEntities
	}
	e.File = b.file(m)
	if m.MediaGroupID != "" {
		e.Album = "tg:" + m.MediaGroupID
	}
	found, isCommand := findCommand(words, entities, b.knows)
	if isCommand && found.to != "" && found.to != strings.ToLower(b.Username()) {
		if e.Group {
			return e, false
		}
		isCommand = false // addressed to another bot: only words here
	}
	if e.Group && isCommand && found.to == "" && !b.knows(found.name) {
		isCommand = false // meant for some other bot in there
	}
	if e.Group && !isCommand && !b.repliesToUs(m) {
		return e, false
	}
	switch {
	case edited && isCommand: // the command was carried out when it came; its words are corrected
		e.Kind, e.Text = flows.EventEdit, found.rest
	case edited:
		e.Kind, e.Text = flows.EventEdit, words
	case isCommand:
		e.Kind, e.Command, e.Text = flows.EventCommand, found.name, found.rest
	case e.File != nil:
		e.Kind, e.Text = flows.EventFile, words
	case m.Text != "":
		e.Kind, e.Text = flows.EventText, words
	default:
		e.Kind, e.Other = flows.EventOther, other(m)
	}
	return e, true
}

// repliesToUs says whether a message answers one of the bot's. In forums every
// message "answers" the one that opened the topic: that is no reply.
func (b *Bot) repliesToUs(m *models.Message) bool {
	r := m.ReplyToMessage
	return r != nil && r.From != nil && r.From.ID == b.api.ID() && r.ForumTopicCreated == nil
}

func (b *Bot) pressEvent(e flows.Event, q *models.CallbackQuery) (flows.Event, bool) {
	at := pressed(q)
	if at.chat == 0 || q.From.IsBot {
		return e, false
	}
	e.Actor, e.Chat, e.Lang = person(q.From.ID), person(at.chat), q.From.LanguageCode
	e.Group = at.chat < 0
	e.Message = messageRef(at.chat, at.message)
	e.Press = at.ref()
	_, token, choice, ok := unpress(q.Data)
	if !ok {
		e.Kind, e.Other = flows.EventOther, "forged"
		return e, true
	}
	e.Kind, e.Token, e.Choice = flows.EventChoice, token, choice
	return e, true
}

func memberEvent(e flows.Event, m *models.ChatMemberUpdated) (flows.Event, bool) {
	if m.Chat.Type != models.ChatTypePrivate || m.NewChatMember.Type != models.ChatMemberTypeBanned {
		return e, false // coming back is followed by /start
	}
	e.Kind, e.Actor, e.Chat, e.Lang = flows.EventBlocked, person(m.From.ID), person(m.Chat.ID), m.From.LanguageCode
	return e, true
}

// press says which message's button was pressed, and by which query.
type press struct {
	chat    int64
	message int
	query   string
	picture bool // the message is a picture: its words are a caption
}

func pressed(q *models.CallbackQuery) press {
	switch {
	case q.Message.Message != nil:
		m := q.Message.Message
		return press{chat: m.Chat.ID, message: m.ID, query: q.ID, picture: len(m.Photo) > 0}
	case q.Message.InaccessibleMessage != nil:
		return press{chat: q.Message.InaccessibleMessage.Chat.ID, message: q.Message.InaccessibleMessage.MessageID, query: q.ID}
	}
	return press{}
}

func (p press) ref() string {
	ref := "tg:" + strconv.FormatInt(p.chat, 10) + ":" + strconv.Itoa(p.message) + ":" + p.query
	if p.picture {
		ref += pictureRef
	}
	return ref
}

// pictureRef ends the reference of a press under a picture.
const pictureRef = ":picture"

// readRef reads "tg:<chat>[:<message>[:<query>[:picture]]]"; message is 0 if not named.
func readRef(ref string) (p press, ok bool) {
	ref, p.picture = strings.CutSuffix(ref, pictureRef)
	parts := strings.Split(ref, ":")
	if len(parts) < 2 || parts[0] != "tg" {
		return p, false
	}
	chat, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || chat == 0 {
		return p, false
	}
	p.chat = chat
	if len(parts) > 2 {
		if p.message, err = strconv.Atoi(parts[2]); err != nil {
			return p, false
		}
	}
	if len(parts) > 3 {
		p.query = strings.Join(parts[3:], ":")
	}
	return p, true
}

func person(id int64) string { return "tg:" + strconv.FormatInt(id, 10) }

func messageRef(chat int64, id int) string { return person(chat) + ":" + strconv.Itoa(id) }
