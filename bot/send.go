package bot

import (
	"context"
	"strconv"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// noPreview keeps Telegram from opening addresses that people wrote.
func noPreview() *models.LinkPreviewOptions {
	yes := true
	return &models.LinkPreviewOptions{IsDisabled: &yes}
}

// markup is a keyboard as a parameter; a nil one must not become "null".
func markup(keys *keyboard) models.ReplyMarkup {
	if keys == nil {
		return nil
	}
	return keys
}

// post sends one message of words; the caller has waited for the chat's pace.
// What Telegram refuses for its markup goes out plain, then without buttons; what
// has a picture that cannot be shown goes out without.
func (b *Bot) post(ctx context.Context, chat int64, p part, keys *keyboard, reply int) (int, fate) {
	var f fate
	if p.picture != "" {
		id, f := b.postPicture(ctx, chat, p, keys, reply)
		if f.outcome != refused && f.outcome != tooLarge {
			return id, f
		}
		b.log.Warn("a picture is left out", "error", f.err)
		if p.plain == "" {
			return 0, fate{outcome: done}
		}
	}
	for _, try := range attempts(p, keys) {
		params := &telegram.SendMessageParams{
			ChatID: chat, Text: try.text, ParseMode: try.mode, LinkPreviewOptions: noPreview(), ReplyMarkup: markup(try.keys),
		}
		params.ReplyParameters = answering(reply)
		m, err := b.api.SendMessage(ctx, params)
		f = b.note(ctx, chat, err)
		if f.outcome == done {
			return m.ID, f
		}
		if f.outcome != refused {
			return 0, f
		}
		b.log.Warn("Telegram refused a message", "error", f.err, "markup", try.mode != "", "buttons", try.keys != nil)
	}
	return 0, f
}

// answering points to the message that is answered; none if it is 0.
func answering(message int) *models.ReplyParameters {
	if message == 0 {
		return nil
	}
	return &models.ReplyParameters{MessageID: message, AllowSendingWithoutReply: true}
}

type attempt struct {
	text string
	mode models.ParseMode
	keys *keyboard
}

func attempts(p part, keys *keyboard) []attempt {
	list := []attempt{{p.html, models.ParseModeHTML, keys}, {p.plain, "", keys}}
	if keys != nil {
		list = append(list, attempt{p.plain, "", nil})
	}
	return list
}

// edit puts other words into a message. "Not modified" is as good as done.
func (b *Bot) edit(ctx context.Context, chat int64, id int, p part, keys *keyboard) fate {
	_, err := b.api.EditMessageText(ctx, &telegram.EditMessageTextParams{
		ChatID: chat, MessageID: id, Text: p.html, ParseMode: models.ParseModeHTML, LinkPreviewOptions: noPreview(), ReplyMarkup: markup(keys),
	})
	if err != nil && says(err, "message is not modified") {
		err = nil
	}
	return b.note(ctx, chat, err)
}

// note judges a call and keeps what it says about the chat: how long to leave
// it alone, where it moved.
func (b *Bot) note(ctx context.Context, chat int64, err error) fate {
	f := judge(err)
	switch f.outcome {
	case held:
		b.pacer.hold(chat, f.after)
	case moved:
		ctx, cancel := after(ctx)
		defer cancel()
		if err := b.notes.SetNote(ctx, "moved:"+strconv.FormatInt(chat, 10), strconv.FormatInt(f.chat, 10), 365*24*time.Hour); err != nil {
			b.log.Warn("a chat's new number could not be noted", "error", err)
		}
	}
	return f
}

// resolve is where a chat is now: groups get another number when they grow.
func (b *Bot) resolve(ctx context.Context, chat int64) int64 {
	if chat > 0 {
		return chat
	}
	value, err := b.notes.Note(ctx, "moved:"+strconv.FormatInt(chat, 10))
	if err != nil || value == "" {
		return chat
	}
	to, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return chat
	}
	return to
}
