package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
	"clipcase/internal/testclips"
	"clipcase/media/sheet"
)

// TestMomentsInTheChat: what was seen in a recording comes as one picture with numbered
// buttons under it; one press is the answer, and the picture goes with the case.
func TestMomentsInTheChat(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t), "READ_SCREENS=on")
	h.start()
	p := h.person(47)
	p.user.Forward(telegramtest.Media{Path: testclips.Make(t, testclips.Spec{Width: 360, Height: 640, FPS: 5, Seconds: 16, Words: true}),
		Caption: "/appeal 账号被误封", From: "小林"})
	p.text("可以用")
	for !strings.Contains(p.screen("").Words(), "最关键的几秒在哪里") {
		p.press("")
		require.Less(t, p.taps, 4, "%s", lateTranscript{p.chat})
	}
	// Screens are read at the lowest priority: other tests come first.
	shown := p.chat.Await(2*patience, func(m telegramtest.Message) bool { return m.File != nil })
	require.Equal(t, "sendPhoto", shown.Method)
	require.LessOrEqual(t, max(shown.File.Width, shown.File.Height), sheet.Side)
	require.LessOrEqual(t, shown.File.Size, int64(sheet.Bytes))
	require.Equal(t, 640, shown.File.Height)
	require.Contains(t, shown.Caption, "点最关键那一处的号码")
	require.Regexp(t, `^1 · 0:\d\d `, shown.Buttons()[0].Text)
	stored := func() []string {
		found, err := filepath.Glob(filepath.Join(h.dir, "blobs", "cases", "*", "preview", "sheet-*.jpg"))
		require.NoError(t, err)
		return found
	}
	require.Len(t, stored(), 1)

	p.user.Press(shown.ID, shown.Buttons()[0].Text)
	p.text("记下了")
	require.Eventually(t, func() bool {
		for _, m := range p.chat.Messages() {
			if m.ID == shown.ID {
				return len(m.Buttons()) == 0
			}
		}
		return false
	}, patience, look, "the picture keeps its buttons")
	p.user.Command("delete")
	p.tap("删除 CC")
	require.Eventually(t, func() bool { return len(stored()) == 0 }, patience, look, "the picture stays after its case")
	h.noViolations()
}
