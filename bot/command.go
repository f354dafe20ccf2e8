package bot

import (
	"strings"
	"unicode/utf16"

	"github.com/go-telegram/bot/models"
)

// command is a command found in what a person wrote.
type command struct {
	name string // lower case
	to   string // bot it is addressed to, lower case; "" = whoever listens
	rest string // the other words
}

// findCommand looks for a command: at the beginning, however Telegram marked
// it (people write "/appeal账号…" without a space, or with a full-width slash),
// or, if it is one we know, marked by Telegram anywhere else.
func findCommand(words string, entities []models.MessageEntity, known func(string) bool) (command, bool) {
	trimmed := strings.TrimSpace(words)
	for _, slash := range []string{"/", "\uff0f"} {
		if rest, ok := strings.CutPrefix(trimmed, slash); ok {
			if c, ok := readCommand(rest); ok {
				return c, true
			}
		}
	}
	units := utf16.Encode([]rune(words))
	for _, e := range entities {
		if e.Type != models.MessageEntityTypeBotCommand || e.Offset < 0 || e.Length < 2 || e.Offset > len(units)-e.Length {
			continue
		}
		c, ok := readCommand(string(utf16.Decode(units[e.Offset+1 : e.Offset+e.Length])))
		if !ok || !known(c.name) {
			continue
		}
		before := strings.TrimSpace(string(utf16.Decode(units[:e.Offset])))
		after := strings.TrimSpace(string(utf16.Decode(units[e.Offset+e.Length:])))
		c.rest = strings.TrimSpace(before + " " + after)
		return c, true
	}
	return command{}, false
}

// readCommand reads "name[@bot] rest".
func readCommand(words string) (command, bool) {
	name := leading(words, 32)
	if name == "" {
		return command{}, false
	}
	c := command{name: strings.ToLower(name)}
	words = words[len(name):]
	if at, ok := strings.CutPrefix(words, "@"); ok {
		if to := leading(at, 32); to != "" {
			c.to, words = strings.ToLower(to), at[len(to):]
		}
	}
	if strings.HasPrefix(words, "/") { // a path, not a command
		return command{}, false
	}
	c.rest = strings.TrimSpace(words)
	return c, true
}

// leading is the run of A-Z a-z 0-9 _ that words begin with, "" if longer than limit.
func leading(words string, limit int) string {
	n := 0
	for n < len(words) && (words[n] == '_' || words[n] >= '0' && words[n] <= '9' || words[n]|0x20 >= 'a' && words[n]|0x20 <= 'z') {
		n++
	}
	if n > limit {
		return ""
	}
	return words[:n]
}
