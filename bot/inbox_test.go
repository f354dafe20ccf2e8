package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
)

func TestUpdatesAreHandledOnceAndInOrder(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	a, b := s.tg.User(7, "zh"), s.tg.User(8, "zh")
	var running, most atomic.Int32
	s.talk.answer = func(flows.Event, int) (flows.Screen, error) {
		most.Store(max(most.Load(), running.Add(1)))
		defer running.Add(-1)
		return flows.Screen{}, nil
	}
	for i := range 40 {
		a.Text(fmt.Sprint("a", i))
		b.Text(fmt.Sprint("b", i))
	}
	s.run(t)
	require.Eventually(t, func() bool { return s.tg.Pending() == 0 }, 10*time.Second, 5*time.Millisecond)
	got := map[string][]string{}
	for _, e := range s.talk.heard() {
		got[e.Actor] = append(got[e.Actor], e.Text[1:])
	}
	for actor, texts := range got {
		for i, text := range texts {
			require.Equal(t, fmt.Sprint(i), text, actor)
		}
		require.Len(t, texts, 40, actor)
	}
}

func TestOffsetWaitsForTheCommit(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	u := s.tg.User(7, "zh")
	var away atomic.Bool
	away.Store(true)
	s.talk.answer = func(flows.Event, int) (flows.Screen, error) {
		if away.Load() {
			return flows.Screen{}, &flows.Error{Class: flows.Unavailable, Err: errors.New("no store")}
		}
		return flows.Screen{}, nil
	}
	u.Text("一")
	u.Text("二")
	stop := s.run(t)
	require.Eventually(t, func() bool { return strings.Contains(s.logs.String(), "trying again") }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, 2, s.tg.Pending(), "confirmed without a commit")
	stop()
	require.Equal(t, 2, s.tg.Pending(), "stopping must not confirm either")

	away.Store(false) // a new process gets them again
	again := newStandAt(t, s)
	again.run(t)
	require.Eventually(t, func() bool { return s.tg.Pending() == 0 }, 5*time.Second, 5*time.Millisecond)
	heard := s.talk.heard()
	require.Len(t, heard, 2)
	require.Equal(t, "一", heard[0].Text)
}

// newStandAt is another process beside the same Telegram and the same stores.
func newStandAt(t *testing.T, s *stand) *stand {
	t.Helper()
	b, err := New(s.cfg, s.cat, s.talk, s.mail, s.book, s.notes, s.files, s.radio)
	require.NoError(t, err)
	copied := *s
	copied.Bot = b
	return &copied
}

func TestPoisonIsPassedOverAndTold(t *testing.T) {
	t.Parallel()
	for name, fail := range map[string]func() error{
		"error": func() error { return errors.New("cannot") },
		"panic": func() error { panic("secret words of a person") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, nil)
			u := s.tg.User(7, "zh")
			s.talk.answer = func(e flows.Event, _ int) (flows.Screen, error) {
				if e.Text == "毒" {
					return flows.Screen{}, fail()
				}
				return flows.Screen{}, nil
			}
			u.Text("毒")
			u.Text("好")
			s.run(t)
			u.AwaitText(10*time.Second, 0, "inc-1")
			require.Eventually(t, func() bool { return s.tg.Pending() == 0 }, 5*time.Second, 5*time.Millisecond)
			require.Equal(t, "好", s.talk.heard()[0].Text)
			require.Equal(t, s.cfg.Pace.Tries, s.talk.times[firstID(s)], "tries")
			require.Contains(t, s.logs.String(), "inc-1")
			require.NotContains(t, s.logs.String(), "secret words")
		})
	}
}

func firstID(s *stand) string {
	s.talk.mu.Lock()
	defer s.talk.mu.Unlock()
	for id, n := range s.talk.times {
		if n > 1 {
			return id
		}
	}
	return ""
}

func TestUpdateTheLibraryCannotReadIsPassedOver(t *testing.T) {
	t.Parallel()
	a, err := arrive([]byte(`{"update_id":5,"message":{"chat":{"id":7},"forward_origin":{"type":"from the future"}}}`))
	require.NoError(t, err)
	require.Error(t, a.broken)
	require.EqualValues(t, 7, a.chat)
	for _, raw := range []string{"", "{", "[]", "{}", `"x"`, `{"update_id":"x"}`} {
		_, err := arrive([]byte(raw))
		require.Error(t, err, raw)
	}
}

func TestTelegramAwayIsNoReasonToStop(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	s.tg.Faults.Reply5xx("getMe", 502, 2)
	s.tg.Faults.DropBefore("deleteWebhook", 1)
	s.tg.Faults.Reply5xx("getUpdates", 500, 2)
	u := s.tg.User(7, "zh")
	u.Text("一")
	s.run(t)
	require.Eventually(t, func() bool { return len(s.talk.heard()) == 1 }, 5*time.Second, 5*time.Millisecond)
	require.Equal(t, s.tg.Username(), s.Username())
	s.tg.Faults.Restart()
	u.Text("二")
	require.Eventually(t, func() bool { return len(s.talk.heard()) == 2 }, 5*time.Second, 5*time.Millisecond)
}

func TestIntroduction(t *testing.T) {
	t.Parallel()
	s := newStand(t, nil)
	stop := s.run(t)
	require.Eventually(t, func() bool {
		return s.tg.Said("short_description", "en") != "" && s.tg.Said("short_description", "zh") != "" && s.tg.Said("short_description", "") != ""
	}, 5*time.Second, 5*time.Millisecond)
	names := map[string]bool{}
	for _, c := range s.tg.Commands("default", "zh") {
		names[c.Command] = true
		require.True(t, s.knows(c.Command))
	}
	for _, want := range strings.Fields("start new appeal stolen copyright refund live ads order bug cases status done back cancel delete lang privacy help") {
		require.True(t, names[want], want)
	}
	require.Empty(t, s.tg.Violations())
	stop()
	before := len(s.tg.Calls("setMyCommands"))
	stop = newStandAt(t, s).run(t) // unchanged: not set again
	require.Eventually(t, func() bool { return len(s.tg.Calls("getUpdates")) > 1 }, 5*time.Second, 5*time.Millisecond)
	stop()
	require.Len(t, s.tg.Calls("setMyCommands"), before)
}

func TestWebhookAnswers(t *testing.T) {
	t.Parallel()
	s := newStand(t, func(c *Config) { c.WebhookURL, c.WebhookSecret = "https://bot.example.org/telegram/webhook", "s3cret" })
	handler := s.Webhook()
	post := func(method, secret, body string) int {
		r := httptest.NewRequest(method, "/telegram/webhook", strings.NewReader(body))
		r.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w.Code
	}
	good := `{"update_id":1,"message":{"message_id":1,"date":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":"一"}}`
	require.Equal(t, http.StatusInternalServerError, post("POST", "s3cret", good), "before the bot runs nothing may be lost")
	s.run(t)
	require.Eventually(t, func() bool { return len(s.tg.Calls("setWebhook")) == 1 }, 5*time.Second, 5*time.Millisecond)
	set := s.tg.Calls("setWebhook")[0]
	require.Equal(t, 200, set.Status, set.Description)
	require.Equal(t, "s3cret", set.Params["secret_token"])
	require.JSONEq(t, `["message","edited_message","callback_query","my_chat_member"]`, set.Params["allowed_updates"])

	require.Equal(t, http.StatusOK, post("POST", "s3cret", good))
	require.Equal(t, http.StatusUnauthorized, post("POST", "wrong", good))
	require.Equal(t, http.StatusUnauthorized, post("POST", "", good))
	require.Equal(t, http.StatusBadRequest, post("POST", "s3cret", `{bad`))
	require.Equal(t, http.StatusBadRequest, post("POST", "s3cret", `{}`))
	require.Equal(t, http.StatusRequestEntityTooLarge, post("POST", "s3cret", `{"x":"`+strings.Repeat("x", 2<<20)+`"}`))
	require.Equal(t, http.StatusMethodNotAllowed, post("GET", "s3cret", ""))
	require.Len(t, s.talk.heard(), 1)
	require.Empty(t, s.tg.Calls("getUpdates"))
}

func TestWebhookSays500UntilTheCommit(t *testing.T) {
	t.Parallel()
	s := newStand(t, func(c *Config) { c.WebhookURL, c.WebhookSecret = "https://bot.example.org/", "s3cret" })
	s.talk.answer = func(flows.Event, int) (flows.Screen, error) {
		return flows.Screen{}, &flows.Error{Class: flows.Unavailable, Err: errors.New("no store")}
	}
	s.run(t)
	require.Eventually(t, func() bool { return s.Username() != "" }, 5*time.Second, 5*time.Millisecond)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, "POST", "/", strings.NewReader(`{"update_id":1,"message":{"message_id":1,"date":1,"from":{"id":7},"chat":{"id":7,"type":"private"},"text":"一"}}`))
	r.Header.Set("X-Telegram-Bot-Api-Secret-Token", "s3cret")
	w := httptest.NewRecorder()
	s.Webhook().ServeHTTP(w, r)
	require.Equal(t, http.StatusInternalServerError, w.Code)
}

func TestWebhookEndToEnd(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var handler http.Handler
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := handler
		mu.Unlock()
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(door.Close)
	s := newStand(t, func(c *Config) { c.WebhookURL, c.WebhookSecret = "https://bot.example.org/telegram/webhook", "s3cret" },
		telegramtest.WebhookTo(door.URL), telegramtest.WebhookDelay(10*time.Millisecond))
	mu.Lock()
	handler = s.Webhook()
	mu.Unlock()
	s.talk.answer = func(e flows.Event, times int) (flows.Screen, error) {
		if e.Text == "2" && times < 3 {
			return flows.Screen{}, errors.New("not yet")
		}
		return flows.Screen{}, nil
	}
	s.run(t)
	u := s.tg.User(7, "zh")
	for i := range 5 {
		u.Text(fmt.Sprint(i))
	}
	require.Eventually(t, func() bool { return len(s.talk.heard()) == 5 && s.tg.Pending() == 0 }, 10*time.Second, 5*time.Millisecond)
	for i, e := range s.talk.heard() {
		require.Equal(t, fmt.Sprint(i), e.Text)
	}
}

func TestTurnsKeepOrderWhenOneGivesUp(t *testing.T) {
	t.Parallel()
	q := newTurns()
	first, leaveFirst := q.join(1)
	require.Nil(t, first)
	second, leaveSecond := q.join(1)
	third, leaveThird := q.join(1)
	other, leaveOther := q.join(2)
	require.Nil(t, other)
	leaveOther()
	leaveFirst()
	<-second
	select {
	case <-third:
		t.Fatal("the third overtook")
	default:
	}
	leaveSecond()
	<-third
	leaveThird()
	require.Empty(t, q.last)
}

func FuzzArrive(f *testing.F) {
	f.Add([]byte(`{"update_id":1,"callback_query":{"id":"1","from":{"id":7},"data":"a:b:c"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := arrive(raw)
		if err == nil {
			require.True(t, json.Valid(raw))
			require.NotEqual(t, a.update == nil, a.broken == nil)
		}
	})
}
