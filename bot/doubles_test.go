package bot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/flowstest"
	"clipcase/internal/telegramtest"
)

// talker records events; answer says what comes back.
type talker struct {
	mu     sync.Mutex
	events []flows.Event
	answer func(e flows.Event, times int) (flows.Screen, error)
	times  map[string]int
}

func (t *talker) Handle(ctx context.Context, e flows.Event) (flows.Screen, error) {
	t.mu.Lock()
	if t.times == nil {
		t.times = map[string]int{}
	}
	t.times[e.ID]++
	times := t.times[e.ID]
	t.mu.Unlock()
	var screen flows.Screen
	var err error
	if t.answer != nil {
		screen, err = t.answer(e, times)
	}
	if err == nil {
		t.mu.Lock()
		t.events = append(t.events, e)
		t.mu.Unlock()
	}
	return screen, err
}

func (t *talker) heard() []flows.Event {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]flows.Event(nil), t.events...)
}

// mailbox keeps letters in order for each chat.
type mailbox struct {
	mu      sync.Mutex
	letters []flows.Letter
	due     map[string]time.Time
	claimed map[string]bool
	wake    chan struct{}
	begin   func() error
	sent    func(l flows.Letter) error

	extended int
	lost     int // times extending is refused
}

func newMailbox() *mailbox {
	return &mailbox{due: map[string]time.Time{}, claimed: map[string]bool{}, wake: make(chan struct{}, 1)}
}

func (m *mailbox) put(l flows.Letter) {
	m.mu.Lock()
	if l.ID == "" {
		l.ID = fmt.Sprintf("letter-%d", len(m.letters)+1)
	}
	if l.Kind == "" {
		l.Kind = flows.EffectShow
	}
	if l.Since.IsZero() {
		l.Since = time.Now()
	}
	m.letters = append(m.letters, l)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mailbox) Take(ctx context.Context, wait, _ time.Duration) (flows.Letter, bool, error) {
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		if l, ok := m.next(); ok {
			return l, true, nil
		}
		tick := time.NewTimer(5 * time.Millisecond)
		select {
		case <-ctx.Done():
			tick.Stop()
			return flows.Letter{}, false, ctx.Err()
		case <-timeout.C:
			tick.Stop()
			return flows.Letter{}, false, nil
		case <-m.wake:
		case <-tick.C:
		}
		tick.Stop()
	}
}

func (m *mailbox) next() (flows.Letter, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seen := map[string]bool{}
	for _, l := range m.letters {
		if seen[l.Chat] {
			continue
		}
		seen[l.Chat] = true
		if !m.claimed[l.Chat] && !time.Now().Before(m.due[l.Chat]) {
			m.claimed[l.Chat] = true
			return l, true
		}
	}
	return flows.Letter{}, false
}

func (m *mailbox) change(l flows.Letter, f func(i int)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.letters {
		if m.letters[i].ID == l.ID {
			f(i)
			return
		}
	}
}

func (m *mailbox) Extend(_ context.Context, l flows.Letter, _ time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.extended++
	if m.lost > 0 {
		m.lost--
		return &flows.Error{Class: flows.Conflict, Err: errors.New("the claim has ended")}
	}
	return nil
}

func (m *mailbox) Begin(_ context.Context, l flows.Letter) error {
	if m.begin != nil {
		if err := m.begin(); err != nil {
			return err
		}
	}
	m.change(l, func(i int) { m.letters[i].Begun = true })
	return nil
}

func (m *mailbox) Sent(_ context.Context, l flows.Letter) error {
	if m.sent != nil {
		if err := m.sent(l); err != nil {
			m.change(l, func(int) { m.claimed[l.Chat] = false }) // the claim ends by itself
			return err
		}
	}
	m.change(l, func(i int) { m.letters = append(m.letters[:i], m.letters[i+1:]...); m.claimed[l.Chat] = false })
	return nil
}

func (m *mailbox) Later(_ context.Context, l flows.Letter, at time.Time, unsent bool) error {
	m.change(l, func(i int) {
		if unsent {
			m.letters[i].Begun = false
		}
		m.due[l.Chat], m.claimed[l.Chat] = at, false
	})
	return nil
}

func (m *mailbox) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.letters)
}

func (m *mailbox) extensions() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.extended
}

// refuse makes the next times to extend a claim fail: it has ended.
func (m *mailbox) refuse(times int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lost = times
}

func (m *mailbox) refusals() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lost
}

// book is a ledger in memory.
type book struct {
	mu    sync.Mutex
	marks map[string]flows.Mark
	sent  map[string]string
}

func newBook() *book { return &book{marks: map[string]flows.Mark{}, sent: map[string]string{}} }

func (b *book) Begin(_ context.Context, ledger, item string) (flows.Mark, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := ledger + "/" + item
	mark := b.marks[key]
	switch mark {
	case flows.MarkNew:
		b.marks[key] = flows.MarkUncertain
	case flows.MarkUncertain:
		b.marks[key] = flows.MarkUncertainTwice
	}
	return mark, nil
}

func (b *book) Sent(_ context.Context, ledger, item, message string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.marks[ledger+"/"+item] = flows.MarkSent
	b.sent[ledger+"/"+item] = message
	return nil
}

func (b *book) Unsent(_ context.Context, ledger, item string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := ledger + "/" + item
	if b.marks[key] == flows.MarkUncertainTwice {
		b.marks[key] = flows.MarkUncertain
	} else {
		b.marks[key] = flows.MarkNew
	}
	return nil
}

// slips are notes in memory.
type slips struct{ sync.Map }

func (s *slips) Note(_ context.Context, key string) (string, error) {
	if v, ok := s.Load(key); ok {
		return v.(string), nil
	}
	return "", nil
}

func (s *slips) SetNote(_ context.Context, key, value string, _ time.Duration) error {
	s.Store(key, value)
	return nil
}

// shelf is blobs in memory; it counts how often each was opened.
type shelf struct {
	mu     sync.Mutex
	blobs  map[string][]byte
	opened map[string]int
}

func (s *shelf) Open(_ context.Context, key string) (io.ReadCloser, int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, ok := s.blobs[key]
	if !ok {
		return nil, 0, &flows.Error{Class: flows.NotFound, Err: errors.New("no such blob")}
	}
	if s.opened == nil {
		s.opened = map[string]int{}
	}
	s.opened[key]++
	return io.NopCloser(bytes.NewReader(data)), int64(len(data)), nil
}

func (s *shelf) times(key string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened[key]
}

// radio passes progress on.
type radio struct{ reports chan report }

type report struct {
	chat string
	p    flows.WorkProgress
}

func (r *radio) Watch(ctx context.Context, each func(string, flows.WorkProgress)) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case one := <-r.reports:
			each(one.chat, one.p)
		}
	}
}

// stand is a bot with everything around it.
type stand struct {
	*Bot
	tg    *telegramtest.Server
	talk  *talker
	mail  *mailbox
	book  *book
	notes *slips
	files *shelf
	radio *radio
	logs  *logs
}

// quick is a pace that tests can wait for.
func quick() Pace {
	return Pace{PerChat: time.Millisecond, PerGroup: time.Millisecond, Overall: 2000, First: time.Millisecond, Edit: 20 * time.Millisecond,
		Stall: 2 * time.Second, Patience: 5 * time.Second, Retry: 10 * time.Millisecond, Poll: 2 * time.Second}
}

func newStand(t *testing.T, change func(*Config), opts ...telegramtest.Option) *stand {
	t.Helper()
	cat := flowstest.Catalogue(t)
	s := &stand{
		tg: telegramtest.New(t, opts...), talk: &talker{}, mail: newMailbox(), book: newBook(), notes: &slips{},
		files: &shelf{blobs: map[string][]byte{}}, radio: &radio{reports: make(chan report)}, logs: &logs{},
	}
	n := 0
	cfg := Config{
		Token: s.tg.Token(), APIURL: s.tg.URL(), Log: slog.New(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Clock: time.Now, IDs: func() string { n++; return fmt.Sprintf("inc-%d", n) }, Pace: quick(),
	}
	if change != nil {
		change(&cfg)
	}
	var err error
	s.Bot, err = New(cfg, cat, s.talk, s.mail, s.book, s.notes, s.files, s.radio)
	require.NoError(t, err)
	t.Cleanup(func() {
		s.wire.client.CloseIdleConnections()
		require.NotContains(t, s.logs.String(), s.tg.Token(), "the token in the log")
	})
	return s
}

// run runs the bot until the test ends or stop is called.
func (s *stand) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-ended:
				require.NoError(t, err)
			case <-time.After(5 * time.Second):
				t.Error("the bot did not end within 5 s")
			}
		})
	}
	t.Cleanup(stop)
	return stop
}

// logs collects what is logged.
type logs struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

// words is a screen of one paragraph.
func words(text string) *flows.Screen {
	return &flows.Screen{Step: "step", Token: "tok", Lang: "zh", Blocks: []flows.Block{{Text: flows.Text{Plain: text}}}}
}

func letterTo(chat int64, s *flows.Screen) flows.Letter {
	return flows.Letter{Effect: flows.Effect{Kind: flows.EffectShow, Actor: person(chat), Chat: person(chat), Screen: s}}
}
