package wizard_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"clipcase/flows"
)

// stream is one page that is kept up to date.
type stream struct {
	t      *testing.T
	lines  *bufio.Scanner
	status int
	close  func()
}

func (b *browser) stream(server *httptest.Server, target string) *stream {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+target, nil)
	require.NoError(b.t, err)
	r.AddCookie(&http.Cookie{Name: "clipcase", Value: b.cookie})
	answer, err := server.Client().Do(r)
	require.NoError(b.t, err)
	s := &stream{t: b.t.(*testing.T), lines: bufio.NewScanner(answer.Body), status: answer.StatusCode}
	s.close = func() { cancel(); _ = answer.Body.Close() }
	b.t.Cleanup(s.close)
	return s
}

type news struct {
	Case    string
	Text    string
	Percent int
	URL     string
	Made    int
	Done    bool
}

// next is the next event; ok is false at the end.
func (s *stream) next() (n news, ok bool) {
	s.t.Helper()
	for s.lines.Scan() {
		if body, found := strings.CutPrefix(s.lines.Text(), "data: "); found {
			require.NoError(s.t, json.Unmarshal([]byte(body), &n))
			return n, true
		}
	}
	return n, false
}

func TestProgress(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	b.primary()
	server := httptest.NewServer(b.mux)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.wizard.Run(ctx) }()

	say := func(p flows.WorkProgress) {
		p.Case = "CC0042"
		b.work <- report{"web:1", p}
	}
	first := b.stream(server, "/progress?case=CC0042")
	n, ok := first.next()
	require.True(t, ok)
	require.Equal(t, news{Case: "CC0042", Text: "马上开始。", Percent: -1}, n)
	say(flows.WorkProgress{Place: 3})
	n, _ = first.next()
	require.Equal(t, news{Case: "CC0042", Text: "排队中，前面还有 3 份，轮到时自动开始。", Percent: -1}, n)
	say(flows.WorkProgress{Step: "render", Percent: 42.4, Left: 37})
	n, _ = first.next()
	require.Equal(t, news{Case: "CC0042", Text: "正在压缩和剪辑，已完成 42%，还要约 40 秒。", Percent: 42}, n)

	second := b.stream(server, "/progress") // a page that comes later knows at once
	n, _ = second.next()
	require.Equal(t, 42, n.Percent)
	b.get("/")
	bar := find(b.page, func(n *html.Node) bool { return n.Data == "progress" })
	require.Equal(t, "42", attr(bar[0], "value"), "after reload too, and without scripts")

	b.store.Work(t, "CC0042", func(c *flows.Case) ([]flows.Effect, error) {
		if _, err := c.ClaimPacks("w"); err != nil {
			return nil, err
		}
		p := &c.Packs[0]
		p.Parted, p.Pieces = true, []flows.Piece{{Name: "1.jpg", Blob: "x"}, {Name: "2.gif"}}
		return nil, nil
	})
	for _, s := range []*stream{first, second} {
		n, _ = s.next()
		require.Equal(t, "/case/tokenCC0042", n.URL, "what is made so far can be seen")
		require.Equal(t, 1, n.Made)
		require.False(t, n.Done)
	}
	b.get("/")
	require.Contains(t, b.text(), "先看已经做好的部分")
	b.store.make(t, "CC0042", b.now)
	n, _ = b.stream(server, "/progress").next()
	require.False(t, n.Done, "it is not theirs yet, and the case page would wait for that too")
	b.store.handOut(t, "CC0042", b.now)
	for _, s := range []*stream{first, second} {
		if n, _ = s.next(); !n.Done { // it was looked at between the making and the handing out
			n, _ = s.next()
		}
		require.Equal(t, news{Case: "CC0042", Text: "现在没有正在做的了。", Percent: 100, URL: "/case/tokenCC0042", Done: true}, n)
		_, ok = s.next()
		require.False(t, ok, "nothing comes after the end")
	}
	cancel()
	require.NoError(t, <-ended)
}

func TestProgressIsNotKeptOpenForItsHead(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	b.primary()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r := httptest.NewRequest(http.MethodHead, "/progress", http.NoBody).WithContext(ctx)
	r.AddCookie(&http.Cookie{Name: "clipcase", Value: b.cookie})
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	require.NoError(t, ctx.Err(), "answered at once")
	require.Equal(t, "text/event-stream", w.Header().Get("Content-Type"))
}

// TestProgressEndsWithTheSession: whoever logs out or is banned hears nothing more
// within a heartbeat.
func TestProgressEndsWithTheSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *browser){
		"logged out": func(b *browser) {
			b.doors.mu.Lock()
			defer b.doors.mu.Unlock()
			delete(b.doors.sessions, b.cookie)
		},
		"banned": func(b *browser) {
			b.store.Mu.Lock()
			defer b.store.Mu.Unlock()
			b.store.People["web:1"] = flows.Person{Banned: true}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := at(t, "zh", "review")
			b.primary()
			server := httptest.NewServer(b.mux)
			defer server.Close()
			s := b.stream(server, "/progress?case=CC0042")
			_, ok := s.next()
			require.True(t, ok)
			end(b)
			_, ok = s.next()
			require.False(t, ok, "the stream ends")
		})
	}
}

func TestProgressOfOthers(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	b.primary()
	other := b.visit("web:2", "zh")
	foreign, absent := other.once(http.MethodGet, "/progress?case=CC0042", nil), other.once(http.MethodGet, "/progress?case=CC9999", nil)
	require.Equal(t, http.StatusNotFound, foreign.Code)
	require.Equal(t, absent.Body.String(), foreign.Body.String())
}

// TestEnd: pages that are kept up to date end with the program.
func TestEnd(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "review")
	b.primary()
	server := httptest.NewServer(b.mux)
	defer server.Close()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- b.wizard.Run(ctx) }()
	s := b.stream(server, "/progress?case=CC0042")
	_, ok := s.next()
	require.True(t, ok)
	cancel()
	require.NoError(t, <-ended)
	_, ok = s.next()
	require.False(t, ok)
}

func TestThumbs(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "key")
	thumbs := find(b.page, func(n *html.Node) bool { return n.Data == "img" })
	require.Len(t, thumbs, flows.Previews)
	src := attr(thumbs[3], "src")
	answer := b.once(http.MethodGet, src, nil)
	require.Equal(t, http.StatusOK, answer.Code)
	require.Equal(t, "image/jpeg", answer.Header().Get("Content-Type"))
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, "\xff\xd8jpeg", string(body))

	other := b.visit("web:2", "zh")
	other.get("/")
	absent := other.once(http.MethodGet, "/thumb/e1/3?case=CC7777", nil)
	for who, paths := range map[*browser][]string{
		other: {src, "/thumb/e1/3", "/thumb/e1/3?case="},
		b:     {"/thumb/e1/12?case=CC0042", "/thumb/e1/-1?case=CC0042", "/thumb/e1/03?case=CC0042", "/thumb/e9/3?case=CC0042", "/thumb/..%2fe1/3?case=CC0042", "/thumb/e1/3?case=CC0041"},
	} {
		for _, path := range paths {
			got := who.once(http.MethodGet, path, nil)
			require.Equal(t, http.StatusNotFound, got.Code, path)
			if who == other {
				require.Equal(t, absent.Body.String(), got.Body.String(), path)
			}
		}
	}
	clear(b.store.blobs)
	b.get("/")
	require.Empty(t, find(b.page, func(n *html.Node) bool { return n.Data == "img" }), "no pictures, nothing shown")
	looks := func() bool {
		return len(find(b.page, func(n *html.Node) bool {
			return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "data-look" })
		})) > 0
	}
	require.True(t, looks(), "they may come yet")
	b.now = b.now.Add(time.Hour)
	b.get("/")
	require.Equal(t, "key", b.step())
	require.False(t, looks(), "nobody makes them any more")
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	b := at(t, "en", "review")
	form := b.form(b.button("choice", "next"))
	b.store.Fail = &flows.Error{Class: flows.Unavailable, Text: flows.T("talk.busy"), Err: errors.New("secret address")}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if method == http.MethodGet {
			b.do(method, "/", nil)
		} else {
			b.do(method, "/", form)
		}
		require.Equal(t, http.StatusServiceUnavailable, b.status)
		require.Contains(t, b.text(), "It is a little busy right now")
		require.NotContains(t, b.raw, "secret")
	}
	b.store.Fail = errors.New("secret")
	b.get("/cases")
	require.Equal(t, http.StatusInternalServerError, b.status)
	require.NotContains(t, b.raw, "secret")
	b.store.Fail = nil
	b.do(http.MethodPost, "/", form)
	require.Equal(t, "work", b.step(), "what failed can be sent again")
}

// TestOtherLanguage: a page in another language than the last screen asks anew.
func TestOtherLanguage(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "can")
	english := b.visit("web:1", "en")
	english.get("/")
	require.Equal(t, "can", english.step())
	require.Contains(t, english.text(), "I can send e-mail from my own mailbox")
	require.NotContains(t, english.text(), "能给")
}

// TestFromTheChat: a person who talks to the bot finds the same step here, also
// when a step was taken there meanwhile.
func TestFromTheChat(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	say := func(e flows.Event) {
		e.ID, e.Actor, e.Chat, e.At = "tg:"+e.Command+e.Choice, "tg:42", "tg:42", s.now
		_, err := s.engine.Handle(t.Context(), e)
		require.NoError(t, err)
	}
	say(flows.Event{Kind: flows.EventCommand, Command: "appeal"})
	b := s.visit("tg:42", "zh")
	b.get("/")
	require.Equal(t, "can", b.step())
	b.primary()
	require.Equal(t, "exhibits", b.step())
	require.Equal(t, "tg:42", b.store.grants[0].Chat)
	say(flows.Event{Kind: flows.EventCommand, Command: "help"})
	b.get("/")
	require.Equal(t, "exhibits", b.step(), "what stands alone there does not end the step here")
	b.press(b.button("command", "help"))
	require.Contains(t, b.text(), "怎么用")
	b.primary()
	require.Equal(t, "exhibits", b.step())
}

func TestBanned(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "can")
	b.store.People["web:1"] = flows.Person{Banned: true}
	b.get("/")
	require.Equal(t, http.StatusNotFound, b.status)
	require.NotContains(t, b.text(), "您现在还能做哪些事")
}

func TestNobody(t *testing.T) {
	t.Parallel()
	b := newSite(t).visit("web:1", "zh")
	b.cookie = strings.Repeat("z", 26)
	for _, path := range []string{"/cases", "/progress", "/thumb/e1/0?case=CC0042"} {
		require.Equal(t, http.StatusNotFound, b.once(http.MethodGet, path, nil).Code, path)
	}
	require.Equal(t, http.StatusOK, b.once(http.MethodGet, "/", nil).Code, "the landing page")
	require.Zero(t, b.store.Commits)
}

func TestLimited(t *testing.T) {
	t.Parallel()
	b := at(t, "zh", "can")
	commits := b.store.Commits
	form := b.form(b.button("choice", "next"))
	b.doors.mu.Lock()
	b.doors.refuse = true
	b.doors.mu.Unlock()
	require.Equal(t, http.StatusTooManyRequests, b.once(http.MethodPost, "/", form).Code)
	for _, path := range []string{"/", "/?live=1", "/cases", "/progress", "/thumb/e1/0?case=CC0042"} {
		require.Equal(t, http.StatusTooManyRequests, b.once(http.MethodGet, path, nil).Code, path)
	}
	require.Equal(t, commits, b.store.Commits)
}
