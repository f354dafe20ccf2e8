package main

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
)

// TestKillBetweenParts kills serve with -9 after the pictures of a pack have
// arrived, while its animation is being made: the next start makes and sends what
// is missing, nothing that arrived is sent again, and the words that promised the
// rest come once.
func TestKillBetweenParts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t))
	h.start()
	p := h.person(90)
	p.user.SendDocument(telegramtest.Media{Path: shortClip(t), Name: "录屏.mp4", Caption: "/appeal 账号被误封"})
	p.handIn()
	p.text("要粘贴的文字") // they come after the last picture
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), "part delivered") }, patience, 50*time.Millisecond, "nothing is on its way")
	out := p.sent()
	require.NotEmpty(t, out)
	for _, m := range out {
		require.Equal(t, "Photo", m.File.Kind, "the animation was ready before the pictures arrived")
	}
	h.kill()
	require.Len(t, p.sent(), len(out), "the kill came after the animation")

	again := time.Now()
	h.start()
	p.finish("render")
	t.Logf("whole %.1f s after the restart", time.Since(again).Seconds())
	p.intact("render") // every file once, in one case
	files := p.sent()
	require.Equal(t, out, files[:len(out)], "what was there stays as it was")
	require.Greater(t, len(files), len(out))
	require.Equal(t, "Document", files[len(out)].File.Kind)
	for words, times := range map[string]int{"先把这几个交到": 1, "要粘贴的文字：": 1, "交完以后": 1, "案情摘要": 1, "重发": 0} {
		require.Len(t, p.saying(words), times, "%s\n%s", words, lateTranscript{p.chat})
	}
	h.noViolations()
}

// saying are the messages of the bot's that contain the words.
func (p *person) saying(words string) []telegramtest.Message {
	return slices.DeleteFunc(p.chat.FromBot(), func(m telegramtest.Message) bool { return !strings.Contains(m.Words(), words) })
}
