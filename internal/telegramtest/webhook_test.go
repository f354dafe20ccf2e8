package telegramtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-telegram/bot/models"
	"github.com/stretchr/testify/require"
)

// hookLog is a webhook that answers what the test says and remembers.
type hookLog struct {
	mu     sync.Mutex
	got    []string
	secret string
	path   string
	reply  func(text string, n int) (status int, body string)
	seen   map[string]int
}

func (h *hookLog) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, _ := io.ReadAll(r.Body)
	var u models.Update
	_ = json.Unmarshal(raw, &u)
	h.mu.Lock()
	defer h.mu.Unlock()
	text := u.Message.Text
	h.seen[text]++
	h.got = append(h.got, text)
	h.secret, h.path = r.Header.Get("X-Telegram-Bot-Api-Secret-Token"), r.URL.Path
	status, body := 200, ""
	if h.reply != nil {
		status, body = h.reply(text, h.seen[text])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func (h *hookLog) texts() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string{}, h.got...)
}

func hooked(t *testing.T, h *hookLog) *Server {
	h.seen = map[string]int{}
	web := httptest.NewServer(h)
	t.Cleanup(web.Close)
	s := New(t, WebhookTo(web.URL), WebhookDelay(5*time.Millisecond))
	require.True(t, call(t, s, "setWebhook", args{"url": "https://bot.example/hook", "secret_token": "s3cret"}, nil).OK)
	return s
}

func empty(t *testing.T, s *Server) {
	t.Helper()
	require.Eventually(t, func() bool { return s.Pending() == 0 }, 5*time.Second, 2*time.Millisecond)
}

func TestWebhookInOrderUntilTaken(t *testing.T) {
	t.Parallel()
	h := &hookLog{reply: func(text string, n int) (int, string) {
		if text == "a" && n < 4 {
			return 500, ""
		}
		return 200, ""
	}}
	s := hooked(t, h)
	u := s.User(5, "")
	u.Text("a")
	u.Text("b")
	empty(t, s)
	require.Equal(t, []string{"a", "a", "a", "a", "b"}, h.texts(), "the next of a chat waits for the first")
	require.Equal(t, "s3cret", h.secret)
	require.Equal(t, "/hook", h.path)
	r := call(t, s, "getWebhookInfo", nil, nil)
	require.Contains(t, string(r.Result), "Wrong response from the webhook: 500")
}

func TestWebhookChatsDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	h := &hookLog{reply: func(text string, _ int) (int, string) {
		if text == "stuck" {
			return 503, ""
		}
		return 200, ""
	}}
	s := hooked(t, h)
	s.User(5, "").Text("stuck")
	s.User(6, "").Text("free")
	require.Eventually(t, func() bool { return s.Pending() == 1 }, 5*time.Second, 2*time.Millisecond)
	require.Contains(t, h.texts(), "free")
	require.True(t, call(t, s, "deleteWebhook", args{"drop_pending_updates": true}, nil).OK)
	require.Zero(t, s.Pending())
}

func TestWebhookAnswerIsCarriedOut(t *testing.T) {
	t.Parallel()
	h := &hookLog{reply: func(string, int) (int, string) {
		return 200, `{"method":"sendMessage","chat_id":5,"text":"by the answer"}`
	}}
	s := hooked(t, h)
	u := s.User(5, "")
	u.Text("a")
	u.AwaitText(5*time.Second, 0, "by the answer")
	empty(t, s)
}

func TestWebhookDuplicates(t *testing.T) {
	t.Parallel()
	h := &hookLog{}
	s := hooked(t, h)
	s.Faults.DuplicateUpdates(2)
	s.User(5, "").Text("a")
	empty(t, s)
	require.Equal(t, []string{"a", "a", "a"}, h.texts())
}
