package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/bot"
	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/internal/flowstest"
	"clipcase/internal/telegramtest"
	"clipcase/storage"
)

// window is a point between two effects of a process at which it can die.
type window string

// The windows on the way from an update to the screen that answers it.
const (
	beforeCommit window = "the update came, nothing is committed"
	afterCommit  window = "committed, Telegram is not told to forget the update"
	taken        window = "the screen is taken from the mailbox"
	beforeBegin  window = "about to mark it as being sent"
	afterBegin   window = "marked, the request has not left"
	afterEffect  window = "shown, the mailbox does not know"
)

var errDead = &flows.Error{Class: flows.Unavailable, Err: errors.New("the process is dead")}

// mortal stands between a bot and what it depends on, and dies in a window: from
// then on nothing it does has an effect.
type mortal struct {
	talk bot.Talk
	mail bot.Mailbox

	mu   sync.Mutex
	at   window // "" = it lives on
	past int    // how often it still gets through that window
	dead bool
	died chan struct{}
	sent int
}

// arm has it die in a window, after it got through there so many times.
func (m *mortal) arm(at window, past int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at, m.past = at, past
}

// reaches says whether the process still lives at a point.
func (m *mortal) reaches(at window) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.dead || m.at != at || at == "":
	case m.past > 0:
		m.past--
	default:
		m.dead = true
		close(m.died)
	}
	if m.dead {
		return errDead
	}
	return nil
}

func (m *mortal) Handle(ctx context.Context, e flows.Event) (flows.Screen, error) {
	if err := m.reaches(beforeCommit); err != nil {
		return flows.Screen{}, err
	}
	screen, err := m.talk.Handle(ctx, e)
	return screen, errors.Join(err, m.reaches(afterCommit))
}

func (m *mortal) Take(ctx context.Context, wait, ttl time.Duration) (flows.Letter, bool, error) {
	if err := m.reaches(""); err != nil {
		return flows.Letter{}, false, err
	}
	l, ok, err := m.mail.Take(ctx, wait, ttl)
	if ok {
		err = errors.Join(err, m.reaches(taken))
	}
	return l, ok && err == nil, err
}

func (m *mortal) Extend(ctx context.Context, l flows.Letter, ttl time.Duration) error {
	if err := m.reaches(""); err != nil {
		return err
	}
	return m.mail.Extend(ctx, l, ttl)
}

func (m *mortal) Begin(ctx context.Context, l flows.Letter) error {
	if err := m.reaches(beforeBegin); err != nil {
		return err
	}
	return errors.Join(m.mail.Begin(ctx, l), m.reaches(afterBegin))
}

func (m *mortal) Sent(ctx context.Context, l flows.Letter) error {
	if err := m.reaches(afterEffect); err != nil {
		return err
	}
	err := m.mail.Sent(ctx, l)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sent++
	return err
}

func (m *mortal) Later(ctx context.Context, l flows.Letter, at time.Time, unsent bool) error {
	if err := m.reaches(""); err != nil {
		return err
	}
	return m.mail.Later(ctx, l, at, unsent)
}

// street is one storage and one Telegram, with bots that come and go.
type street struct {
	t   *testing.T
	tg  *telegramtest.Server
	cat *catalog.Catalog
	dir string

	redis *storage.Redis
	mu    sync.Mutex
	ahead time.Duration // the clock is ahead of the real one
}

func newStreet(t *testing.T) *street {
	t.Helper()
	cat := flowstest.Catalogue(t)
	s := &street{t: t, tg: telegramtest.New(t), cat: cat, dir: shortDir(t)}
	s.open()
	t.Cleanup(func() { require.NoError(t, s.redis.Close()) })
	return s
}

func (s *street) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Now().Add(s.ahead)
}

// pass lets time go by.
func (s *street) pass(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
}

func (s *street) open() {
	s.t.Helper()
	r, err := storage.Open(s.t.Context(), storage.Config{DataDir: s.dir, Log: slog.New(slog.DiscardHandler), Clock: s.now, IDs: newID})
	require.NoError(s.t, err)
	s.redis = r
}

// crash kills the private Redis too and opens it as the next process does.
func (s *street) crash() {
	s.t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir, "redis", "redis.pid"))
	require.NoError(s.t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	require.NoError(s.t, err)
	require.NoError(s.t, syscall.Kill(pid, syscall.SIGKILL))
	require.NoError(s.t, s.redis.Close())
	s.open()
}

// noFiles is a blob store that nothing is asked of here.
type noFiles struct{}

func (noFiles) Open(context.Context, string) (io.ReadCloser, int64, error) { return nil, 0, errDead }

// live starts a bot; end waits until it is gone.
func (s *street) live() (m *mortal, end func()) {
	s.t.Helper()
	engine, err := flows.New(flows.Config{Access: flows.AccessOpen}, s.cat, s.redis.Cases(), s.redis.Gate(nil), s.now, newID)
	require.NoError(s.t, err)
	m = &mortal{talk: engine, mail: s.redis.Mailbox(), died: make(chan struct{})}
	b, err := bot.New(bot.Config{
		Token: s.tg.Token(), APIURL: s.tg.URL(), Log: slog.New(slog.DiscardHandler), Clock: s.now, IDs: newID,
		Pace: bot.Pace{PerChat: time.Millisecond, Overall: 1000, Retry: 20 * time.Millisecond, Poll: time.Second},
	}, s.cat, m, m, s.redis.Ledger(), s.redis.Notes(), noFiles{}, s.redis.Progress())
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(context.Background())
	gone := make(chan error, 1)
	go func() { gone <- b.Run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		require.NoError(s.t, <-gone)
	})
	s.t.Cleanup(end)
	return m, end
}

func (m *mortal) done() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sent
}

// moment is a death: what the person did last before it, and what they see of it.
type moment struct {
	at      window
	letter  letter
	pressed bool // the way forward was pressed; else a recording was sent
	least   int  // how often a screen comes marked as sent again,
	most    int  // which is left to chance where the person presses meanwhile
}

// letter is what a window is about where it is about something to be sent: what
// somebody new gets for their first recording, in this order.
type letter int

const (
	greeting letter = iota
	firstScreen
	firstLetters int = iota
)

func (l letter) String() string { return [...]string{"greeting", "first screen"}[l] }

func moments() []moment {
	return []moment{
		{at: beforeCommit}, {at: afterCommit},
		{at: taken}, {at: afterBegin, least: 1, most: 1}, {at: afterEffect, most: 1},
		{at: taken, letter: firstScreen}, {at: beforeBegin, letter: firstScreen},
		{at: afterBegin, letter: firstScreen, least: 1, most: 1}, {at: afterEffect, letter: firstScreen, most: 1},
		{at: beforeCommit, pressed: true}, {at: afterCommit, pressed: true}, {at: taken, pressed: true}, {at: afterEffect, pressed: true},
	}
}

// TestDeathInEveryWindow kills a bot at each point between an update and its
// screen, and the Redis with it or not. The next one takes up what is there: the
// person goes on to the end, with one case and at most one screen sent twice,
// and need not wait longer than a claim lasts.
func TestDeathInEveryWindow(t *testing.T) {
	t.Parallel()
	for _, m := range moments() {
		for name, revive := range map[string]func(*street){
			"the Redis dies too": (*street).crash,
			"the Redis lives on": func(s *street) { s.pass(15 * time.Second) },
		} {
			after := "recording, " + m.letter.String()
			if m.pressed {
				after = "press"
			}
			t.Run(after+", "+string(m.at)+", "+name, func(t *testing.T) {
				t.Parallel()
				s := newStreet(t)
				p := &person{t: t, user: s.tg.User(7, "zh-hans"), chat: s.tg.Chat(7)}
				s.die(m, p)
				revive(s)
				s.live()
				p.handIn()
				p.text("正在做")
				require.Contains(t, p.chat.Last().Words(), "正在做", "the screen in hand is the last\n%s", lateTranscript{p.chat})
				s.unharmed(m, p)
			})
		}
	}
}

// die lives up to the moment and is gone after it.
func (s *street) die(m moment, p *person) {
	s.t.Helper()
	first, end := s.live()
	if !m.pressed {
		first.arm(m.at, int(m.letter))
	}
	p.user.SendDocument(telegramtest.Media{Data: []byte("not looked at here"), Name: "录屏.mp4", Caption: "/appeal 账号被误封"})
	if m.pressed {
		p.screen("")
		require.Eventually(s.t, func() bool { return first.done() == firstLetters }, patience, 5*time.Millisecond)
		first.arm(m.at, 0)
		p.press("")
	}
	select {
	case <-first.died:
	case <-time.After(patience):
		s.t.Fatal("the bot did not come to the moment of its death")
	}
	end()
}

// TestPressWhileNobodyListens has the person press a screen that the dead bot
// could not write down as shown: the answer must come where they look.
func TestPressWhileNobodyListens(t *testing.T) {
	t.Parallel()
	for name, revive := range map[string]func(*street){
		"the Redis dies too": (*street).crash,
		"the Redis lives on": func(s *street) { s.pass(15 * time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t)
			p := &person{t: t, user: s.tg.User(7, "zh-hans"), chat: s.tg.Chat(7)}
			s.die(moment{at: afterEffect, letter: firstScreen}, p)
			require.Len(t, p.chat.FromBot(), firstLetters)
			p.press("")
			revive(s)
			s.live()
			p.handIn()
			p.text("正在做")
			require.Contains(t, p.chat.Last().Words(), "正在做", "%s", lateTranscript{p.chat})
			s.unharmed(moment{most: 1}, p)
		})
	}
}

// unharmed checks that there is one case and that no more was sent again than may be.
func (s *street) unharmed(m moment, p *person) {
	s.t.Helper()
	again, greeted, cases := 0, 0, map[string]bool{}
	for _, c := range s.tg.Calls("sendMessage", "editMessageText") {
		if strings.Contains(c.Params["text"], "重发") {
			again++
		}
	}
	for _, shown := range p.chat.FromBot() {
		if strings.Contains(shown.Words(), "谁在运行") {
			greeted++
		}
		for _, id := range caseNumber.FindAllString(shown.Words(), -1) {
			cases[id] = true
		}
	}
	require.Len(p.t, cases, 1, "%s", lateTranscript{p.chat})
	require.GreaterOrEqual(p.t, again, m.least, "%s", lateTranscript{p.chat})
	require.LessOrEqual(p.t, again, m.most, "%s", lateTranscript{p.chat})
	require.Positive(p.t, greeted, "who runs this was told\n%s", lateTranscript{p.chat})
	require.LessOrEqual(p.t, greeted, 1+again, "%s", lateTranscript{p.chat})
	require.LessOrEqual(p.t, len(p.chat.FromBot()), firstLetters+1+again, "the first screen changes in place, and the case is handed in\n%s", lateTranscript{p.chat})
	require.Empty(p.t, s.tg.Violations())
}
