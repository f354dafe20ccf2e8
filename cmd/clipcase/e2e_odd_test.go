package main

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/telegramtest"
	"clipcase/internal/testclips"
)

// TestDeletedWhileMade deletes a case while its pieces are made: nothing of it is
// left in the blob store, nothing more is handed out, and the line that said how far
// it was says that it stopped.
func TestDeletedWhileMade(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t))
	h.start()
	p := h.person(70)
	long := testclips.Make(t, testclips.Spec{Width: 360, Height: 640, FPS: 15, Seconds: 30, Words: true}) // progress gives way to answers and pictures; the rest takes longer than they do
	p.user.SendDocument(telegramtest.Media{Path: long, Name: "a.mp4", Caption: "/bug 点开就闪退"})
	p.text("收到：")
	p.handIn()
	p.text("已完成") // the progress message
	require.Eventually(t, func() bool { return strings.Contains(h.log.String(), `msg="part delivered"`) }, patience, look)
	out := len(p.sent())
	require.NotEmpty(t, h.kept())
	p.user.Command("delete")
	p.tap("删除 CC")
	p.text("已删除")
	require.Eventually(t, func() bool { return len(h.kept()) == 0 }, patience, 100*time.Millisecond, "%v", h.kept())
	p.text("停下了") // in place of the progress
	p.user.Command("cases")
	p.text("还没有材料")
	require.Len(t, p.sent(), out)
	require.NotContains(t, h.log.String(), `msg="pack ready"`, "the rest was still being made")
	require.NotContains(t, h.log.String(), "level=WARN", "a deletion is no failure")
	h.noViolations()
}

// TestCorrectedAndForged edits a caption with its command after other words, has
// updates doubled and turned round, and lets someone else press the buttons.
func TestCorrectedAndForged(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t))
	h.tg.Faults.DuplicateUpdates(1)
	h.start()
	p := h.person(71)
	id := p.user.SendDocument(telegramtest.Media{Path: shortClip(t), Name: "a.mp4", Caption: "救命 /bug 点开就闪腿"})
	p.text("收到：")
	p.user.Edit(id, "救命 /bug 点开就闪退")
	p.text("已经更新")
	p.handIn()
	p.text("文件指纹")
	require.Contains(t, p.text("要粘贴的文字").Words(), "救命 点开就闪退")

	other := h.person(72)
	other.user.Command("start")
	last := other.screen("谁在运行").ID
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	pressed := 0
	for _, m := range p.chat.FromBot() {
		for _, b := range m.Buttons() {
			if b.CallbackData == "" {
				continue
			}
			pressed++
			said, _, err := other.user.PressForged(last, b.CallbackData).Answer(ctx)
			require.NoError(t, err)
			require.NotEmpty(t, said, "%s was carried out for someone else", b.Text)
		}
	}
	require.Positive(t, pressed)
	require.NotContains(t, other.chat.Transcript(), "CC0001")
	h.noViolations()
}

// kept are the files in the blob store.
func (h *house) kept() []string {
	var found []string
	_ = filepath.WalkDir(filepath.Join(h.dir, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), ".") { // a folder may go while it is read
			found = append(found, path)
		}
		return nil
	})
	return found
}
