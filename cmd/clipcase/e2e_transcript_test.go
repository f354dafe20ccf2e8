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

	zh := h.person(60)
	zh.user.Command("start")
	zh.tap("账号被封")
	zh.tap("反馈与帮助")
	zh.chat.Await(patience, func(m telegramtest.Message) bool {
		return slices.ContainsFunc(m.Buttons(), func(b models.InlineKeyboardButton) bool { return strings.HasPrefix(b.Text, "✓") })
	})
	zh.press("还能做")
	zh.user.SendVideo(telegramtest.Media{Path: clip, Name: "录屏.mp4"})
	zh.text("以“视频”方式")
	zh.user.Text("昨天晚上 8 点账号突然被封，提示“违反社区自律公约”，我没有发过违规内容，请人工复核。")
	zh.handIn()
	zh.text("文件指纹")

	en := h.speaking(61, "en")
	en.user.Command("stolen someone changed my phone number and password")
	en.press("") // what can you still do
	en.press("") // consent
	en.user.SendDocument(telegramtest.Media{Path: clip, Name: "device.mp4"})
	en.text("device")
	en.press("")
	en.user.Text("0:01-0:03")
	for !strings.Contains(en.press(""), "Hand") {
		require.Less(t, en.taps, 9, "%s", lateTranscript{en.chat})
	}
	en.text("fingerprint")

	for name, p := range map[string]*person{"account-ban.zh.txt": zh, "account-theft.en.txt": en} {
		said := p.chat.Transcript()
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

// tap waits for a screen with a button whose label contains the words and presses it.
func (p *person) tap(words string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		for _, m := range slices.Backward(p.chat.Messages()) {
			for _, b := range m.Buttons() {
				if m.Mine() && strings.Contains(b.Text, words) {
					p.last = "" // a choice among many shows the same screen again
					p.taps++
					p.user.Press(m.ID, b.CallbackData)
					return true
				}
			}
		}
		return false
	}, patience, 50*time.Millisecond, "no button with %q:\n%s", words, lateTranscript{p.chat})
}
