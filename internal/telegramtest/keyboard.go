package telegramtest

import (
	"encoding/json"
	"strings"

	"github.com/go-telegram/bot/models"
)

const (
	maxCallbackData = 64 // bytes
	maxCopyText     = 256
	maxButtons      = 100
	maxRow          = 8
)

// buttonIn is an inline button as it comes in; pointers tell absent from empty.
type buttonIn struct {
	Text              *string          `json:"text"`
	IconCustomEmojiID string           `json:"icon_custom_emoji_id"`
	Style             string           `json:"style"`
	URL               string           `json:"url"`
	CallbackData      string           `json:"callback_data"`
	WebApp            *json.RawMessage `json:"web_app"`
	LoginURL          *json.RawMessage `json:"login_url"`
	SwitchInline      *string          `json:"switch_inline_query"`
	SwitchHere        *string          `json:"switch_inline_query_current_chat"`
	SwitchChosen      *json.RawMessage `json:"switch_inline_query_chosen_chat"`
	CopyText          *struct {
		Text *string `json:"text"`
	} `json:"copy_text"`
	Pay *bool `json:"pay"`
}

type markupIn struct {
	Inline *[][]buttonIn `json:"inline_keyboard"`
	// The keyboards under the input field; what they hold is not looked at.
	Keyboard    *json.RawMessage `json:"keyboard"`
	Persistent  bool             `json:"is_persistent"`
	Resize      bool             `json:"resize_keyboard"`
	OneTime     bool             `json:"one_time_keyboard"`
	Placeholder string           `json:"input_field_placeholder"`
	Selective   bool             `json:"selective"`
	Remove      bool             `json:"remove_keyboard"`
	ForceReply  bool             `json:"force_reply"`
}

// markup reads reply_markup; nil = no inline keyboard. only: nothing else than
// an inline keyboard is allowed (edits).
func (q *request) markup(only bool) (*models.InlineKeyboardMarkup, error) {
	if !q.has("reply_markup") || q.args["reply_markup"] == "null" {
		return nil, nil
	}
	raw := []byte(q.args["reply_markup"])
	if !json.Valid(raw) {
		return nil, bad("can't parse reply keyboard markup JSON object")
	}
	if !strings.HasPrefix(strings.TrimSpace(string(raw)), "{") {
		return nil, bad("object expected as reply markup")
	}
	var in markupIn
	if err := decode(raw, "inline keyboard button", &in); err != nil {
		return nil, err
	}
	if in.Inline == nil {
		if only {
			return nil, bad("inline keyboard expected")
		}
		return nil, nil
	}
	out := &models.InlineKeyboardMarkup{InlineKeyboard: [][]models.InlineKeyboardButton{}}
	count := 0
	for _, row := range *in.Inline {
		if len(row) > maxRow {
			return nil, bad("reply markup is too long")
		}
		var line []models.InlineKeyboardButton
		for _, b := range row {
			button, err := b.check()
			if err != nil {
				return nil, err
			}
			line = append(line, button)
			count++
		}
		if len(line) > 0 {
			out.InlineKeyboard = append(out.InlineKeyboard, line)
		}
	}
	if count > maxButtons {
		return nil, bad("reply markup is too long")
	}
	if count == 0 {
		return nil, nil
	}
	return out, nil
}

func (b buttonIn) check() (models.InlineKeyboardButton, error) {
	none := models.InlineKeyboardButton{}
	if b.Text == nil {
		return none, bad("can't parse inline keyboard button: Can't find field \"text\"")
	}
	switch b.Style {
	case "", "primary", "success", "danger":
	default:
		return none, bad("can't parse inline keyboard button: Invalid button style specified")
	}
	out := models.InlineKeyboardButton{Text: strings.TrimSpace(clean(*b.Text)), Style: b.Style}
	if out.Text == "" {
		return none, bad("inline keyboard button text must be non-empty")
	}
	switch {
	case b.URL != "":
		link, err := checkLink(b.URL)
		if err != nil {
			return none, bad("inline keyboard button %s", strings.TrimPrefix(asRefusal(err).Text, "Bad Request: "))
		}
		out.URL = link
	case b.CallbackData != "":
		if len(b.CallbackData) > maxCallbackData {
			return none, bad("BUTTON_DATA_INVALID")
		}
		out.CallbackData = b.CallbackData
	case b.WebApp != nil:
		var app struct {
			URL string `json:"url"`
		}
		if err := decode(*b.WebApp, "inline keyboard button", &app); err != nil {
			return none, err
		}
		if !strings.HasPrefix(app.URL, "https://") {
			return none, bad("inline keyboard button Web App URL '%s' is invalid: Only HTTPS links are allowed", app.URL)
		}
		out.WebApp = &models.WebAppInfo{URL: app.URL}
	case b.SwitchInline != nil:
		out.SwitchInlineQuery = *b.SwitchInline
	case b.SwitchHere != nil:
		out.SwitchInlineQueryCurrentChat = *b.SwitchHere
	case b.CopyText != nil && b.CopyText.Text != nil:
		if n := len([]rune(*b.CopyText.Text)); n < 1 || n > maxCopyText {
			if n == 0 {
				return none, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
			}
			return none, bad("BUTTON_COPY_TEXT_INVALID")
		}
		out.CopyText.Text = *b.CopyText.Text
	default:
		return none, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
	}
	return out, nil
}
