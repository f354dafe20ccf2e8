package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
	"clipcase/internal/telegramtest"
	"clipcase/internal/testclips"
)

// shortClip is a recording that a loaded machine prepares in seconds.
func shortClip(t *testing.T) string {
	t.Helper()
	return testclips.Make(t, testclips.Spec{Width: 360, Height: 640, FPS: 15, Seconds: 4, Words: true})
}

// TestForwardedRecordingToPieces is the main job as a person lives it: a
// recording with a caption, the way forward pressed at most four times, and the
// files with their words come back; through polling.
func TestForwardedRecordingToPieces(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t))
	h.start()
	p := h.person(42)
	p.user.Forward(telegramtest.Media{Path: shortClip(t), Caption: "/appeal 账号被误封", From: "小林"})
	for !strings.Contains(p.press(""), "开始做文件") {
		require.Less(t, p.taps, 4, "handed in takes more than four taps:\n%s", lateTranscript{p.chat})
	}
	p.text("正在做")
	require.LessOrEqual(t, p.taps, 4)

	p.text("账号被误封")
	files := p.files(4)
	for _, m := range files[:1] {
		require.Equal(t, "Photo", m.File.Kind, "stills come first, as pictures a phone saves")
	}
	words := p.text("情况说明")
	require.Contains(t, words.Words(), "账号被误封")
	p.text("文件指纹")
	require.LessOrEqual(t, len(p.sent()), 9)
	h.noViolations()
	require.Less(t, h.stop(), unhurried)
}

// TestWebhookInLocalMode goes the other way in: a webhook, and a Bot API server
// of the operator's own, which gives files as paths.
func TestWebhookInLocalMode(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	addr := browsertest.Address(t)
	tg := telegramtest.New(t, telegramtest.Local(dir))
	h := newHouse(t, tg, "TELEGRAM_LOCAL_FILES="+dir, "TELEGRAM_WEBHOOK_URL=http://"+addr+"/telegram/webhook", "TELEGRAM_WEBHOOK_SECRET=s-e_cret1", "LISTEN_ADDR="+addr)
	h.addr = addr
	h.start()
	p := h.person(43)
	p.user.SendDocument(telegramtest.Media{Path: shortClip(t), Name: "录屏 1.mp4", Caption: "/bug 点开就闪退"})
	for !strings.Contains(p.press(""), "开始做文件") {
		require.Less(t, p.taps, 6)
	}
	p.files(4)
	p.text("点开就闪退")
	h.noViolations()
}

// TestBadRecordings sends what cannot be used: each gets a sentence, and the
// rest of the case goes on.
func TestBadRecordings(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t))
	h.start()
	p := h.person(44)
	p.user.SendDocument(telegramtest.Media{Name: "录屏.mp4", Data: []byte("this is not a recording at all, only words")})
	p.text("用不了")
	p.user.SendVideo(telegramtest.Media{Name: "big.mp4", Bytes: 300 << 20, Width: 1080, Height: 2340, Duration: 240})
	p.text("太大")
	p.user.SendAudio(telegramtest.Media{Name: "song.mp3", Data: []byte("ID3\x03\x00\x00\x00\x00\x00\x00"), Duration: 3})
	p.text("只有声音，没有画面")
	originals, err := filepath.Glob(filepath.Join(h.dir, "blobs", "cases", "*", "originals", "*"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(originals), 2, "what cannot be used is kept")
	p.user.SendVoice(telegramtest.Media{Name: "voice.ogg", Bytes: 5000, Duration: 3})
	p.user.SendDocument(telegramtest.Media{Path: shortClip(t), Name: "good.mp4"})
	for !strings.Contains(p.press(""), "开始做文件") {
		require.Less(t, p.taps, 8, "%s", lateTranscript{p.chat})
	}
	p.files(4)
	h.noViolations()
}

var inviteCode = regexp.MustCompile(`i_[A-Za-z0-9_-]{20,}`)

// TestWhoMayUseIt: invited, uninvited, banned, over the day's quota.
func TestWhoMayUseIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t), "ACCESS=invite", "DAILY_MINUTES=1")
	h.start()
	admin := h.person(1)
	stranger := h.person(50)
	stranger.user.Text("你好")
	stranger.text("邀请")
	stranger.user.SendDocument(telegramtest.Media{Path: shortClip(t), Name: "a.mp4"})
	require.NoDirExists(t, filepath.Join(h.dir, "blobs", "cases"), "nothing of an uninvited person's is kept")

	admin.user.Command("invite 1 2")
	code := inviteCode.FindString(admin.text("i_").Words()) // with a link as soon as the bot knows its name
	require.NotEmpty(t, code)
	stranger.user.StartLink(code)
	stranger.screen("谁在运行")
	late := h.person(51)
	late.user.StartLink(code)
	late.text("这个链接用不了")

	stranger.user.SendVideo(telegramtest.Media{Path: shortClip(t), Name: "long.mp4", Duration: 3600})
	stranger.text("上限")

	admin.user.Command("ban 50")
	admin.text("50")
	stranger.user.Command("start")
	require.Eventually(t, func() bool {
		return strings.Contains(stranger.chat.Last().Words(), "不能") || strings.Contains(stranger.chat.Last().Words(), "暂停")
	}, patience, 50*time.Millisecond, "%s", lateTranscript{stranger.chat})
	h.noViolations()
}
