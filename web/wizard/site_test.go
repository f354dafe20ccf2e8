package wizard_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/entry"
	"clipcase/web/page"
	"clipcase/web/wizard"
)

// site is the pages over a real conversation in memory, with the real way in.
type site struct {
	t      testing.TB
	store  *memory
	doors  *doors
	engine *flows.Engine
	mux    *http.ServeMux
	wizard *wizard.Wizard
	now    time.Time
	work   chan report
	log    *bytes.Buffer
}

// doors is what entry is given: sessions by cookie, and no limits but those set.
type doors struct {
	entry.Doors
	mu       sync.Mutex
	sessions map[string]pass.Session
	refuse   bool
}

func (d *doors) Shut(context.Context, string) (pass.Session, error) {
	return pass.Session{}, &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
}

func (d *doors) Session(_ context.Context, cookie string) (pass.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if s, ok := d.sessions[cookie]; ok {
		return s, nil
	}
	return pass.Session{}, &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
}

func (d *doors) Allow(context.Context, string, int, time.Duration) (bool, time.Duration, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return !d.refuse, time.Minute, nil
}

func newSite(t testing.TB) *site {
	t.Helper()
	cat := builtin(t)
	s := &site{
		t: t, store: newMemory(), doors: &doors{sessions: map[string]pass.Session{}}, mux: http.NewServeMux(),
		now: time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC), work: make(chan report), log: &bytes.Buffer{},
	}
	log := slog.New(slog.NewTextHandler(s.log, nil))
	clock := func() time.Time { return s.now }
	n := 0
	var mu sync.Mutex
	ids := func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("t%d", n)
	}
	var err error
	s.engine, err = flows.New(flows.Config{Access: flows.AccessOpen, Operator: "小林工作室"}, cat, s.store, noGate{}, clock, ids)
	require.NoError(t, err)
	pages, err := page.New(cat, log)
	require.NoError(t, err)
	way, err := entry.New(entry.Config{Access: flows.AccessOpen}, s.doors, s.engine, pages, log, clock)
	require.NoError(t, err)
	s.wizard, err = wizard.New(wizard.Config{
		Log: log, Clock: clock, IDs: ids, Heartbeat: 20 * time.Millisecond,
		Original: func(token string, _ *flows.Case, exhibit string) string {
			return "/dl/" + token + "/original/" + exhibit
		},
	}, s.engine, s.store, s.store, reports{s.work}, way, cat, pages, s.store)
	require.NoError(t, err)
	s.wizard.Routes(s.mux)
	return s
}

// browser is one person at the site.
type browser struct {
	*site
	actor  string
	cookie string
	csrf   string
	lang   string
	at     string     // address shown
	status int        // of the page shown
	page   *html.Node // shown
	raw    string
}

func (s *site) visit(actor, lang string) *browser {
	s.doors.mu.Lock()
	defer s.doors.mu.Unlock()
	letter := string(rune('a' + len(s.doors.sessions)))
	b := &browser{site: s, actor: actor, cookie: strings.Repeat(letter, 26), csrf: "csrf-" + letter, lang: lang}
	s.doors.sessions[b.cookie] = pass.Session{ID: "session-" + letter, Actor: actor, CSRF: b.csrf, Lang: lang, Expires: s.now.Add(pass.SessionTTL)}
	return b
}

// do sends a request and follows redirects, as browsers do.
func (b *browser) do(method, target string, form url.Values) *browser {
	b.t.Helper()
	for range 5 {
		answer := b.once(method, target, form)
		if answer.Code != http.StatusSeeOther {
			b.show(target, answer)
			return b
		}
		method, form = http.MethodGet, nil
		target, _, _ = strings.Cut(answer.Header().Get("Location"), "#")
	}
	b.t.Fatal("too many redirects")
	return b
}

func (b *browser) once(method, target string, form url.Values) *httptest.ResponseRecorder {
	b.t.Helper()
	target, _, _ = strings.Cut(target, "#")
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	r.AddCookie(&http.Cookie{Name: "clipcase", Value: b.cookie})
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	return w
}

func (b *browser) show(target string, w *httptest.ResponseRecorder) {
	b.t.Helper()
	b.at, b.status, b.raw = target, w.Code, w.Body.String()
	if strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
		var err error
		b.page, err = html.Parse(strings.NewReader(b.raw))
		require.NoError(b.t, err)
		b.sound()
	}
}

func (b *browser) get(target string) *browser { return b.do(http.MethodGet, target, nil) }

// primary presses the button that leads on: a link is followed, a form is sent
// with all its fields as they are.
func (b *browser) primary() *browser {
	b.t.Helper()
	go_ := find(b.page, func(n *html.Node) bool { return attr(n, "class") == "go" })
	require.Len(b.t, go_, 1, "one way on: %s", b.text())
	press := find(go_[0], func(n *html.Node) bool { return n.Data == "a" || n.Data == "button" })
	require.Len(b.t, press, 1)
	return b.press(press[0])
}

func (b *browser) press(n *html.Node) *browser {
	b.t.Helper()
	if n.Data == "a" {
		return b.get(attr(n, "href"))
	}
	return b.do(http.MethodPost, "/", b.form(n))
}

// form is what a browser sends when a button is pressed.
func (b *browser) form(button *html.Node) url.Values {
	b.t.Helper()
	var in *html.Node
	if id := attr(button, "form"); id != "" {
		in = find(b.page, func(n *html.Node) bool { return n.Data == "form" && attr(n, "id") == id })[0]
	} else {
		for in = button; in.Data != "form"; in = in.Parent {
			require.NotNil(b.t, in.Parent, "a button without a form")
		}
	}
	require.Equal(b.t, "post", attr(in, "method"))
	values := url.Values{}
	for _, n := range find(in, func(n *html.Node) bool { return attr(n, "name") != "" }) {
		switch {
		case n.Data == "textarea":
			values.Add(attr(n, "name"), strings.TrimPrefix(inner(n), "\n"))
		case n.Data == "select":
			values.Add(attr(n, "name"), attr(find(n, func(n *html.Node) bool { return n.Data == "option" })[0], "value"))
		case n.Data != "input":
		case (attr(n, "type") == "checkbox" || attr(n, "type") == "radio") && !has(n, "checked"):
		default:
			values.Add(attr(n, "name"), attr(n, "value"))
		}
	}
	if name := attr(button, "name"); name != "" {
		values.Add(name, attr(button, "value"))
	}
	return values
}

// button is the button with a name and value.
func (b *browser) button(name, value string) *html.Node {
	b.t.Helper()
	all := find(b.page, func(n *html.Node) bool {
		return n.Data == "button" && attr(n, "name") == name && attr(n, "value") == value
	})
	require.NotEmpty(b.t, all, "no button %s=%s on: %s", name, value, b.text())
	return all[0]
}

// upload does what the upload's finish does: the file enters the conversation.
func (b *browser) upload(name string) {
	b.t.Helper()
	id := fmt.Sprintf("upload:%s%d", name, b.now.UnixNano())
	_, err := b.engine.Handle(b.t.Context(), flows.Event{
		ID: id, Actor: b.actor, Chat: b.actor, At: b.now, Lang: b.lang, Kind: flows.EventFile, Direct: true,
		File: &flows.File{Ref: id, Unique: id, Name: name, Bytes: 312_000_000, Sent: flows.SentUpload},
	})
	require.NoError(b.t, err)
	b.now = b.now.Add(time.Second)
}

func (b *browser) state() flows.State {
	b.t.Helper()
	state, err := b.store.Load(b.t.Context(), b.actor, b.now)
	require.NoError(b.t, err)
	return state
}

func (b *browser) step() string {
	all := find(b.page, func(n *html.Node) bool { return has(n, "data-page") })
	if len(all) == 0 {
		return ""
	}
	return attr(all[0], "data-page")
}

func (b *browser) text() string { return strings.Join(strings.Fields(inner(b.page)), " ") }

func find(n *html.Node, is func(*html.Node) bool) []*html.Node {
	var all []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && is(d) {
			all = append(all, d)
		}
	}
	return all
}

func inner(n *html.Node) string {
	var all strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			all.WriteString(d.Data)
		}
	}
	return all.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
