package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"

	"clipcase/internal/browsertest"
	"clipcase/internal/telegramtest"
)

// patience is how long a test waits for something that is on its way; media work
// under the race detector on a busy machine is slow.
const patience = 3 * time.Minute

// unhurried is how long a process may take to end beside other tests;
// TestServeWithoutToken, beside which nothing runs, holds it to what is promised.
const unhurried = 20 * time.Second

// look is how often a test looks whether something has come.
const look = 50 * time.Millisecond

// journal keeps what a process wrote, to show it when a test fails.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// house is one installation: a data folder, a Telegram, and the process that
// serves, which can be killed and started again.
type house struct {
	t    *testing.T
	tg   *telegramtest.Server
	dir  string
	addr string
	env  []string
	log  *journal
	cmd  *exec.Cmd
	end  chan error

	fetched int // getFile calls that a test has waited for
}

func newHouse(t *testing.T, tg *telegramtest.Server, env ...string) *house {
	t.Helper()
	h := &house{t: t, tg: tg, dir: shortDir(t), addr: browsertest.Address(t), log: &journal{}}
	h.env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LANG=zh_CN.UTF-8", asProgram, unread,
		"DATA_DIR=" + h.dir, "LISTEN_ADDR=" + h.addr, "ACCESS=open", "TELEGRAM_API_URL=" + tg.URL(), "TELEGRAM_BOT_TOKEN=" + tg.Token(),
		hasty, "ADMIN_IDS=1",
	}, env...)
	h.endWithTest()
	return h
}

func (h *house) endWithTest() {
	h.t.Cleanup(func() {
		h.stop()
		if h.t.Failed() {
			h.t.Logf("what serve said:\n%s", h.log)
		}
	})
}

// shortDir is a folder whose name leaves room for a socket's.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cc")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return filepath.Join(dir, "data")
}

// start begins to serve and waits until the process is ready.
func (h *house) start() {
	h.t.Helper()
	h.cmd = exec.Command(os.Args[0], "serve")
	h.cmd.Env, h.cmd.Stdout, h.cmd.Stderr = h.env, h.log, h.log
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(h.t, h.cmd.Start())
	end := make(chan error, 1)
	cmd := h.cmd
	go func() { end <- cmd.Wait() }()
	h.end = end
	require.Eventually(h.t, func() bool { return h.get("/readyz") == http.StatusOK }, patience, look, "serve did not get ready")
}

// get asks the process' web server; 0 when it does not answer.
func (h *house) get(path string) int {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+h.addr+path, nil)
	require.NoError(h.t, err)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// kill ends the process at once, as a power cut would; the private Redis and the
// tools it runs are left to themselves.
func (h *house) kill() {
	h.t.Helper()
	require.NoError(h.t, h.cmd.Process.Kill())
	require.Error(h.t, <-h.end, "a killed process says so")
	h.cmd = nil
}

// stop asks the process to end and says how long that took.
func (h *house) stop() time.Duration {
	h.t.Helper()
	if h.cmd == nil {
		return 0
	}
	begin := time.Now()
	require.NoError(h.t, h.cmd.Process.Signal(syscall.SIGTERM))
	select {
	case err := <-h.end:
		require.NoError(h.t, err, "serve did not end well\n%s", h.log)
	case <-time.After(patience):
		_ = h.cmd.Process.Kill()
		h.t.Errorf("serve did not end in time, but: %v", <-h.end)
	}
	h.cmd = nil
	return time.Since(begin)
}

// person is someone who only does what the bot's screens offer.
type person struct {
	t     *testing.T
	house *house
	user  *telegramtest.User
	chat  *telegramtest.Chat
	taps  int
	last  string // callback data pressed last
}

func (h *house) person(id int64) *person { return h.speaking(id, "zh-hans") }

func (h *house) speaking(id int64, lang string) *person {
	user := h.tg.User(id, lang)
	return &person{t: h.t, house: h, user: user, chat: h.tg.Chat(id)}
}

// forward is the way forward on a message: the first button of its last row.
func forward(m telegramtest.Message) (models.InlineKeyboardButton, bool) {
	if m.ReplyMarkup == nil || len(m.ReplyMarkup.InlineKeyboard) == 0 {
		return models.InlineKeyboardButton{}, false
	}
	rows := m.ReplyMarkup.InlineKeyboard
	b := rows[len(rows)-1][0]
	return b, b.CallbackData != ""
}

// screen waits for a screen that was not answered yet and shows the words: the
// newest message with a way forward.
func (p *person) screen(words string) (found telegramtest.Message) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		for _, m := range slices.Backward(p.chat.Messages()) {
			if b, ok := forward(m); m.Mine() && ok {
				found = m
				return b.CallbackData != p.last && strings.Contains(m.Words(), words)
			}
		}
		return false
	}, patience, 50*time.Millisecond, "no new screen with %q:\n%s", words, lateTranscript{p.chat})
	return found
}

// press presses the way forward of a screen that shows the words.
func (p *person) press(words string) string {
	p.t.Helper()
	m := p.screen(words)
	b, _ := forward(m)
	p.last = b.CallbackData
	p.taps++
	p.user.Press(m.ID, b.CallbackData)
	return b.Text
}

// files waits until the chat holds n files of the bot's.
func (p *person) files(n int) []telegramtest.Message {
	p.t.Helper()
	var files []telegramtest.Message
	require.Eventually(p.t, func() bool {
		files = p.sent()
		return len(files) >= n
	}, patience, 100*time.Millisecond, "fewer than %d files came:\n%s", n, lateTranscript{p.chat})
	return files
}

// sent are the messages of the bot's that carry a file.
func (p *person) sent() []telegramtest.Message {
	var files []telegramtest.Message
	for _, m := range p.chat.Messages() {
		if m.Mine() && m.File != nil {
			files = append(files, m)
		}
	}
	return files
}

// text waits for a message of the bot's that contains the words.
func (p *person) text(words string) telegramtest.Message {
	p.t.Helper()
	return p.chat.Await(patience, func(m telegramtest.Message) bool { return m.Mine() && strings.Contains(m.Words(), words) })
}

// lateTranscript is written only if a test fails.
type lateTranscript struct{ chat *telegramtest.Chat }

func (l lateTranscript) String() string { return l.chat.Transcript() }

// noViolations checks that Telegram refused nothing the bot said, but for what
// the test caused itself.
func (h *house) noViolations() {
	h.t.Helper()
	var lines []string
	for _, c := range h.tg.Violations() {
		lines = append(lines, fmt.Sprintf("%s %v: %d %s", c.Method, c.Params, c.Status, c.Description))
	}
	require.Empty(h.t, lines)
	require.Empty(h.t, h.tg.Early(), "calls before the end of retry_after")
}
