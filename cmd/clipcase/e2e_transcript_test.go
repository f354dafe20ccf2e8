package main

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
)

// TestTranscripts lives two whole cases and holds what was said to what every
// person must be told. With CLIPCASE_TRANSCRIPTS set to a folder, the
// conversations are written there (make transcripts puts them into docs).
func TestTranscripts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t), "OPERATOR=小林工作室")
	h.start()
	clip := shortClip(t)

	zh := &diary{person: h.person(60)}
	zh.say(func() { zh.user.Command("start") }, "/start")
	zh.tap("账号被封")
	zh.tap("反馈与帮助")
	zh.chat.Await(patience, func(m telegramtest.Message) bool {
		return slices.ContainsFunc(m.Buttons(), func(b models.InlineKeyboardButton) bool { return strings.HasPrefix(b.Text, "✓") })
	})
	zh.tap("下一步")
	zh.screen("请把录屏")
	zh.say(func() { zh.user.SendVideo(telegramtest.Media{Path: clip, Name: "录屏.mp4"}) }, "（发来一段录屏）")
	zh.text("以“视频”方式")
	zh.text("收到：")
	zh.tap("发完了")
	const words = "昨天晚上 8 点账号突然被封，提示“违反社区自律公约”，我没有发过违规内容，请人工复核。"
	zh.screen("发生了什么")
	zh.say(func() { zh.user.Text(words) }, words)
	zh.tap("开始做文件")
	zh.text("文件指纹")

	en := &diary{person: h.speaking(61, "en")}
	const stolen = "/stolen someone changed my phone number and password"
	en.say(func() { en.user.Command(stolen) }, stolen)
	en.tap("next")
	en.tap("I agree")
	en.screen("send me")
	en.say(func() { en.user.SendDocument(telegramtest.Media{Path: clip, Name: "device.mp4"}) }, "(a recording, sent as a file)")
	en.text("Received")
	en.tap("That is all")
	en.screen("")
	en.tap("Make my files")
	en.text("Fingerprint")

	for name, d := range map[string]*diary{"account-ban.zh.md": zh, "account-theft.en.md": en} {
		said := d.whole()
		for _, never := range []string{"talk.", "deliver.", "⟦", "<no value>", "%!"} {
			require.NotContains(t, said, never)
		}
		if dir := os.Getenv("CLIPCASE_TRANSCRIPTS"); dir != "" {
			require.NoError(t, os.MkdirAll(dir, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(said), 0o644))
		}
	}
	h.noViolations()
}

// diary is a person who writes down what they do. What they are shown is taken
// from the calls Telegram got, so that nothing is missing which another screen has
// replaced since.
type diary struct {
	*person
	done []deed
}

// deed is what a person did after a number of calls.
type deed struct {
	after int
	words string
}

func (d *diary) write(words string) {
	d.done = append(d.done, deed{after: len(d.server().Calls()), words: words})
}

// say does something and writes it down.
func (d *diary) say(do func(), words string) {
	d.write(words)
	do()
}

// tap presses a button and writes down what stood on it.
func (d *diary) tap(label string) {
	d.t.Helper()
	m := d.offering(label)
	buttons := m.Buttons()
	d.write("[" + buttons[slices.IndexFunc(buttons, labelled(label))].Text + "]")
	d.press1(m, label)
}

// whole is the conversation as it went. Of a line that tells how the work goes,
// which has no buttons, it has the beginning.
func (d *diary) whole() string {
	d.t.Helper()
	var lines []string
	next := 0
	for _, c := range d.server().Calls() {
		if c.Chat != d.chat.ID() || c.Status != 200 || c.Params["text"]+c.Params["caption"] == "" {
			continue
		}
		if c.Method == "editMessageText" && c.Params["reply_markup"] == "" {
			continue
		}
		for ; next < len(d.done) && d.done[next].after < c.N; next++ {
			lines = append(lines, "**"+d.done[next].words+"**")
		}
		lines = append(lines, d.line(c))
	}
	require.Equal(d.t, len(d.done), next, "the last word is the bot's")
	return strings.Join(lines, "\n\n") + "\n"
}

var tag = regexp.MustCompile(`<[^>]*>`)

// line is a message as it reads.
func (d *diary) line(c telegramtest.Call) string {
	d.t.Helper()
	text := strings.TrimSpace(html.UnescapeString(tag.ReplaceAllString(c.Params["text"]+c.Params["caption"], "")))
	for kind, file := range c.Files {
		if kind != "thumbnail" {
			text = "〔" + strings.ToLower(strings.TrimPrefix(c.Method, "send")) + " " + file.Name + "〕 " + text
		}
	}
	if raw := c.Params["reply_markup"]; raw != "" {
		var keys models.InlineKeyboardMarkup
		require.NoError(d.t, json.Unmarshal([]byte(raw), &keys))
		for _, row := range keys.InlineKeyboard {
			text += "\n"
			for _, b := range row {
				text += " `" + b.Text + "`"
			}
		}
	}
	return "> " + strings.ReplaceAll(text, "\n", "  \n> ")
}

// tap waits for a screen with a button whose label contains the words and presses it.
func (p *person) tap(label string) {
	p.t.Helper()
	p.press1(p.offering(label), label)
}

// offering waits for a message with a button whose label contains the words.
func (p *person) offering(label string) (found telegramtest.Message) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		for _, m := range slices.Backward(p.chat.Messages()) {
			if m.Mine() && slices.ContainsFunc(m.Buttons(), labelled(label)) {
				found = m
				return true
			}
		}
		return false
	}, patience, 50*time.Millisecond, "no button with %q:\n%s", label, lateTranscript{p.chat})
	return found
}

func (p *person) press1(m telegramtest.Message, label string) {
	buttons := m.Buttons()
	b := buttons[slices.IndexFunc(buttons, labelled(label))]
	p.last = "" // a choice among many shows the same screen again
	p.taps++
	p.user.Press(m.ID, b.CallbackData)
}

func labelled(words string) func(models.InlineKeyboardButton) bool {
	return func(b models.InlineKeyboardButton) bool { return strings.Contains(b.Text, words) }
}
