package entry

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/internal/flowstest"
	"clipcase/web/page"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func gone() error {
	return &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent"), Err: errors.New("absent")}
}

func away() error {
	return &flows.Error{Class: flows.Unavailable, Text: flows.T("talk.busy"), Err: errors.New("redis is away")}
}

// fakeDoors is Doors in maps. It fails the test on what storage would refuse.
type fakeDoors struct {
	t        *testing.T
	mu       sync.Mutex
	n        int
	sessions map[string]pass.Session
	banned   map[string]bool // actors
	logins   map[string]pass.Login
	codes    map[string]string // return code → actor
	over     map[string]bool   // invitations that are known to be no good
	tries    map[string]int
	called   map[string]int
	fail     map[string]error // by method
}

func newDoors(t *testing.T) *fakeDoors {
	return &fakeDoors{
		t: t, sessions: map[string]pass.Session{}, banned: map[string]bool{}, logins: map[string]pass.Login{}, codes: map[string]string{},
		tries: map[string]int{}, called: map[string]int{}, fail: map[string]error{},
	}
}

// call notes a call and gives the failure it shall have.
func (d *fakeDoors) call(what string) error {
	d.called[what]++
	return d.fail[what]
}

// token is the nth token: 26 characters a–z.
func token(kind byte, n int) string {
	return strings.Repeat(string(kind), 24) + string(rune('a'+n/26)) + string(rune('a'+n%26))
}

func (d *fakeDoors) OpenSession(ctx context.Context, actor, lang string) (string, pass.Session, error) {
	return d.open(ctx, "OpenSession", actor, lang, false)
}

func (d *fakeDoors) OpenShut(ctx context.Context, actor, lang string) (string, pass.Session, error) {
	return d.open(ctx, "OpenShut", actor, lang, true)
}

func (d *fakeDoors) open(ctx context.Context, what, actor, lang string, shut bool) (string, pass.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := errors.Join(d.call(what), ctx.Err()); err != nil {
		return "", pass.Session{}, err
	}
	if d.banned[actor] != shut {
		return "", pass.Session{}, gone()
	}
	if actor == "" || lang != "zh" && lang != "en" {
		d.t.Errorf("session for %q in %q", actor, lang)
	}
	d.n++
	cookie := token('s', d.n)
	s := pass.Session{ID: "id-" + cookie, Actor: actor, CSRF: token('f', d.n), Lang: lang, Created: now, Expires: now.Add(pass.SessionTTL)}
	d.sessions[cookie] = s
	return cookie, s, nil
}

func (d *fakeDoors) Session(_ context.Context, cookie string) (pass.Session, error) {
	return d.session("Session", cookie, false)
}

func (d *fakeDoors) Shut(_ context.Context, cookie string) (pass.Session, error) {
	return d.session("Shut", cookie, true)
}

func (d *fakeDoors) session(what, cookie string, shut bool) (pass.Session, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !pass.IsCode(cookie) {
		d.t.Errorf("a malformed cookie was looked up")
	}
	if err := d.call(what); err != nil {
		return pass.Session{}, err
	}
	if s, ok := d.sessions[cookie]; ok && d.banned[s.Actor] == shut {
		return s, nil
	}
	return pass.Session{}, gone()
}

func (d *fakeDoors) SetSessionLang(_ context.Context, cookie, lang string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	s, ok := d.sessions[cookie]
	if !ok || lang != "zh" && lang != "en" {
		d.t.Errorf("language %q", lang)
	}
	s.Lang = lang
	d.sessions[cookie] = s
	return d.call("SetSessionLang")
}

func (d *fakeDoors) CloseSession(_ context.Context, cookie string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call("CloseSession"); err != nil {
		return err
	}
	delete(d.sessions, cookie)
	return nil
}

func (d *fakeDoors) PeekLogin(_ context.Context, code string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call("PeekLogin"); err != nil {
		return err
	}
	if _, ok := d.logins[code]; !ok {
		return gone()
	}
	return nil
}

func (d *fakeDoors) UseLogin(_ context.Context, code string) (pass.Login, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call("UseLogin"); err != nil {
		return pass.Login{}, err
	}
	l, ok := d.logins[code]
	if !ok {
		return l, gone()
	}
	delete(d.logins, code)
	return l, nil
}

func (d *fakeDoors) PeekInvite(_ context.Context, code string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call("PeekInvite"); err != nil {
		return err
	}
	if d.over[code] {
		return gone()
	}
	return nil
}

func (d *fakeDoors) NewReturnCode(_ context.Context, actor string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.call("NewReturnCode"); err != nil {
		return "", err
	}
	for code, of := range d.codes {
		if of == actor {
			delete(d.codes, code)
		}
	}
	d.n++
	code := "1234 5678 " + regexp.MustCompile(`\d{4}$`).FindString("000"+string(rune('0'+d.n/10))+string(rune('0'+d.n%10)))
	d.codes[code] = actor
	return code, nil
}

func (d *fakeDoors) UseReturnCode(_ context.Context, code string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(code) > returnLongest {
		d.t.Errorf("%d characters were hashed", len(code))
	}
	if err := d.call("UseReturnCode"); err != nil {
		return "", err
	}
	actor, ok := d.codes[code]
	if !ok {
		return "", gone()
	}
	return actor, nil
}

func (d *fakeDoors) Allow(_ context.Context, key string, most int, per time.Duration) (bool, time.Duration, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if most < 1 || per <= 0 || key == "" || regexp.MustCompile(`[sfr]{24}`).MatchString(key) {
		d.t.Errorf("limit %q: %d in %s", key, most, per)
	}
	if err := d.call("Allow"); err != nil {
		return false, 0, err
	}
	if d.tries[key]++; d.tries[key] > most {
		return false, 90 * time.Second, nil
	}
	return true, 0, nil
}

// fakeTalk lets in by codes, each for so many people, as the conversation does.
type fakeTalk struct {
	t      *testing.T
	mu     sync.Mutex
	uses   map[string]int
	ids    map[string]bool
	events []flows.Event
	fail   error
}

func (f *fakeTalk) Handle(ctx context.Context, e flows.Event) (flows.Screen, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !strings.HasPrefix(e.ID, "web:") || f.ids[e.ID] || e.Actor == "" || e.Chat != e.Actor || !e.Direct || e.Kind != flows.EventCommand ||
		e.Command != "start" || !strings.HasPrefix(e.Text, "i_") || !e.At.Equal(now) || e.Lang == "" || ctx.Err() != nil {
		f.t.Errorf("event %+v, %v", e, ctx.Err())
	}
	f.ids[e.ID] = true
	f.events = append(f.events, e)
	if f.fail != nil {
		return flows.Screen{}, f.fail
	}
	code := strings.TrimPrefix(e.Text, "i_")
	if f.uses[code] == 0 {
		return flows.Screen{Step: "note", Blocks: []flows.Block{{Text: flows.T("talk.access.badcode")}}}, nil
	}
	f.uses[code]--
	return flows.Screen{Step: "scenario", Blocks: []flows.Block{{Text: flows.T("talk.access.welcome")}, {Text: flows.T("talk.scenario.ask")}}}, nil
}

// site is an Entry as people meet it, with one page of a part behind it.
type site struct {
	t     *testing.T
	doors *fakeDoors
	talk  *fakeTalk
	entry *Entry
	mux   http.Handler
	log   *strings.Builder
	wait  time.Duration // how far the clock has gone
}

func newSite(t *testing.T, cfg Config) *site {
	t.Helper()
	s := &site{t: t, doors: newDoors(t), talk: &fakeTalk{t: t, uses: map[string]int{}, ids: map[string]bool{}}, log: &strings.Builder{}}
	log := slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	cat := flowstest.Catalogue(t)
	pages, err := page.New(cat, log)
	require.NoError(t, err)
	s.entry, err = New(cfg, s.doors, s.talk, pages, log, func() time.Time { return now.Add(s.wait) })
	require.NoError(t, err)
	mux := http.NewServeMux()
	s.entry.Routes(mux)
	part := func(w http.ResponseWriter, r *http.Request, v Visitor) {
		if s.entry.Limit(w, r, "part", 1000, time.Minute) {
			_, _ = w.Write([]byte("part for " + v.Session.Actor))
		}
	}
	mux.Handle("GET /{$}", s.entry.Member(part))
	mux.Handle("/part", s.entry.Member(part))
	mux.HandleFunc("/", s.entry.Absent)
	s.mux = mux
	return s
}

// browser is one person's browser: it keeps cookies and says what Chromium says.
type browser struct {
	s       *site
	cookies map[string]string
	header  http.Header
}

func (s *site) browser() *browser {
	return &browser{s: s, cookies: map[string]string{}, header: http.Header{"Accept-Language": {"en"}}}
}

func (b *browser) send(r *http.Request) *httptest.ResponseRecorder {
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	b.s.mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.send(httptest.NewRequest(http.MethodGet, "http://clip.example"+path, nil))
}

// post sends a form as the page would that was got before.
func (b *browser) post(path string, pairs ...string) *httptest.ResponseRecorder {
	return b.send(form(path, pairs...))
}

func form(path string, pairs ...string) *http.Request {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "http://clip.example"+path, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", "null") // what browsers say under Referrer-Policy: no-referrer
	return r
}

var csrfPattern = regexp.MustCompile(`action="([^"]*)"[^>]*>\s*<input type="hidden" name="csrf" value="([^"]*)"`)

// csrf is the token of the form on a page that is sent to action.
func csrf(t *testing.T, w *httptest.ResponseRecorder, action string) string {
	t.Helper()
	for _, found := range csrfPattern.FindAllStringSubmatch(w.Body.String(), -1) {
		if found[1] == action {
			return found[2]
		}
	}
	require.Fail(t, "no form for "+action, w.Body.String())
	return ""
}

// in is a browser that is logged in as actor.
func (s *site) in(actor string) *browser {
	b := s.browser()
	cookie, _, err := s.doors.OpenSession(context.Background(), actor, "en")
	require.NoError(s.t, err)
	b.cookies[s.entry.cookieName(sessionCookie)] = cookie
	return b
}

func (b *browser) session() pass.Session {
	return b.s.doors.sessions[b.cookies[b.s.entry.cookieName(sessionCookie)]]
}
