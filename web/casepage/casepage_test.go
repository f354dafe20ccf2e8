package casepage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"clipcase/flows"
	"clipcase/flows/dossier/casebag"
	"clipcase/flows/pass"
	"clipcase/internal/flowstest"
	"clipcase/media"
	"clipcase/web/entry"
	"clipcase/web/page"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

// memory is everything the page stands on, for one owner.
type memory struct {
	actor  string // who asks
	cases  map[string]*flows.Case
	tokens map[string]string
	links  map[string]pass.Link
	blobs  map[string][]byte
	events []flows.Event
	screen flows.Screen
	opens  []int64
	fails  string // the step that cannot be done
	full   bool   // limits say stop
	banned bool
	gone   []string
}

func absent() error { return &flows.Error{Class: flows.NotFound} }

func (m *memory) CaseByToken(_ context.Context, token string) (string, error) {
	if id, ok := m.tokens[token]; ok {
		return id, nil
	}
	return "", absent()
}

var errBroken = &flows.Error{Class: flows.Unavailable}

func (m *memory) NewLink(_ context.Context, l pass.Link) (pass.Link, error) {
	if m.fails == "make" {
		return pass.Link{}, errBroken
	}
	l.Token = "link" + l.Name
	m.links[l.Token] = l
	return l, nil
}

func (m *memory) Links(_ context.Context, id string) ([]pass.Link, error) {
	var all []pass.Link
	for _, l := range m.links {
		if l.Case == id {
			all = append(all, l)
		}
	}
	return all, nil
}

func (m *memory) OpenLink(_ context.Context, token string, count bool) (pass.Link, error) {
	l, ok := m.links[token]
	if !ok {
		return l, absent()
	}
	if count {
		l.Views++
		m.links[token] = l
	}
	return l, nil
}

func (m *memory) RevokeLink(_ context.Context, id, token string) error {
	if m.fails == "revoke" {
		return errBroken
	}
	if m.links[token].Case != id {
		return absent()
	}
	delete(m.links, token)
	return nil
}

func (m *memory) Case(_ context.Context, id string) (*flows.Case, error) {
	if c, ok := m.cases[id]; ok {
		return c, nil
	}
	return nil, absent()
}

func (m *memory) Update(_ context.Context, id string, change func(*flows.Case) ([]flows.Effect, error)) (*flows.Case, error) {
	c, ok := m.cases[id]
	if !ok {
		return nil, absent()
	}
	if m.fails == "note" {
		return nil, errBroken
	}
	_, err := change(c)
	return c, err
}

func (m *memory) Load(_ context.Context, actor string, _ time.Time) (flows.State, error) {
	return flows.State{Person: flows.Person{Actor: actor, Banned: m.banned}, Session: flows.Session{Actor: actor, Gone: m.gone}}, nil
}

func (m *memory) Handle(_ context.Context, e flows.Event) (flows.Screen, error) {
	m.events = append(m.events, e)
	if e.Command == "delete" {
		return flows.Screen{Step: "forget", Token: "sure"}, nil
	}
	return m.screen, nil
}

func (m *memory) OpenRange(_ context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	raw, ok := m.blobs[key]
	if !ok {
		return nil, absent()
	}
	m.opens = append(m.opens, offset)
	raw = raw[offset:]
	if length >= 0 {
		raw = raw[:length]
	}
	return io.NopCloser(bytes.NewReader(raw)), nil
}

func (m *memory) Member(next func(http.ResponseWriter, *http.Request, entry.Visitor)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if m.actor == "" {
			m.Absent(w, r)
			return
		}
		v, _ := m.Visitor(r)
		next(w, r, v)
	})
}

func (m *memory) Visitor(*http.Request) (entry.Visitor, error) {
	return entry.Visitor{In: true, Lang: "zh", Session: pass.Session{ID: "0123456789abcdef0123", Actor: m.actor, CSRF: "csrf", Lang: "zh"}}, nil
}

func (m *memory) Absent(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "nothing here", http.StatusNotFound)
}

func (m *memory) Trouble(w http.ResponseWriter, _ *http.Request, err error) {
	status := http.StatusInternalServerError
	if flows.ClassOf(err) == flows.Invalid {
		status = http.StatusUnprocessableEntity
	}
	http.Error(w, "trouble", status)
}

func (m *memory) Limit(w http.ResponseWriter, _ *http.Request, _ string, _ int, _ time.Duration) bool {
	if m.full {
		http.Error(w, "wait", http.StatusTooManyRequests)
	}
	return !m.full
}

// bags makes signed archives of what m keeps.
func bags(t *testing.T, m *memory) Bags {
	t.Helper()
	made, err := casebag.New(flowstest.Catalogue(t), m, testKey(t), "clipcase")
	require.NoError(t, err)
	return made
}

const token = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

func setup(t *testing.T) (*memory, http.Handler) {
	t.Helper()
	return setupAt(t, "https://x.example")
}

// setupAt is setup where the pages have the address, or "": as the browser says.
func setupAt(t *testing.T, address string) (*memory, http.Handler) {
	t.Helper()
	c := &flows.Case{
		ID: "CC0001", Actor: "web:me", Chat: "web:me", Lang: "zh", Scenario: "account-ban", Statement: "<script>alert(1)</script>",
		Created: noon, Submitted: noon, Expires: noon.AddDate(0, 0, 30),
		Exhibits: []flows.Exhibit{
			{ID: "e1", State: flows.ExhibitProbed, Blob: "cases/CC0001/originals/aa", Bytes: 10, SHA256: digest("0123456789"), Received: noon,
				File: flows.File{Name: "录屏 <b>.mp4", Sent: flows.SentUpload}, Probe: &media.Probe{Kind: media.KindVideo, Duration: 30, Width: 1080, Height: 2340}},
			{ID: "e2", State: flows.ExhibitProbed, Blob: "cases/CC0001/originals/bb", Bytes: 25, SHA256: digest("<script>alert(1)</script>"), Received: noon,
				File: flows.File{Name: "page.html", MIME: "text/html", Sent: flows.SentUpload}, Probe: &media.Probe{Kind: media.KindDocument}},
			{ID: "e3", State: flows.ExhibitFetching, Received: noon, File: flows.File{Name: "later.mp4"}},
		},
		Packs: []flows.Pack{{
			Channel: "douyin-app", State: flows.PackDelivered, Fate: flows.FateUnsent, Ready: noon, Words: "我的账号被误封", Subject: "申诉",
			Pieces: []flows.Piece{
				{Name: "20261122-CC0001-1of1.jpg", Kind: media.KindImage, Blob: "cases/CC0001/a/1.jpg", Bytes: 5, SHA256: digest("jpeg!"), Width: 4, Height: 3, Line: "第一步", Fit: []media.Fit{{Limit: "bytes", Max: 2e6, Value: 5}}},
			},
		}, {Channel: "email", State: flows.PackRendering, Pieces: []flows.Piece{{Name: "soon-1of1.mp4", Kind: media.KindVideo}}}},
	}
	c.History = []flows.Entry{{At: noon, What: "created"}, {At: noon, What: "ready", Args: map[string]any{"channel": "douyin-app"}}, {At: noon, What: "measured"}}
	m := &memory{
		actor: "web:me", cases: map[string]*flows.Case{c.ID: c}, tokens: map[string]string{token: c.ID}, links: map[string]pass.Link{},
		blobs: map[string][]byte{
			"cases/CC0001/originals/aa": []byte("0123456789"), "cases/CC0001/originals/bb": []byte("<script>alert(1)</script>"), "cases/CC0001/a/1.jpg": []byte("jpeg!"),
		},
		screen: flows.Screen{Step: "note", Token: flows.TokenKeep, Blocks: []flows.Block{{Text: flows.Text{Plain: "noted"}}}, Rows: [][]flows.Choice{{{ID: "why.CC0001.0.0.too-big", Label: flows.Text{Plain: "big"}}}}},
	}
	cat := flowstest.Catalogue(t)
	log := slog.New(slog.DiscardHandler)
	pages, err := page.New(cat, log)
	require.NoError(t, err)
	p, err := New(Config{Bags: bags(t, m), Key: testKey(t), PublicURL: address, Clock: func() time.Time { return noon }, IDs: func() string { return "once" }, Log: log}, m, m, m, m, m, cat, pages)
	require.NoError(t, err)
	mux := http.NewServeMux()
	p.Routes(mux)
	return m, mux
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func get(t *testing.T, h http.Handler, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	return getFrom(t, h, "example.com", path, header...)
}

// getFrom is get by a name of the machine.
func getFrom(t *testing.T, h http.Handler, host, path string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, http.NoBody)
	r.Host = host
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	h.ServeHTTP(w, r)
	return w
}

func post(t *testing.T, h http.Handler, path string, pairs ...string) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	h.ServeHTTP(w, r)
	return w
}

func TestThePageShowsTheCase(t *testing.T) {
	t.Parallel()
	_, h := setup(t)
	w := get(t, h, "/case/"+token)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	body := w.Body.String()
	_, err := html.Parse(strings.NewReader(body))
	require.NoError(t, err)
	for _, has := range []string{"CC0001", "先交这一份", "我的账号被误封", "/dl/" + token + "/douyin-app/20261122-CC0001-1of1.jpg", "/dl/" + token + "/original/e1", "2026-12-22", "做好了", "5 B，这里最多收 2 MB", "http-equiv=\"refresh\""} {
		require.Contains(t, body, has)
	}
	require.NotContains(t, body, "<script>alert")
	require.NotContains(t, body, "<b>.mp4")
	require.NotContains(t, body, "/original/e3", "nothing to download yet")
	require.NotContains(t, body, "soon-1of1", "not made yet")
	require.Contains(t, body, "还有 1 个文件正在做")
}

func TestForeignAndAbsentLookTheSame(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	m.links["foreign"] = pass.Link{Token: "foreign", Case: "CC0009"}
	paths := []string{"/case/x", "/dl/x/all.zip", "/dl/" + token + "/email/none.mp4", "/dl/" + token + "/original/e3", "/dl/" + token + "/original/e9", "/dl/" + token + "/none/x", "/e/none", "/e/none/file", "/e/foreign", "/dl/x/original/e1"}
	want := get(t, h, "/case/bbbbbbbbbbbbbbbbbbbbbbbbbb")
	for _, path := range paths {
		w := get(t, h, path)
		require.Equal(t, http.StatusNotFound, w.Code, path)
		require.Equal(t, want.Body.String(), w.Body.String(), path)
	}
	for _, actor := range []string{"web:other", ""} {
		m.actor = actor
		for _, path := range []string{"/case/" + token, "/dl/" + token + "/all.zip", "/dl/" + token + "/original/e1", "/dl/" + token + "/douyin-app/20261122-CC0001-1of1.jpg"} {
			w := get(t, h, path)
			require.Equal(t, http.StatusNotFound, w.Code, path)
			require.Equal(t, want.Body.String(), w.Body.String(), path)
		}
		require.Equal(t, http.StatusNotFound, post(t, h, "/case/"+token, "do", "forget", "sure", "CC0001").Code)
	}
	m.actor = "web:me"
	m.cases["CC0001"].Quarantined = true
	require.Equal(t, want.Body.String(), get(t, h, "/case/"+token).Body.String())
	require.Empty(t, m.events)
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	w := get(t, h, "/dl/"+token+"/original/e1")
	require.Equal(t, "0123456789", w.Body.String())
	require.Equal(t, "video/mp4", w.Header().Get("Content-Type"))
	require.Equal(t, "attachment; filename*=utf-8''%E5%BD%95%E5%B1%8F%20_b_.mp4", w.Header().Get("Content-Disposition"))
	require.Contains(t, w.Header().Get("Content-Security-Policy"), "sandbox")

	part := get(t, h, "/dl/"+token+"/original/e1", "Range", "bytes=3-5")
	require.Equal(t, http.StatusPartialContent, part.Code)
	require.Equal(t, "345", part.Body.String())
	require.Equal(t, "bytes 3-5/10", part.Header().Get("Content-Range"))
	require.Equal(t, int64(3), m.opens[len(m.opens)-1], "read from where it was asked")
	require.Equal(t, http.StatusRequestedRangeNotSatisfiable, get(t, h, "/dl/"+token+"/original/e1", "Range", "bytes=99-").Code)
	require.Equal(t, http.StatusNotModified, get(t, h, "/dl/"+token+"/original/e1", "If-None-Match", `"`+digest("0123456789")+`"`).Code)

	page := get(t, h, "/dl/"+token+"/original/e2")
	require.Equal(t, "application/octet-stream", page.Header().Get("Content-Type"), "never a page")
	require.Contains(t, page.Header().Get("Content-Disposition"), "attachment")

	opened := len(m.opens)
	flood := get(t, h, "/dl/"+token+"/original/e1", "Range", "bytes="+strings.Repeat("0-0,", 2000)+"1-1")
	require.Equal(t, http.StatusOK, flood.Code, "many parts at once are not worth it")
	require.Equal(t, "0123456789", flood.Body.String())
	require.Len(t, m.opens, opened+1)
	require.NotEmpty(t, get(t, h, "/dl/"+token+"/original/e1", "Range", "bytes=99-").Header().Get("Cache-Control"), "an error says who may keep it")

	delete(m.blobs, "cases/CC0001/originals/bb")
	lost := get(t, h, "/dl/"+token+"/original/e2")
	require.Equal(t, "25", lost.Header().Get("Content-Length"))
	require.Empty(t, lost.Body.String(), "fewer bytes than promised: the download fails instead of looking whole")
}

func TestLinksToOneFile(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	for range 2 { // twice is once
		require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "link", "file", "original/e1").Code)
	}
	require.Len(t, m.links, 1)
	require.Equal(t, http.StatusNotFound, post(t, h, "/case/"+token, "do", "link", "file", "original/e3").Code)
	kase := m.cases["CC0001"]
	kase.Exhibits[0].Removed = true
	require.Equal(t, http.StatusNotFound, get(t, h, "/e/"+url.PathEscape("link录屏 _b_.mp4")+"/file").Code, "taken out")
	require.Equal(t, http.StatusNotFound, get(t, h, "/dl/"+token+"/original/e1").Code, "taken out")
	require.Equal(t, http.StatusNotFound, post(t, h, "/case/"+token, "do", "link", "file", "original/e1").Code, "taken out")
	kase.Exhibits[0].Removed = false
	m.links["old"] = pass.Link{Token: "old", Case: "CC0001", Blob: kase.Packs[0].Pieces[0].Blob, Name: "1of1.jpg", MIME: "image/jpeg", Bytes: 5, Channel: "douyin-app", Of: []string{"e1"}}
	require.Equal(t, "jpeg!", get(t, h, "/e/old/file").Body.String())
	made := kase.Packs[0].Pieces[0].Blob
	require.NotContains(t, get(t, h, "/case/"+token).Body.String(), "后来又做了新的一份")
	kase.Packs[0].Pieces[0].Blob = made + "-smaller"
	require.Equal(t, "jpeg!", get(t, h, "/e/old/file").Body.String(), "whoever was given it has no other")
	require.Contains(t, get(t, h, "/case/"+token).Body.String(), "后来又做了新的一份")
	kase.Exhibits[0].Removed = true
	require.Equal(t, http.StatusNotFound, get(t, h, "/e/old").Code, "what it shows was taken out")
	require.NotContains(t, get(t, h, "/case/"+token).Body.String(), "/e/old", "a link that shows nothing is not offered")
	kase.Exhibits[0].Removed = false
	kase.Packs[0].Pieces[0].Blob = made
	delete(m.links, "old")
	m.actor = "" // whoever has it
	link := "link录屏 _b_.mp4"
	at := "/e/" + url.PathEscape(link)
	w := get(t, h, at)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "2026-12-22")
	require.NotContains(t, w.Body.String(), token, "the page of the case is not told")
	require.Equal(t, int64(1), m.links[link].Views)
	require.Equal(t, "0123456789", get(t, h, at+"/file").Body.String())
	require.Equal(t, int64(1), m.links[link].Views, "the file itself is no view")
	m.actor = "web:me"
	require.Contains(t, get(t, h, "/case/"+token).Body.String(), "被打开 1 次")
	require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "revoke", "link", link).Code)
	require.Equal(t, http.StatusNotFound, get(t, h, at).Code)
	require.Equal(t, http.StatusNotFound, get(t, h, at+"/file").Code)
}

func TestPressesGoToTheConversation(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	w := post(t, h, "/case/"+token, "do", "press", "choice", "sent.CC0001.0.0", "token", "keep", "nonce", "0123456789abcdef")
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), "noted")
	require.Contains(t, w.Body.String(), "why.CC0001.0.0.too-big")
	require.Equal(t, flows.Event{
		ID: "web:0123456789abcdef0123:0123456789abcdef", Actor: "web:me", Chat: "web:me", At: noon, Lang: "zh",
		Kind: flows.EventChoice, Choice: "sent.CC0001.0.0", Token: "keep", Direct: true,
	}, m.events[0])
	m.screen = flows.Screen{Step: "channel", Token: "abc"}
	require.Equal(t, "/", post(t, h, "/case/"+token, "do", "press", "choice", "more.CC0001", "token", "keep", "nonce", "n2").Header().Get("Location"))
	require.Equal(t, http.StatusUnprocessableEntity, post(t, h, "/case/"+token, "do", "press", "choice", "more.CC0001", "nonce", "a:b").Code)
	require.Len(t, m.events, 2, "a form that is none of ours does nothing")
	require.Equal(t, http.StatusNotFound, post(t, h, "/case/"+token, "do", "other").Code)
	m.full = true
	require.Equal(t, http.StatusTooManyRequests, post(t, h, "/case/"+token, "do", "press").Code)
}

func TestDeletingAsksFirst(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	w := post(t, h, "/case/"+token, "do", "forget")
	require.Contains(t, w.Body.String(), "找不回来")
	require.Empty(t, m.events)
	require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "forget", "sure", "CC0001", "nonce", "00000000aa").Code)
	require.Len(t, m.events, 3)
	require.Equal(t, "case.CC0001", m.events[0].Choice)
	require.Equal(t, "delete", m.events[1].Command)
	require.Equal(t, "yes.CC0001", m.events[2].Choice)
	require.Equal(t, "sure", m.events[2].Token)
	require.NotEqual(t, m.events[0].ID, m.events[2].ID)
}

func TestNothingIsShownOfTheDeletedAndTheBanned(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	require.Equal(t, http.StatusSeeOther, post(t, h, "/case/"+token, "do", "link", "file", "original/e1").Code)
	link := "/e/" + url.PathEscape("link录屏 _b_.mp4")
	require.Equal(t, http.StatusOK, get(t, h, link).Code)
	for name, hide := range map[string]func(){
		"banned":       func() { m.banned = true },
		"just deleted": func() { m.gone = []string{"CC0001"} },
	} {
		m.banned, m.gone = false, nil
		hide()
		for _, path := range []string{"/case/" + token, "/dl/" + token + "/all.zip", "/dl/" + token + "/original/e1", link, link + "/file"} {
			require.Equal(t, http.StatusNotFound, get(t, h, path).Code, "%s: %s", name, path)
		}
	}
}

// Only who was handed a comparison is asked whether its sides match.
func TestApartIsOffered(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	c := m.cases["CC0001"]
	choice := c.PressPack("apart", &c.Packs[0])
	require.NotContains(t, get(t, h, "/case/"+token).Body.String(), choice)
	c.Packs[0].Pieces[0].Beside = &flows.Beside{Left: "e1", Right: "e2"}
	require.Contains(t, get(t, h, "/case/"+token).Body.String(), choice)
	m.screen = flows.Screen{Step: "apart", Token: "asked"}
	w := post(t, h, "/case/"+token, "do", "press", "choice", choice, "token", "keep", "nonce", "nonce1")
	require.Equal(t, []any{http.StatusSeeOther, "/"}, []any{w.Code, w.Header().Get("Location")}, "the question is a page of the conversation")
	c.Packs[0].State = flows.PackRendering
	require.NotContains(t, get(t, h, "/case/"+token).Body.String(), choice)
}
