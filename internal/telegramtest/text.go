package telegramtest

import (
	"encoding/json"
	"net/url"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-telegram/bot/models"
)

const (
	maxText     = 4096
	maxCaption  = 1024
	maxRawText  = 1 << 15
	maxEntities = 100
)

// formatted is text after parsing, as it will be shown.
type formatted struct {
	text     string
	entities []models.MessageEntity
}

// format parses the text named field with parse_mode or the entities given
// under entitiesField. An empty text is returned as it is.
func (q *request) format(field, entitiesField string) (formatted, error) {
	var entities json.RawMessage
	if q.has(entitiesField) {
		entities = json.RawMessage(q.args[entitiesField])
	}
	return format(q.args[field], q.args["parse_mode"], entities)
}

func format(text, mode string, given json.RawMessage) (formatted, error) {
	if len(text) > maxRawText {
		return formatted{}, bad("text is too long")
	}
	if !utf8.ValidString(text) {
		return formatted{}, bad("strings must be encoded in UTF-8")
	}
	var entities []models.MessageEntity
	switch strings.ToLower(mode) {
	case "", "none":
		if len(given) > 0 {
			if err := decode(given, "MessageEntity", &entities); err != nil {
				return formatted{}, err
			}
		}
	case "html":
		var err error
		if text, entities, err = parseHTML(text); err != nil {
			return formatted{}, err
		}
	case "markdown", "markdownv2":
		return formatted{}, bad("telegramtest parses HTML only")
	default:
		return formatted{}, bad("unsupported parse_mode")
	}
	if len(entities) > maxEntities {
		return formatted{}, bad("ENTITIES_TOO_LONG")
	}
	size := len(utf16.Encode([]rune(text)))
	for _, e := range entities {
		if e.Offset < 0 || e.Offset > size {
			return formatted{}, bad("entity begins after the end of the text at UTF-16 offset %d", e.Offset)
		}
		if e.Length <= 0 || e.Offset+e.Length > size {
			return formatted{}, bad("entity beginning at UTF-16 offset %d ends after the end of the text at UTF-16 offset %d",
				e.Offset, e.Offset+e.Length)
		}
	}
	return trim(clean(text), entities), nil
}

// clean replaces and removes the characters that Telegram does not let through;
// the length in UTF-16 units stays except for those removed.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r < 0x20 && r != '\n':
			return ' '
		case r >= 0x2028 && r <= 0x202e, r == 0x0333, r == 0x033f, r == 0x030a:
			return -1
		}
		return r
	}, text)
}

// trim cuts white space at both ends and moves the entities with it.
func trim(text string, entities []models.MessageEntity) formatted {
	const blank = " \n\t\u00a0\u200b\u2060\ufeff"
	head := len(utf16.Encode([]rune(text[:len(text)-len(strings.TrimLeft(text, blank))])))
	text = strings.TrimRight(strings.TrimLeft(text, blank), blank)
	size := len(utf16.Encode([]rune(text)))
	var kept []models.MessageEntity
	for _, e := range entities {
		from, to := max(e.Offset-head, 0), min(e.Offset+e.Length-head, size)
		if from < to {
			e.Offset, e.Length = from, to-from
			kept = append(kept, e)
		}
	}
	return formatted{text, kept}
}

// caption is format for a caption that is sent; too long is refused.
func (q *request) caption() (formatted, error) {
	f, err := q.format("caption", "caption_entities")
	if err == nil && utf8.RuneCountInString(f.text) > maxCaption {
		err = bad("message caption is too long")
	}
	return f, err
}

// checkLink is Telegram's judgement on a link in a text or button.
func checkLink(link string) (string, error) {
	link = strings.TrimSpace(link)
	wrong := bad("URL '%s' is invalid: Wrong HTTP URL", link)
	full := link
	if !strings.Contains(full, "://") && !strings.HasPrefix(strings.ToLower(full), "tg:") {
		full = "http://" + full
	}
	u, err := url.Parse(full)
	if err != nil {
		return "", wrong
	}
	switch strings.ToLower(u.Scheme) {
	case "tg", "ton":
		return full, nil
	case "http", "https":
	default:
		return "", bad("URL '%s' is invalid: Unsupported URL protocol", link)
	}
	if !strings.Contains(u.Hostname(), ".") {
		return "", wrong
	}
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

// commandsIn finds what Telegram marks in texts that people type.
func commandsIn(text string) []models.MessageEntity {
	var found []models.MessageEntity
	runes := []rune(text)
	offset := 0
	for i := 0; i < len(runes); {
		kind, end := markAt(runes, i)
		units := len(utf16.Encode(runes[i:end]))
		if kind != "" {
			found = append(found, models.MessageEntity{Type: kind, Offset: offset, Length: units})
		}
		offset += units
		i = end
	}
	return found
}

func word(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// markAt says what begins at i and where it ends; "" = one plain character.
func markAt(runes []rune, i int) (models.MessageEntityType, int) {
	before := i == 0 || strings.ContainsRune(" \n\t([{'\"<", runes[i-1])
	if runes[i] == '/' && before {
		end := i + 1
		for end < len(runes) && word(runes[end]) {
			end++
		}
		if end > i+1 && end-i <= 65 && (end == len(runes) || runes[end] != '/') {
			if end < len(runes) && runes[end] == '@' {
				name := end + 1
				for name < len(runes) && word(runes[name]) {
					name++
				}
				if name > end+3 {
					end = name
				}
			}
			return models.MessageEntityTypeBotCommand, end
		}
	}
	rest := string(runes[i:min(len(runes), i+8)])
	if before && (strings.HasPrefix(rest, "https://") || strings.HasPrefix(rest, "http://")) {
		end := i
		for end < len(runes) && !strings.ContainsRune(" \n\t", runes[end]) {
			end++
		}
		return models.MessageEntityTypeURL, end
	}
	return "", i + 1
}
