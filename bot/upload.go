package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"clipcase/flows"
	"clipcase/media"
)

// Telegram's limits on photos.
const (
	photoBytes = 10 << 20
	photoSides = 10000 // width and height together
	photoRatio = 20
)

// way is the method a file goes out by.
type way string

const (
	asVideo    way = "video"
	asPhoto    way = "photo"
	asDocument way = "document"
)

// wayFor picks the method: videos play in the chat, stills can be saved to the
// phone's album, everything else keeps its bytes as a document.
func wayFor(p *flows.Parcel) way {
	switch {
	case p.Exact:
		return asDocument
	case p.Kind == media.KindVideo:
		return asVideo
	case p.Kind == media.KindImage && photoFits(p):
		return asPhoto
	}
	return asDocument
}

func photoFits(p *flows.Parcel) bool {
	w, h := p.Width, p.Height
	if p.Bytes > photoBytes || w+h > photoSides {
		return false
	}
	return w <= 0 || h <= 0 || max(w, h) <= photoRatio*min(w, h)
}

// sendFile sends a file with its caption. Too large a file, or one that is gone,
// is told of instead. The file is opened anew for every try, for a reader that
// was sent once is empty.
func (b *Bot) sendFile(ctx context.Context, chat int64, lang string, p *flows.Parcel, again bool) (int, fate) {
	if p.Bytes > b.cfg.uploadLimit() {
		return b.tellOf(ctx, chat, lang, "bot.file.too-large", p)
	}
	caption := b.caption(lang, p.Line, again)
	by := wayFor(p)
	if p.Bytes > 1<<20 {
		b.busy(ctx, chat, by)
	}
	id, f := b.sendBy(ctx, chat, by, p, caption)
	if f.outcome == refused && by != asDocument { // PHOTO_INVALID_DIMENSIONS, a thumbnail it dislikes
		b.log.Warn("a file goes out as a document instead", "kind", p.Kind, "error", f.err)
		plain := *p
		plain.Thumb = ""
		id, f = b.sendBy(ctx, chat, asDocument, &plain, caption)
	}
	switch f.outcome {
	case tooLarge:
		return b.tellOf(ctx, chat, lang, "bot.file.too-large", p)
	case refused:
		b.log.Error("Telegram refuses a file in every form", "kind", p.Kind, "error", f.err)
		return b.tellOf(ctx, chat, lang, "bot.file.failed", p)
	}
	return id, f
}

// sendBy sends a file by one method: by the number Telegram knows it under, if
// it was sent before, else by its bytes; and with a plain caption if the marked
// one is refused.
func (b *Bot) sendBy(ctx context.Context, chat int64, by way, p *flows.Parcel, caption part) (int, fate) {
	key := "file:" + string(by) + ":" + p.Blob
	if known, err := b.notes.Note(ctx, key); err == nil && known != "" {
		m, err := b.call(ctx, chat, by, p, caption.html, models.ParseModeHTML, &models.InputFileString{Data: known}, nil)
		f := b.note(ctx, chat, err)
		if f.outcome != refused {
			return messageID(m), f
		}
	}
	var f fate
	for _, try := range attempts(caption, nil) {
		var m *models.Message
		m, f = b.upload(ctx, chat, by, p, try)
		if f.outcome == done {
			b.noteFile(ctx, key, by, m)
			return m.ID, f
		}
		if f.outcome != refused || caption.html == caption.plain {
			break
		}
	}
	return 0, f
}

func (b *Bot) upload(ctx context.Context, chat int64, by way, p *flows.Parcel, caption attempt) (*models.Message, fate) {
	content, _, err := b.files.Open(ctx, p.Blob)
	if err != nil {
		if flows.ClassOf(err) == flows.NotFound {
			return nil, fate{outcome: refused, err: fmt.Errorf("the file is gone: %w", err)}
		}
		return nil, fate{outcome: unsent, err: err}
	}
	defer b.shut(content)
	file := &models.InputFileUpload{Filename: path.Base("/" + p.Name), Data: &source{content}}
	var thumb *models.InputFileUpload
	if by == asVideo && p.Thumb != "" {
		small, _, err := b.files.Open(ctx, p.Thumb)
		if err != nil {
			b.log.Warn("a thumbnail is missing", "error", err)
		} else {
			defer b.shut(small)
			thumb = &models.InputFileUpload{Filename: "thumb.jpg", Data: &source{small}}
		}
	}
	m, err := b.call(ctx, chat, by, p, caption.text, caption.mode, file, thumb)
	return m, b.note(ctx, chat, err)
}

// call is the method itself. Videos carry their measures, for Telegram does not
// look into large ones; documents are not looked into, or a GIF would come out
// as a video.
func (b *Bot) call(ctx context.Context, chat int64, by way, p *flows.Parcel, caption string, mode models.ParseMode, file models.InputFile, thumb *models.InputFileUpload) (*models.Message, error) {
	if caption == "" {
		mode = ""
	}
	switch by {
	case asVideo:
		params := &telegram.SendVideoParams{
			ChatID: chat, Video: file, Caption: caption, ParseMode: mode, SupportsStreaming: true,
			Width: p.Width, Height: p.Height, Duration: max(1, int(math.Round(p.Duration))),
		}
		if thumb != nil {
			params.Thumbnail = thumb
		}
		return b.api.SendVideo(ctx, params)
	case asPhoto:
		return b.api.SendPhoto(ctx, &telegram.SendPhotoParams{ChatID: chat, Photo: file, Caption: caption, ParseMode: mode})
	default:
		return b.api.SendDocument(ctx, &telegram.SendDocumentParams{
			ChatID: chat, Document: file, Caption: caption, ParseMode: mode, DisableContentTypeDetection: true,
		})
	}
}

// tellOf says in words that a file did not come.
func (b *Bot) tellOf(ctx context.Context, chat int64, lang, key string, p *flows.Parcel) (int, fate) {
	words := flows.Legible(b.say(lang, key, map[string]any{
		"name": oneLine(p.Name), "size": megabytes(p.Bytes), "limit": megabytes(b.cfg.uploadLimit()),
	}))
	return b.post(ctx, chat, part{html: escape(words), plain: words}, nil, 0)
}

func megabytes(n int64) string { return fmt.Sprintf("%.0f", float64(n)/(1<<20)) }

// noteFile keeps the number Telegram knows a file under, for sending it again.
func (b *Bot) noteFile(ctx context.Context, key string, by way, m *models.Message) {
	id := ""
	switch {
	case by == asVideo && m.Video != nil:
		id = m.Video.FileID
	case by == asPhoto && len(m.Photo) > 0:
		id = m.Photo[len(m.Photo)-1].FileID
	case by == asDocument && m.Document != nil:
		id = m.Document.FileID
	}
	if id == "" {
		return
	}
	ctx, cancel := after(ctx)
	defer cancel()
	if err := b.notes.SetNote(ctx, key, id, 30*24*time.Hour); err != nil {
		b.log.Warn("a sent file's number could not be noted", "error", err)
	}
}

// busy shows that a file is on its way; it lasts five seconds.
func (b *Bot) busy(ctx context.Context, chat int64, by way) {
	action := models.ChatActionUploadDocument
	switch by {
	case asVideo:
		action = models.ChatActionUploadVideo
	case asPhoto:
		action = models.ChatActionUploadPhoto
	}
	if b.pacer.held(chat) > 0 {
		return
	}
	_, err := b.api.SendChatAction(ctx, &telegram.SendChatActionParams{ChatID: chat, Action: action})
	if f := b.note(ctx, chat, err); f.outcome != done {
		b.log.Debug("a chat action was not shown", "error", f.err)
	}
}

// source is a reader behind a pointer, which the library insists on.
type source struct{ io.Reader }

func (b *Bot) shut(c io.Closer) {
	if err := c.Close(); err != nil && !errors.Is(err, context.Canceled) {
		b.log.Warn("a file could not be closed", "error", err)
	}
}

func messageID(m *models.Message) int {
	if m == nil {
		return 0
	}
	return m.ID
}
