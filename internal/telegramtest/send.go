package telegramtest

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
)

// chat finds the chat a call is for and checks that the bot may write there.
func (q *request) chat(field string) (*Chat, error) {
	raw := strings.TrimSpace(q.args[field])
	if raw == "" {
		return nil, bad("%s is empty", field)
	}
	id, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return nil, bad("chat not found") // names of channels: none here
	}
	c := q.s.chats[id]
	switch {
	case c == nil:
		return nil, bad("chat not found")
	case c.movedTo != 0:
		return nil, &Refusal{Code: 400, Text: "Bad Request: group chat was upgraded to a supergroup chat", MigrateTo: c.movedTo}
	case c.blocked:
		return nil, forbidden("bot was blocked by the user")
	case c.gone:
		return nil, forbidden("user is deactivated")
	case c.kicked:
		return nil, forbidden("bot was kicked from the " + string(c.info.Type) + " chat")
	case c.left:
		return nil, forbidden("bot is not a member of the " + string(c.info.Type) + " chat")
	case !c.started:
		return nil, forbidden("bot can't initiate conversation with a user")
	}
	return c, nil
}

type replyIn struct {
	MessageID   int    `json:"message_id"`
	ChatID      any    `json:"chat_id"`
	AllowAbsent bool   `json:"allow_sending_without_reply"`
	Quote       string `json:"quote"`
	QuoteMode   string `json:"quote_parse_mode"`
	QuoteAt     int    `json:"quote_position"`
	QuoteMarks  any    `json:"quote_entities"`
	TaskID      int    `json:"checklist_task_id"`
}

type previewIn struct {
	Disabled bool   `json:"is_disabled"`
	URL      string `json:"url"`
	Small    bool   `json:"prefer_small_media"`
	Large    bool   `json:"prefer_large_media"`
	Above    bool   `json:"show_above_text"`
}

// draft begins a message of the bot with what all sends share.
func (q *request) draft() (*Chat, *Message, error) {
	m := &Message{Method: q.method}
	m.From = &q.s.cfg.bot
	var err error
	if m.ReplyMarkup, err = q.markup(false); err != nil {
		return nil, nil, err
	}
	c, err := q.chat("chat_id")
	if err != nil {
		return nil, nil, err
	}
	var reply replyIn
	given, err := q.object("reply_parameters", "reply parameters", &reply)
	if err != nil {
		return nil, nil, err
	}
	if given {
		to := c.find(reply.MessageID)
		if to == nil && !reply.AllowAbsent {
			return nil, nil, bad("message to be replied not found")
		}
		if to != nil {
			quoted := to.Message
			quoted.ReplyToMessage = nil
			m.ReplyToMessage = &quoted
		}
	}
	m.Silent = q.yes("disable_notification")
	m.HasProtectedContent = q.yes("protect_content")
	m.MessageThreadID, err = q.small("message_thread_id")
	return c, m, err
}

// small reads a number that is not negative.
func (q *request) small(name string) (int, error) {
	n, err := q.number(name, 0)
	if err == nil && (n < 0 || n > 1<<30) {
		err = bad("parameter %q is out of range", name)
	}
	return int(n), err
}

// post puts the draft into the chat and gives the answer.
func (q *request) post(c *Chat, m *Message) models.Message {
	c.append(m)
	return m.Message
}

// words reads the text of a message that is sent or edited.
func (q *request) words() (text formatted, preview previewIn, err error) {
	if q.args["text"] == "" {
		return text, preview, bad("message text is empty")
	}
	if text, err = q.format("text", "entities"); err != nil {
		return text, preview, err
	}
	_, err = q.object("link_preview_options", "link preview options", &preview)
	return text, preview, err
}

func (q *request) sendMessage() (any, error) {
	text, preview, err := q.words()
	if err != nil {
		return nil, err
	}
	c, m, err := q.draft()
	if err != nil {
		return nil, err
	}
	if text.text == "" {
		return nil, bad("text must be non-empty")
	}
	if utf8.RuneCountInString(text.text) > maxText {
		return nil, bad("message is too long")
	}
	m.Text, m.Entities = text.text, text.entities
	m.NoPreview = preview.Disabled
	return q.post(c, m), nil
}

func (q *request) sendPhoto() (any, error) { return q.sendFile(kindPhoto, "photo", "photo") }
func (q *request) sendVideo() (any, error) { return q.sendFile(kindVideo, "video", "video") }
func (q *request) sendAnimation() (any, error) {
	return q.sendFile(kindAnimation, "animation", "animation")
}
func (q *request) sendDocument() (any, error) {
	return q.sendFile(kindDocument, "document", "document")
}

// sendFile sends the one file named by field.
func (q *request) sendFile(kind, field, what string) (any, error) {
	caption, err := q.caption()
	if err != nil {
		return nil, err
	}
	in := fileIn{kind: kind, what: what, value: q.args[field], upload: q.uploads[field],
		thumb: q.args["thumbnail"], thumbUpload: q.uploads["thumbnail"], plain: q.yes("disable_content_type_detection"),
		streaming: q.yes("supports_streaming")}
	if in.width, err = q.small("width"); err != nil {
		return nil, err
	}
	if in.height, err = q.small("height"); err != nil {
		return nil, err
	}
	if in.duration, err = q.small("duration"); err != nil {
		return nil, err
	}
	c, m, err := q.draft()
	if err != nil {
		return nil, err
	}
	m.File, err = q.take(in)
	if err != nil {
		return nil, err
	}
	m.Caption, m.CaptionEntities = caption.text, caption.entities
	m.HasMediaSpoiler, m.ShowCaptionAboveMedia = q.yes("has_spoiler"), q.yes("show_caption_above_media")
	m.File.attach(&m.Message)
	return q.post(c, m), nil
}

func (q *request) sendChatAction() (any, error) {
	switch q.args["action"] {
	case "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice", "upload_document",
		"choose_sticker", "find_location", "record_video_note", "upload_video_note":
	default:
		return nil, bad("wrong parameter action in request")
	}
	c, err := q.chat("chat_id")
	if err != nil {
		return nil, err
	}
	c.actions = append(c.actions, q.args["action"])
	return true, nil
}

// source finds the message that a copy or forward takes.
func (q *request) source(what string) (*Message, error) {
	_, m, err := q.message("from_chat_id", what)
	if err != nil {
		return nil, err
	}
	if m.HasProtectedContent {
		return nil, bad("message can't be %s", map[string]string{"copy": "copied", "forward": "forwarded"}[what])
	}
	return m, nil
}

// carry takes over what another message says and holds.
func (m *Message) carry(from *Message) {
	m.Text, m.Entities, m.File = from.Text, from.Entities, from.File
	m.Caption, m.CaptionEntities = from.Caption, from.CaptionEntities
}

// attach puts the file, if there is one, into the message as Telegram shows it.
func (m *Message) attach() {
	if m.File != nil {
		m.File.attach(&m.Message)
	}
}

func (q *request) copyMessage() (any, error) {
	from, err := q.source("copy")
	if err != nil {
		return nil, err
	}
	caption, err := q.caption()
	if err != nil {
		return nil, err
	}
	c, m, err := q.draft()
	if err != nil {
		return nil, err
	}
	m.carry(from)
	if _, given := q.args["caption"]; given {
		m.Caption, m.CaptionEntities = caption.text, caption.entities
	}
	m.attach()
	return map[string]int{"message_id": q.post(c, m).ID}, nil
}

func (q *request) forwardMessage() (any, error) {
	from, err := q.source("forward")
	if err != nil {
		return nil, err
	}
	c, m, err := q.draft()
	if err != nil {
		return nil, err
	}
	m.carry(from)
	m.ForwardOrigin = originOf(from.From, from.Date)
	m.attach()
	return q.post(c, m), nil
}
