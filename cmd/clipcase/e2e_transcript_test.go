package main

import (
	"os"
	"path/filepath"
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
	zh.tap("交上来")
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
	en.tap("Hand")
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

// diary is a person who keeps what was said, also on screens that another one
// has replaced since.
type diary struct {
	*person
	lines []string
	shown map[int]bool // messages that are in the diary
}

// say does something and writes it down, after all that was shown before.
func (d *diary) say(do func(), words string) {
	d.catchUp()
	d.lines = append(d.lines, "**"+words+"**")
	do()
}

// tap writes the screen down and presses one of its buttons.
func (d *diary) tap(label string) {
	d.t.Helper()
	m := d.offering(label)
	d.catchUp()
	d.lines = append(d.lines, "**["+label+"]**")
	d.press1(m, label)
	d.shown[m.ID] = false // it may show something else next
}

// catchUp writes down what the bot shows and the diary does not have.
func (d *diary) catchUp() {
	if d.shown == nil {
		d.shown = map[int]bool{}
	}
	for _, m := range d.chat.Messages() {
		if !m.Mine() || d.shown[m.ID] {
			continue
		}
		d.shown[m.ID] = true
		text := strings.TrimSpace(m.Words())
		if m.File != nil {
			text = strings.TrimSpace("〔" + strings.ToLower(m.File.Kind) + " " + m.File.Name + "〕 " + text)
		}
		if m.ReplyMarkup != nil {
			for _, row := range m.ReplyMarkup.InlineKeyboard {
				text += "\n"
				for _, b := range row {
					text += " `" + b.Text + "`"
				}
			}
		}
		d.lines = append(d.lines, "> "+strings.ReplaceAll(text, "\n", "  \n> "))
	}
}

func (d *diary) whole() string {
	d.catchUp()
	return strings.Join(d.lines, "\n\n") + "\n"
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
