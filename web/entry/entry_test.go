package entry

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

const goodCode = "abcdefghijklmnopqrstuvwxyz"

func TestNewNeedsWhatItUses(t *testing.T) {
	t.Parallel()
	_, err := New(Config{}, nil, nil, nil, nil, nil)
	require.Error(t, err)
	s := newSite(t, Config{})
	for _, cfg := range []Config{{Access: "all"}, {PublicURL: "clip.example"}, {PublicURL: "ftp://clip.example"}, {PublicURL: "https://"}, {PublicURL: "://"}} {
		_, err := New(cfg, s.doors, s.talk, s.entry.pages, s.entry.log, s.entry.clock)
		require.Error(t, err, "%+v", cfg)
	}
}

func TestLandingSaysWhatThisIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cfg  Config
		says []string
		not  []string
	}{
		"open":            {Config{Access: flows.AccessOpen, Operator: "Li & Co <b>", RetentionDays: 7}, []string{"Li &amp; Co &lt;b&gt;", "after 7 days", "No sign-up", `action="/return"`}, []string{"<b>", `name="invitation"`}},
		"invite":          {Config{Operator: "Li"}, []string{"after 30 days", "ask Li for one", `id="invitation"`, "never ask for passwords", "Not Douyin"}, []string{"No sign-up"}},
		"list":            {Config{Access: flows.AccessList}, []string{"no name given", `id="invitation"`}, nil},
		"without a trace": {Config{}, []string{`name="robots" content="noindex, nofollow"`}, []string{"/logout"}},
	} {
		w := newSite(t, test.cfg).browser().get("/")
		require.Equal(t, 200, w.Code, name)
		for _, one := range test.says {
			require.Contains(t, w.Body.String(), one, name)
		}
		for _, one := range test.not {
			require.NotContains(t, w.Body.String(), one, name)
		}
	}
}

func TestStartWhereAccessIsOpen(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{Access: flows.AccessOpen, PublicURL: "https://clip.example/"})
	b := s.browser()
	landing := b.get("/")
	formCookie := landing.Result().Cookies()[0]
	require.Equal(t, "__Host-clipcase-form", formCookie.Name)
	require.True(t, formCookie.HttpOnly && formCookie.Secure && formCookie.Path == "/" && formCookie.SameSite == http.SameSiteLaxMode)
	token := csrf(t, landing, "/start")

	w := b.post("/start", "csrf", token)
	require.Equal(t, http.StatusSeeOther, w.Code)
	require.Equal(t, "/", w.Header().Get("Location"))
	c := w.Result().Cookies()[0]
	require.Equal(t, "__Host-clipcase", c.Name)
	require.True(t, c.HttpOnly && c.Secure && c.Path == "/" && c.Domain == "" && c.SameSite == http.SameSiteLaxMode)
	require.Equal(t, int(pass.SessionTTL/time.Second), c.MaxAge)
	require.Regexp(t, `^web:[a-z2-7]{26}$`, b.session().Actor)
	require.NotContains(t, b.cookies, formCookie.Name, "the token from before is of no use")
	require.Equal(t, "part for "+b.session().Actor, b.get("/").Body.String())

	require.Equal(t, "/", b.post("/start", "csrf", b.session().CSRF).Header().Get("Location"))
	require.Len(t, s.doors.sessions, 1, "who is in starts nothing new")
	require.Equal(t, 303, s.browser2("/", "/start").Code)
	require.Len(t, s.doors.sessions, 2, "another browser is another person")
}

// browser2 is another person who opens from and sends its form.
func (s *site) browser2(from, action string, pairs ...string) *httptest.ResponseRecorder {
	b := s.browser()
	return b.post(action, append(pairs, "csrf", csrf(s.t, b.get(from), action))...)
}

func TestPlainCookiesWithoutHTTPS(t *testing.T) {
	t.Parallel()
	for _, public := range []string{"", "http://127.0.0.1:8080"} {
		s := newSite(t, Config{Access: flows.AccessOpen, PublicURL: public})
		c := s.browser2("/", "/start").Result().Cookies()[0]
		require.Equal(t, "clipcase", c.Name)
		require.True(t, c.HttpOnly && !c.Secure && c.SameSite == http.SameSiteLaxMode)
	}
}

func TestSentTwiceIsOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{Access: flows.AccessOpen})
	b := s.browser()
	token := csrf(t, b.get("/"), "/start")
	second := form("/start", "csrf", token) // sent before the answer to the first came
	second.AddCookie(&http.Cookie{Name: "clipcase-form", Value: b.cookies["clipcase-form"]})
	first := b.post("/start", "csrf", token).Result().Cookies()[0].Value
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, second)
	require.Equal(t, first, w.Result().Cookies()[0].Value)
	require.Len(t, s.doors.sessions, 1)

	s.wait = time.Minute
	third := form("/start", "csrf", token)
	third.AddCookie(&http.Cookie{Name: "clipcase-form", Value: token})
	w = httptest.NewRecorder()
	s.mux.ServeHTTP(w, third)
	require.NotEqual(t, first, w.Result().Cookies()[0].Value, "later it is someone else at the same machine")
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	s.talk.uses[goodCode] = 2
	b := s.browser()
	for range 3 { // link scanners
		require.Equal(t, 200, s.browser().get("/i/"+goodCode).Code)
		require.Equal(t, 200, s.browser().send(httptest.NewRequest(http.MethodHead, "http://clip.example/i/"+goodCode, nil)).Code)
	}
	require.Empty(t, s.talk.events, "looking uses nothing up")

	page := b.get("/i/" + goodCode)
	require.Contains(t, page.Body.String(), "You are invited")
	w := b.post("/i/"+goodCode, "csrf", csrf(t, page, "/i/"+goodCode))
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/", w.Header().Get("Location"))
	require.Equal(t, b.session().Actor, s.talk.events[0].Actor)
	require.Equal(t, "i_"+goodCode, s.talk.events[0].Text)
	require.Equal(t, 1, s.talk.uses[goodCode])

	t.Run("typed or pasted on the first page", func(t *testing.T) {
		w := s.browser2("/", "/start", "code", "  https://t.me/clip_bot?start=i_"+strings.ToUpper(goodCode)+"\n")
		require.Equal(t, 303, w.Code)
		require.Equal(t, 0, s.talk.uses[goodCode])
	})
	t.Run("by someone who is in", func(t *testing.T) {
		s.talk.uses[goodCode] = 1
		in := s.in("tg:42")
		page := in.get("/i/" + goodCode)
		require.Contains(t, page.Body.String(), "something open in this browser already")
		w := in.post("/i/"+goodCode, "csrf", csrf(t, page, "/i/"+goodCode))
		require.Equal(t, 303, w.Code)
		require.Equal(t, "tg:42", s.talk.events[len(s.talk.events)-1].Actor)
		require.Equal(t, "tg:42", in.session().Actor, "they stay who they are")
		require.Empty(t, w.Result().Cookies())
	})
}

func TestAFormThatIsTooLongIsToldSo(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	w := s.in("web:one").post("/code", "nonce", strings.Repeat("x", formBytes))
	require.Equal(t, http.StatusRequestEntityTooLarge, w.Code)
	require.Contains(t, w.Body.String(), "too long")
}

func TestOfAGuessedInvitationNothingIsKept(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	s.doors.over = map[string]bool{goodCode: true}
	require.Equal(t, 404, s.browser2("/i/"+goodCode, "/i/"+goodCode).Code)
	require.Empty(t, s.talk.events)
	require.Empty(t, s.doors.sessions)
	s.doors.fail["PeekInvite"] = away()
	require.Equal(t, 503, s.browser2("/i/"+goodCode, "/i/"+goodCode).Code)
}

func TestBadInvitationsAreOneAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	s.talk.uses["ready"+goodCode[5:]] = 1
	want := ""
	for _, code := range []string{goodCode, "ready" + goodCode[5:], strings.Repeat("z", 26), "short", "%3Cscript%3E", "..%2f..%2fetc", strings.Repeat("q", 400)} {
		b := s.browser()
		token := csrf(t, b.get("/"), "/start")
		w := b.post("/i/"+code, "csrf", token)
		if strings.HasPrefix(code, "ready") {
			require.Equal(t, 303, w.Code)
			w = s.browser2("/i/"+code, "/i/"+code) // used up
		}
		body := regexp.MustCompile(`name="back" value="[^"]*"`).ReplaceAllString(w.Body.String(), "")
		require.Equal(t, 404, w.Code, code)
		require.Contains(t, body, "This invitation does not work")
		require.NotContains(t, body, "<script>")
		if want == "" {
			want = body
		}
		require.Equal(t, want, body, code)
		require.Empty(t, w.Result().Cookies(), code)
	}
	require.Len(t, s.doors.sessions, 1, "no session is left behind but the one that was let in")
	w := s.browser2("/", "/start", "code", "nonsense")
	require.Equal(t, 404, w.Code)
}

func TestInvitationWhileSomethingIsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	s.talk.uses[goodCode] = 1
	s.talk.fail = away()
	b := s.browser()
	token := csrf(t, b.get("/i/"+goodCode), "/i/"+goodCode)
	w := b.post("/i/"+goodCode, "csrf", token)
	require.Equal(t, 503, w.Code)
	require.Equal(t, "5", w.Header().Get("Retry-After"))
	require.Empty(t, s.doors.sessions)

	s.talk.fail = nil
	s.doors.fail["OpenSession"] = away()
	require.Equal(t, 503, b.post("/i/"+goodCode, "csrf", token).Code)
	require.Equal(t, 1, s.talk.uses[goodCode], "nothing is used up before there is a session")
	delete(s.doors.fail, "OpenSession")
	require.Equal(t, 303, b.post("/i/"+goodCode, "csrf", token).Code, "and the same form may be sent again")

	s.doors.fail["CloseSession"] = away()
	require.Equal(t, 404, s.browser2("/i/"+goodCode, "/i/"+goodCode).Code)
	require.Contains(t, s.log.String(), "session not closed")
}

func TestLogin(t *testing.T) {
	t.Parallel()
	code := token('r', 1)
	s := newSite(t, Config{})
	s.doors.logins[code] = pass.Login{Actor: "tg:42", Lang: "zh", To: "/case/" + goodCode}
	for range 3 {
		require.Equal(t, 200, s.browser().get("/login/"+code).Code)
	}
	b := s.browser()
	page := b.get("/login/" + code)
	require.NotContains(t, page.Body.String(), "takes its place")
	csrfToken := csrf(t, page, "/login/"+code)
	again := form("/login/"+code, "csrf", csrfToken)
	again.AddCookie(&http.Cookie{Name: "clipcase-form", Value: b.cookies["clipcase-form"]})
	w := b.post("/login/"+code, "csrf", csrfToken)
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/case/"+goodCode, w.Header().Get("Location"))
	require.Equal(t, "tg:42", b.session().Actor)
	require.Equal(t, "zh", b.session().Lang)

	tapped := httptest.NewRecorder()
	s.mux.ServeHTTP(tapped, again)
	require.Equal(t, 303, tapped.Code, "the same tap twice")
	require.Equal(t, w.Result().Cookies()[0].Value, tapped.Result().Cookies()[0].Value)

	require.Equal(t, 404, s.browser().get("/login/"+code).Code)
	other := s.browser()
	bad := other.post("/login/"+code, "csrf", csrf(t, other.get("/"), "/start"))
	require.Equal(t, 404, bad.Code, "someone else's second use")
	require.Contains(t, bad.Body.String(), "This link does not work")
	require.Len(t, s.doors.sessions, 1)
}

func TestLoginTakesThePlaceOfAnother(t *testing.T) {
	t.Parallel()
	code := token('r', 2)
	s := newSite(t, Config{})
	s.doors.logins[code] = pass.Login{Actor: "tg:42", To: "//evil.example/"}
	b := s.in("web:someone")
	old := b.cookies["clipcase"]
	page := b.get("/login/" + code)
	require.Contains(t, page.Body.String(), "the new one takes its place")
	w := b.post("/login/"+code, "csrf", csrf(t, page, "/login/"+code))
	require.Equal(t, "/", w.Header().Get("Location"), "nowhere but here")
	require.Equal(t, "tg:42", b.session().Actor)
	require.Equal(t, "en", b.session().Lang, "no language of its own: the visitor's")
	require.NotContains(t, s.doors.sessions, old)
}

func TestReturnCode(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	b := s.in("web:me")
	page := b.get("/code")
	require.NotContains(t, page.Body.String(), "1234")
	nonce := page.Body.String()[strings.Index(page.Body.String(), `name="nonce" value="`)+20:][:26]
	w := b.post("/code", "csrf", b.session().CSRF, "nonce", nonce)
	require.Equal(t, 200, w.Code)
	code := "1234 5678 0002"
	require.Contains(t, w.Body.String(), `<strong aria-hidden="true">`+code+`</strong>`)
	require.Contains(t, w.Body.String(), "1 2 3 4, 5 6 7 8, 0 0 0 2")
	require.Contains(t, b.post("/code", "csrf", b.session().CSRF, "nonce", nonce).Body.String(), code, "the same form makes one code")
	require.Equal(t, 1, s.doors.called["NewReturnCode"])

	other := s.browser()
	token := csrf(t, other.get("/return"), "/return")
	wrong := other.post("/return", "csrf", token, "code", "0000 0000 0000")
	require.Equal(t, 422, wrong.Code)
	require.Contains(t, wrong.Body.String(), `aria-invalid="true"`)
	require.NotContains(t, wrong.Body.String(), "0000", "what was typed is not shown again")
	require.Equal(t, 422, other.post("/return", "csrf", token, "code", strings.Repeat("1", 1000)).Code)
	in := other.post("/return", "csrf", token, "code", code)
	require.Equal(t, 303, in.Code)
	require.Equal(t, "web:me", other.session().Actor)
	require.Equal(t, "web:me", b.session().Actor, "the first browser stays in")

	s.doors.fail["UseReturnCode"] = away()
	require.Equal(t, 503, s.browser2("/return", "/return", "code", code).Code)
	s.doors.fail["NewReturnCode"] = errors.New("boom")
	w = b.post("/code", "csrf", b.session().CSRF, "nonce", "other")
	require.Equal(t, 500, w.Code)
	require.Regexp(t, `[a-z2-7]{8}`, w.Body.String())
	require.NotContains(t, w.Body.String(), "boom")
}

func TestReturnCodesCannotBeGuessed(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	guess := func(address string) *httptest.ResponseRecorder {
		b := s.browser()
		token := csrf(t, b.get("/return"), "/return")
		r := form("/return", "csrf", token, "code", "1111 2222 3333")
		r.RemoteAddr = address + ":5000"
		return b.send(r)
	}
	for range returnMost {
		require.Equal(t, 422, guess("203.0.113.1").Code)
	}
	w := guess("203.0.113.1")
	require.Equal(t, 429, w.Code)
	require.Equal(t, "90", w.Header().Get("Retry-After"))
	require.Contains(t, w.Body.String(), "in 2 minutes")
	require.Equal(t, returnMost, s.doors.called["UseReturnCode"], "what is too many is not even compared")
	for i := returnMost; i < returnAll; i++ {
		require.Equal(t, 422, guess(fmt.Sprintf("198.51.%d.%d", i/200, i%200+1)).Code)
	}
	require.Equal(t, 429, guess("192.0.2.77").Code, "all addresses together")
	require.Equal(t, returnAll, s.doors.called["UseReturnCode"])
}

func TestLogout(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	b := s.in("web:me")
	page := b.get("/logout")
	require.Contains(t, page.Body.String(), `href="/code"`, "with a word about how to come back")
	require.Len(t, s.doors.sessions, 1, "looking does nothing")
	s.doors.fail["CloseSession"] = away()
	require.Equal(t, 503, b.post("/logout", "csrf", b.session().CSRF).Code)
	delete(s.doors.fail, "CloseSession")
	w := b.post("/logout", "csrf", b.session().CSRF)
	require.Equal(t, 303, w.Code)
	require.Empty(t, s.doors.sessions)
	require.Empty(t, b.cookies)
	require.Equal(t, 404, b.get("/part").Code)
}

func TestLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	for accept, want := range map[string]string{
		"": "zh", "en": "en", "EN-us,zh;q=0.5": "en", "fr-FR,zh-TW;q=0.9,en;q=0.8": "zh", "fr,de": "zh", "xx, en;q=0.1": "en", ";;,,": "zh", strings.Repeat("fr,", 4000) + "en": "en",
	} {
		b := s.browser()
		b.header.Set("Accept-Language", accept)
		require.Equal(t, want, b.get("/").Header().Get("Content-Language"), accept)
	}
	b := s.browser()
	w := b.post("/lang", "lang", "zh", "back", "/i/"+goodCode)
	require.Equal(t, 303, w.Code)
	require.Equal(t, "/i/"+goodCode, w.Header().Get("Location"))
	require.Equal(t, "zh", b.get("/").Header().Get("Content-Language"))

	in := s.in("tg:42")
	require.Equal(t, 303, in.post("/lang", "lang", "zh", "csrf", "whatever").Code)
	require.Equal(t, "zh", in.session().Lang)
	in.cookies["clipcase-lang"] = "en"
	require.Equal(t, "zh", in.get("/code").Header().Get("Content-Language"), "the session's own comes first")
	for _, lang := range []string{"", "fr", "zh\r\nSet-Cookie: x=1", "<script>"} {
		require.Equal(t, 403, in.post("/lang", "lang", lang).Code)
	}
	b.cookies["clipcase-lang"] = "fr"
	require.Equal(t, "en", b.get("/").Header().Get("Content-Language"))
	s.doors.fail["SetSessionLang"] = away()
	require.Equal(t, 503, in.post("/lang", "lang", "en").Code)
}

func TestWithoutRandomnessNobodyComesIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{Access: flows.AccessOpen})
	b := s.browser()
	token := csrf(t, b.get("/"), "/start")
	in := s.in("web:me")
	s.entry.cfg.Random = strings.NewReader("")
	s.talk.uses[goodCode] = 1
	require.Equal(t, 500, s.browser().get("/").Code)
	require.Equal(t, 500, b.post("/start", "csrf", token).Code)
	require.Equal(t, 500, b.post("/i/"+goodCode, "csrf", token).Code)
	require.Equal(t, 500, in.get("/code").Code)
	require.Len(t, s.doors.sessions, 1)
	require.Equal(t, 1, s.talk.uses[goodCode])
}
