package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

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
	zh.press("✓")
	zh.user.SendVideo(telegramtest.Media{Path: clip, Name: "录屏.mp4"})
	zh.screen("以“视频”方式")
	zh.user.Text("昨天晚上 8 点账号突然被封，提示“违反社区自律公约”，我没有发过违规内容，请人工复核。")
	zh.handIn()
	zh.text("文件指纹")

	en := h.person(61)
	en.user = h.tg.User(61, "en")
	en.user.Command("stolen someone changed my phone number and password")
	en.press("") // what can you still do
	en.press("") // consent
	en.user.SendDocument(telegramtest.Media{Path: clip, Name: "device.mp4"})
	en.screen("1 file")
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

// tap presses the button of the newest screen whose label contains the words.
func (p *person) tap(words string) {
	p.t.Helper()
	m := p.screen("")
	for _, b := range m.Buttons() {
		if strings.Contains(b.Text, words) {
			p.last = "" // a choice among many shows the same screen again
			p.taps++
			p.user.Press(m.ID, b.CallbackData)
			return
		}
	}
	p.t.Fatalf("no button with %q:\n%s", words, p.chat.Transcript())
}
