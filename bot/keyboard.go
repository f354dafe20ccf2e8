package bot

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"clipcase/flows"
)

// Telegram's limits on buttons.
const (
	labelLimit   = 64
	dataLimit    = 64 // bytes
	copyLimit    = 256
	rowLimit     = 8
	buttonsLimit = 100
)

// keyboard is an inline keyboard. The library's type would send an empty
// copy_text with every button.
type keyboard struct {
	Rows [][]button `json:"inline_keyboard"`
}

type button struct {
	Text string      `json:"text"`
	Data string      `json:"callback_data,omitempty"`
	URL  string      `json:"url,omitempty"`
	Copy *copyButton `json:"copy_text,omitempty"`
}

type copyButton struct {
	Text string `json:"text"`
}

// data is what a press sends back; unpress reads it.
func data(step, token, choice string) string { return step + ":" + token + ":" + choice }

// unpress reads the data of a press; ok is false for what no button of ours sends.
func unpress(words string) (step, token, choice string, ok bool) {
	parts := strings.SplitN(words, ":", 3)
	if len(parts) != 3 || parts[2] == "" || len(words) > dataLimit {
		return "", "", "", false
	}
	for i := range len(words) {
		if words[i] <= ' ' || words[i] > '~' {
			return "", "", "", false
		}
	}
	return parts[0], parts[1], parts[2], true
}

// buttons turns a screen's choices into a keyboard, nil if there are none. A
// choice that Telegram would refuse is left out and counted: the message must
// arrive all the same.
func (b *Bot) buttons(s *flows.Screen) (*keyboard, int) {
	var (
		rows  [][]button
		left  int
		total int
	)
	for _, choices := range s.Rows {
		var row []button
		for _, c := range choices {
			one, ok := b.button(s, c)
			if !ok || total == buttonsLimit {
				left++
				continue
			}
			if len(row) == rowLimit {
				rows = append(rows, row)
				row = nil
			}
			row = append(row, one)
			total++
		}
		if len(row) > 0 {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return nil, left
	}
	return &keyboard{rows}, left
}

func (b *Bot) button(s *flows.Screen, c flows.Choice) (button, bool) {
	label := oneLine(b.render(s.Lang, c.Label))
	if !visible(label) {
		label = "•"
	}
	if c.On {
		label = "✓ " + label
	}
	one := button{Text: shorten(label, labelLimit)}
	switch {
	case c.Copy != "":
		one.Copy = &copyButton{c.Copy}
		return one, utf8.ValidString(c.Copy) && visible(flows.Legible(c.Copy)) && utf8.RuneCountInString(c.Copy) <= copyLimit
	case c.URL != "":
		one.URL = c.URL
		return one, linkable(c.URL)
	default:
		one.Data = data(s.Step, s.Token, c.ID)
		_, _, _, ok := unpress(one.Data)
		return one, ok
	}
}

// linkable says whether Telegram takes the address on a button: it wants http
// or https and a host with a dot.
func linkable(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && strings.Contains(strings.Trim(u.Hostname(), "."), ".")
}
