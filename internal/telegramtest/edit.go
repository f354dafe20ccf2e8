package telegramtest

import (
	"encoding/json"
	"reflect"
	"time"
	"unicode/utf8"
)

const deletable = 48 * time.Hour

// message finds the message that a call is about, in the chat that field names;
// what says what is to be done with it.
func (q *request) message(field, what string) (*Chat, *Message, error) {
	c, err := q.chat(field)
	if err != nil {
		return nil, nil, err
	}
	id, err := q.number("message_id", 0)
	if err != nil {
		return nil, nil, err
	}
	if id == 0 {
		return nil, nil, bad("message identifier is not specified")
	}
	m := c.find(int(id))
	if m == nil {
		return nil, nil, bad("message to %s not found", what)
	}
	return c, m, nil
}

// own finds a message of the bot that is to be edited.
func (q *request) own() (*Message, error) {
	_, m, err := q.message("chat_id", "edit")
	switch {
	case err != nil:
		return nil, err
	case !m.Mine() || m.ForwardOrigin != nil:
		return nil, bad("message can't be edited")
	}
	return m, nil
}

// change applies an edit unless it changes nothing.
func (q *request) change(m *Message, edit func(*Message)) (any, error) {
	before := *m
	edit(m)
	if m.Text == before.Text && m.Caption == before.Caption && reflect.DeepEqual(m.ReplyMarkup, before.ReplyMarkup) &&
		sameEntities(*m, before) {
		*m = before
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a " +
			"current content and reply markup of the message")
	}
	m.Edits++
	m.EditDate = int(q.now.Unix())
	return m.Message, nil
}

func sameEntities(a, b Message) bool {
	return (len(a.Entities) == 0 && len(b.Entities) == 0 || reflect.DeepEqual(a.Entities, b.Entities)) &&
		(len(a.CaptionEntities) == 0 && len(b.CaptionEntities) == 0 || reflect.DeepEqual(a.CaptionEntities, b.CaptionEntities))
}

func (q *request) editMessageText() (any, error) {
	text, _, err := q.words()
	if err != nil {
		return nil, err
	}
	markup, err := q.markup(true)
	if err != nil {
		return nil, err
	}
	m, err := q.own()
	if err != nil {
		return nil, err
	}
	switch {
	case m.File != nil:
		return nil, bad("there is no text in the message to edit")
	case text.text == "":
		return nil, bad("text must be non-empty")
	case utf8.RuneCountInString(text.text) > maxText:
		return nil, bad("MESSAGE_TOO_LONG")
	}
	return q.change(m, func(m *Message) {
		m.Text, m.Entities, m.ReplyMarkup = text.text, text.entities, markup
	})
}

func (q *request) editMessageCaption() (any, error) {
	caption, err := q.caption()
	if err != nil {
		return nil, err
	}
	markup, err := q.markup(true)
	if err != nil {
		return nil, err
	}
	m, err := q.own()
	if err != nil {
		return nil, err
	}
	if m.File == nil {
		return nil, bad("there is no caption in the message to edit")
	}
	return q.change(m, func(m *Message) {
		m.Caption, m.CaptionEntities, m.ReplyMarkup = caption.text, caption.entities, markup
	})
}

func (q *request) editMessageReplyMarkup() (any, error) {
	markup, err := q.markup(true)
	if err != nil {
		return nil, err
	}
	m, err := q.own()
	if err != nil {
		return nil, err
	}
	return q.change(m, func(m *Message) { m.ReplyMarkup = markup })
}

func (q *request) deleteMessage() (any, error) {
	c, m, err := q.message("chat_id", "delete")
	if err != nil {
		return nil, err
	}
	if err := q.mayDelete(c, m); err != nil {
		return nil, err
	}
	c.remove(m)
	return true, nil
}

func (q *request) mayDelete(c *Chat, m *Message) error {
	if !m.Mine() && c.info.Type != "private" && !c.admin {
		return bad("message can't be deleted")
	}
	if q.now.Sub(time.Unix(int64(m.Date), 0)) > deletable {
		return bad("message can't be deleted for everyone")
	}
	return nil
}

func (c *Chat) remove(m *Message) {
	for i, other := range c.messages {
		if other == m {
			c.messages = append(c.messages[:i:i], c.messages[i+1:]...)
			return
		}
	}
}

func (q *request) deleteMessages() (any, error) {
	c, err := q.chat("chat_id")
	if err != nil {
		return nil, err
	}
	if !q.has("message_ids") {
		return nil, bad("message identifiers are not specified")
	}
	var ids []int
	if json.Unmarshal([]byte(q.args["message_ids"]), &ids) != nil {
		return nil, bad("expected an Array of message identifiers")
	}
	if len(ids) == 0 {
		return nil, bad("message identifiers are not specified")
	}
	if len(ids) > 100 {
		return nil, bad("too many message identifiers specified")
	}
	var found []*Message
	for _, id := range ids {
		if m := c.find(id); m != nil { // absent ones are passed over
			if err := q.mayDelete(c, m); err != nil {
				return nil, err
			}
			found = append(found, m)
		}
	}
	for _, m := range found {
		c.remove(m)
	}
	return true, nil
}
