package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
)

// TestTimes reports how long a person waits in the chat, through a Bot API
// server of the operator's own: from handing in to the first picture, the third,
// the last file and the words; of a recording of one's own with make times. The only
// bound is the test's patience.
func TestTimes(t *testing.T) {
	t.Parallel()
	clip, places := recording(t), []string{"私信"}
	if clip != shortClip(t) {
		places = append(places, "邮件")
	}
	dir := shortDir(t)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	h := newHouse(t, telegramtest.New(t, telegramtest.Local(dir)), "TELEGRAM_LOCAL_FILES="+dir)
	h.start()
	p := h.person(70)
	p.user.SendDocument(telegramtest.Media{Path: clip, Name: "录屏.mp4", Caption: "/appeal 账号被误封"})
	sent := time.Now()
	p.text("收到：")
	t.Logf("received and measured after %.1f s", time.Since(sent).Seconds())
	if text := os.Getenv("CLIPCASE_TALK"); text != "" { // a person who writes for a while
		writes, err := time.ParseDuration(text)
		require.NoError(t, err)
		<-time.After(time.Until(sent.Add(writes)))
	}
	p.handIn()
	since := time.Now()
	for n := 1; n <= 3; n += 2 {
		p.files(n)
		t.Logf("picture %d after %.1f s", n, time.Since(since).Seconds())
	}
	p.text("文件指纹")
	files := h.tg.Calls("sendPhoto", "sendDocument", "sendVideo", "sendAnimation")
	t.Logf("recommended place: the last of %d files after %.1f s", len(files), files[len(files)-1].At.Sub(since).Seconds())
	t.Logf("recommended place: words and summary after %.1f s", time.Since(since).Seconds())

	for _, place := range places {
		before := len(p.sent())
		p.tap("换个地方")
		p.tap(place)
		since := time.Now()
		require.Eventually(t, func() bool { return len(p.sent()) > before }, 10*patience, 50*time.Millisecond, "%s", lateTranscript{p.chat})
		t.Logf("%s: first file after %.1f s", place, time.Since(since).Seconds())
		p.newest("交完以后", since)
		t.Logf("%s: %d files and words after %.1f s", place, len(p.sent())-before, time.Since(since).Seconds())
	}
	h.noViolations()
}

// newest waits for a message with the words that was sent after since.
func (p *person) newest(words string, since time.Time) {
	p.t.Helper()
	before := since.Unix()
	require.Eventually(p.t, func() bool {
		for _, m := range p.chat.Messages() {
			if m.Mine() && int64(m.Date) > before && strings.Contains(m.Words(), words) {
				return true
			}
		}
		return false
	}, 10*patience, 50*time.Millisecond, "%s", lateTranscript{p.chat})
}

// recording is the short clip or, if CLIPCASE_RECORDING names one, a recording of
// one's own; a relative name counts from the project's folder.
func recording(t *testing.T) string {
	t.Helper()
	own := os.Getenv("CLIPCASE_RECORDING")
	if own == "" {
		return shortClip(t)
	}
	if !filepath.IsAbs(own) {
		own = filepath.Join("..", "..", own)
	}
	require.FileExists(t, own)
	return own
}
