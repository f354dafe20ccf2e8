package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/internal/telegramtest"
)

// laterFile names a file that says how far a program that a test runs is ahead of
// the time: its clock is read from there whenever it is asked.
const laterFile = "CLIPCASE_TEST_LATER"

// ahead is main with a clock that a test moves. It does not return.
func ahead(file string) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	words, err := catalog.Load("")
	if err != nil {
		_, _ = io.WriteString(os.Stderr, err.Error())
		os.Exit(codeFailed)
	}
	a := &app{words: words, lang: language(os.Environ()), out: os.Stdout, err: os.Stderr, clock: func() time.Time {
		raw, err := os.ReadFile(file)
		if err != nil {
			return time.Now()
		}
		by, err := time.ParseDuration(string(raw))
		if err != nil {
			return time.Now() // half written
		}
		return time.Now().Add(by)
	}}
	root := newRoot(a)
	root.SetArgs(os.Args[1:])
	code := a.exit(ctx, root.ExecuteContext(ctx))
	stop()
	os.Exit(code)
}

// TestTwoDaysLater goes the whole way after a delivery through the running
// program: the timer in Redis, the letter, the buttons, the reason, the smaller
// files, and at last the question once more and its being turned off.
func TestTwoDaysLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "later")
	later := func(by time.Duration) {
		next := file + ".next"
		require.NoError(t, os.WriteFile(next, []byte(by.String()), 0o600))
		require.NoError(t, os.Rename(next, file))
	}
	h := newHouse(t, telegramtest.New(t), laterFile+"="+file)
	h.start()
	p := h.person(80)
	p.user.Command("appeal 账号被误封")
	p.tap("发私信")
	p.tap("下一步")
	p.screen("请把录屏")
	p.user.SendDocument(telegramtest.Media{Path: shortClip(t), Name: "a.mp4"})
	p.text("可以用")
	p.handIn()
	p.text("文件指纹")
	handedOut := func(times int) { // the clock starts with the end of a delivery, which is just after the last message
		t.Helper()
		require.Eventually(t, func() bool { return strings.Count(h.log.String(), "msg=delivered") == times }, patience, 20*time.Millisecond)
	}
	handedOut(1)
	first := len(p.sent())
	require.Positive(t, first)
	require.NotContains(t, p.chat.Transcript(), "后来怎么样了")

	later(49 * time.Hour)
	require.Contains(t, p.text("后来怎么样了").Words(), "私信")
	p.tap("被退回了") // of the newest message that has it
	p.text("为什么没收")
	p.tap("说文件太大")
	p.text("做一份更小的")
	p.text("更小的一份")
	require.Greater(t, len(p.files(first+1)), first)

	smaller := p.text("更小的一份").ID
	handedOut(2)
	h.kill() // what is due survives
	h.start()
	later(2 * 49 * time.Hour)
	p.chat.Await(patience, func(m telegramtest.Message) bool {
		return m.Mine() && m.ID > smaller && strings.Contains(m.Words(), "后来怎么样了")
	})
	p.tap("以后不用问")
	p.text("以后不再问")
	h.noViolations()
}
