package telegramtest

import (
	"context"
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
)

// Press is one press of an inline button.
type Press struct {
	ID   string
	Data string

	s        *Server
	at       time.Time
	answered bool
	text     string
	alert    bool
	done     chan struct{}
}

// Press presses the button of the message that has this label or callback data.
func (u *User) Press(message int, button string) *Press {
	u.s.mu.Lock()
	m := u.find(message)
	data, found := "", false
	if m != nil {
		for _, b := range m.Buttons() {
			if !found && b.CallbackData != "" && (b.Text == button || b.CallbackData == button) {
				data, found = b.CallbackData, true
			}
		}
	}
	u.s.mu.Unlock()
	if !found {
		u.s.fail("message %d has no button %q\n%s", message, button, u.Transcript())
	}
	return u.PressForged(message, data)
}

// PressForged sends callback data for a message as a modified app could, whether
// a button has it or not.
func (u *User) PressForged(message int, data string) *Press {
	u.s.mu.Lock()
	defer u.s.mu.Unlock()
	p := &Press{ID: strconv.FormatInt(7_000_000_000_000_000+u.s.serial(), 10), Data: data, s: u.s, at: u.s.cfg.now(), done: make(chan struct{})}
	u.s.callbacks[p.ID] = p
	body := map[string]any{"id": p.ID, "from": u.info, "chat_instance": fmt.Sprint(u.Chat.info.ID), "data": data}
	if m := u.find(message); m != nil {
		body["message"] = m.Message
	} else {
		body["message"] = models.InaccessibleMessage{Chat: u.Chat.info, MessageID: message}
	}
	u.s.push("callback_query", fmt.Sprintf("presses of %d", u.info.ID), body)
	return p
}

// Answer waits until the bot answered the press: the text shown ("" = none) and
// whether as an alert.
func (p *Press) Answer(ctx context.Context) (text string, alert bool, err error) {
	select {
	case <-p.done:
	case <-ctx.Done():
		return "", false, fmt.Errorf("the press was not answered: %w", ctx.Err())
	case <-p.s.done:
		return "", false, fmt.Errorf("the press was not answered: the server was closed")
	}
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.text, p.alert, nil
}

func (q *request) answerCallbackQuery() (any, error) {
	p := q.s.callbacks[q.args["callback_query_id"]]
	if p == nil || p.answered || q.now.Sub(p.at) > q.s.cfg.callbackLife {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	if utf8.RuneCountInString(q.args["text"]) > 200 {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	if _, err := q.small("cache_time"); err != nil {
		return nil, err
	}
	p.answered, p.text, p.alert = true, q.args["text"], q.yes("show_alert")
	close(p.done)
	return true, nil
}
