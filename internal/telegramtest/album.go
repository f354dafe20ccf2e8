package telegramtest

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
)

// mediaIn is one item of sendMediaGroup.
type mediaIn struct {
	Type        string          `json:"type"`
	Media       string          `json:"media"`
	Thumbnail   string          `json:"thumbnail"`
	Cover       string          `json:"cover"`
	Start       int             `json:"start_timestamp"`
	Caption     string          `json:"caption"`
	ParseMode   string          `json:"parse_mode"`
	Entities    json.RawMessage `json:"caption_entities"`
	Above       bool            `json:"show_caption_above_media"`
	Spoiler     bool            `json:"has_spoiler"`
	Width       int             `json:"width"`
	Height      int             `json:"height"`
	Duration    int             `json:"duration"`
	Streaming   bool            `json:"supports_streaming"`
	Plain       bool            `json:"disable_content_type_detection"`
	Performer   string          `json:"performer"`
	Title       string          `json:"title"`
	description formatted
}

func (q *request) sendMediaGroup() (any, error) {
	items, err := q.items()
	if err != nil {
		return nil, err
	}
	c, sample, err := q.draft()
	if err != nil {
		return nil, err
	}
	breakAt := 0
	q.s.Faults.set(func() { breakAt, q.s.Faults.groupBreak = q.s.Faults.groupBreak, 0 })
	album := fmt.Sprintf("2%015d", q.s.serial())
	var messages []*Message
	for i, in := range items {
		if i+1 == breakAt {
			break
		}
		m := *sample
		m.MediaGroupID = album
		m.File, err = q.take(in.file())
		if err != nil {
			refusal := asRefusal(err)
			if refusal.Code == 413 {
				return nil, err
			}
			// What Telegram finds out while sending, it says like this; the
			// items before stay where they are.
			err = bad("failed to send message #%d with the error message %q", i+1, strings.TrimPrefix(refusal.Text, "Bad Request: "))
			break
		}
		m.Caption, m.CaptionEntities = in.description.text, in.description.entities
		m.ShowCaptionAboveMedia, m.HasMediaSpoiler = in.Above, in.Spoiler
		m.File.attach(&m.Message)
		messages = append(messages, &m)
	}
	out := []models.Message{}
	for _, m := range messages {
		out = append(out, q.post(c, m))
	}
	if breakAt > 0 && breakAt <= len(items) {
		err = bad("failed to send message #%d with the error message %q", breakAt, "WEBPAGE_MEDIA_EMPTY")
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (in mediaIn) file() fileIn {
	kind := map[string]string{"photo": kindPhoto, "video": kindVideo, "document": kindDocument, "audio": kindAudio}[in.Type]
	return fileIn{kind: kind, what: "media", value: in.Media, thumb: in.Thumbnail, width: in.Width, height: in.Height,
		duration: in.Duration, plain: true, streaming: in.Streaming}
}

// items reads and checks the list before anything is sent.
func (q *request) items() ([]mediaIn, error) {
	if !q.has("media") {
		return nil, bad(`parameter "media" is required`)
	}
	raw := []byte(q.args["media"])
	var parts []json.RawMessage
	if !json.Valid(raw) {
		return nil, bad("can't parse media JSON object")
	}
	if json.Unmarshal(raw, &parts) != nil {
		return nil, bad("expected an Array of InputMedia")
	}
	var items []mediaIn
	types := map[string]bool{}
	for _, part := range parts {
		var in mediaIn
		if err := decode(part, "InputMedia", &in); err != nil {
			return nil, err
		}
		if err := q.item(&in); err != nil {
			return nil, err
		}
		types[in.Type] = true
		items = append(items, in)
		if in.Above != items[0].Above {
			return nil, bad("parameter show_caption_above_media must be the same for all messages")
		}
	}
	switch {
	case len(items) == 0:
		return nil, bad("there are no messages to send")
	case len(items) == 1:
		return nil, bad("media must include 2-10 items") // Telegram sends it; the documentation forbids it
	case len(items) > 10:
		return nil, bad("too many messages to send as an album")
	case types["document"] && len(types) > 1:
		return nil, bad("document can't be mixed with other media types")
	case types["audio"] && len(types) > 1:
		return nil, bad("audio can't be mixed with other media types")
	}
	return items, nil
}

func (q *request) item(in *mediaIn) error {
	var err error
	if in.description, err = format(in.Caption, in.ParseMode, in.Entities); err != nil {
		return bad("can't parse InputMedia: %s", strings.TrimPrefix(asRefusal(err).Text, "Bad Request: "))
	}
	if utf8.RuneCountInString(in.description.text) > maxCaption {
		return bad("message caption is too long")
	}
	if in.Media == "" {
		return bad("can't parse InputMedia: media not found")
	}
	for _, name := range []string{in.Media, in.Thumbnail} {
		if part, ok := strings.CutPrefix(name, "attach://"); ok && q.uploads[part] == nil {
			return bad("can't parse InputMedia: media not found")
		}
	}
	switch in.Type {
	case "photo", "video", "document", "audio":
		return nil
	case "animation":
		return bad(`can't parse InputMedia: type "animation" can't be used in sendMediaGroup`)
	case "":
		return bad(`can't parse InputMedia: Can't find field "type"`)
	default:
		return bad(`can't parse InputMedia: type %q is unsupported`, in.Type)
	}
}
