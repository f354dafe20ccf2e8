package bot

import (
	"context"
	"fmt"
	"unicode/utf8"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// captionRoom is how many characters of a screen go under a picture: the rest is
// room for the mark of a message sent once more.
const captionRoom = captionLimit - 96

// illustrated puts a picture above a screen's words: they become its caption, or,
// where they are too long for one, follow in messages of their own.
func illustrated(parts []part, picture string) []part {
	if len(parts) == 1 && utf8.RuneCountInString(parts[0].plain) <= captionRoom {
		parts[0].picture = picture
		return parts
	}
	return append([]part{{picture: picture}}, parts...)
}

// postPicture sends a picture with its words and buttons, by the number Telegram
// knows it under, if it was sent before, else by its bytes. The picture is a
// convenience: whatever keeps it from being read or from leaving here is as good
// as a refusal, for nobody waits for it.
func (b *Bot) postPicture(ctx context.Context, chat int64, p part, keys *keyboard, reply int) (int, fate) {
	params := &telegram.SendPhotoParams{ChatID: chat, Caption: p.html, ReplyMarkup: markup(keys), ReplyParameters: answering(reply)}
	if p.html != "" {
		params.ParseMode = models.ParseModeHTML
	}
	note := "file:" + string(asPhoto) + ":" + p.picture
	if known, err := b.notes.Note(ctx, note); err == nil && known != "" {
		params.Photo = &models.InputFileString{Data: known}
		m, err := b.api.SendPhoto(ctx, params)
		if f := b.note(ctx, chat, err); f.outcome != refused {
			return messageID(m), f
		}
	}
	content, _, err := b.files.Open(ctx, p.picture)
	if err != nil {
		return 0, fate{outcome: refused, err: fmt.Errorf("it cannot be read: %w", err)}
	}
	defer b.shut(content)
	params.Photo = &models.InputFileUpload{Filename: "picture.jpg", Data: &source{content}}
	m, err := b.api.SendPhoto(ctx, params)
	f := b.note(ctx, chat, err)
	switch {
	case f.outcome == done:
		b.noteFile(ctx, note, asPhoto, m)
	case f.outcome == unsent && ctx.Err() == nil:
		f.outcome = refused
	}
	return messageID(m), f
}

// retire takes the buttons from a message that was pressed and whose place the next
// screen could not take, for words never become a picture nor a picture words. That
// it fails harms nobody: old buttons show where the person is.
func (b *Bot) retire(ctx context.Context, at press) {
	if b.pacer.wait(ctx, at.chat) != nil {
		return
	}
	ctx, cancel := grace(ctx)
	defer cancel()
	_, err := b.api.EditMessageReplyMarkup(ctx, &telegram.EditMessageReplyMarkupParams{ChatID: at.chat, MessageID: at.message})
	if f := b.note(ctx, at.chat, err); f.outcome != done {
		b.log.Debug("old buttons stay", "error", f.err)
	}
}
