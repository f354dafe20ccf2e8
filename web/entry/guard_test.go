package entry

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/pass"
)

func TestOnlyOurOwnPagesChangeAnything(t *testing.T) {
	t.Parallel()
	own := http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"https://clip.example"}}
	for name, test := range map[string]struct {
		token  string // "" = the right one
		header http.Header
		kind   string
		want   int
	}{
		"own page":                          {"", own, "", 200},
		"no referrer":                       {"", http.Header{"Sec-Fetch-Site": {"same-origin"}, "Origin": {"null"}}, "", 200},
		"loaded again":                      {"", http.Header{"Sec-Fetch-Site": {"none"}}, "", 200},
		"old browser":                       {"", http.Header{"Origin": {"https://clip.example"}}, "", 200},
		"old browser, behind a proxy":       {"", http.Header{"Origin": {"http://inner.example"}}, "", 200},
		"old browser, no referrer":          {"", http.Header{"Origin": {"null"}}, "", 200},
		"very old browser":                  {"", http.Header{}, "", 200},
		"no token":                          {"-", own, "", 403},
		"wrong token":                       {token('f', 99), own, "", 403},
		"token cut short":                   {"ffff", own, "", 403},
		"foreign page with the token":       {"", http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}, "", 403},
		"neighbour":                         {"", http.Header{"Sec-Fetch-Site": {"same-site"}, "Origin": {"https://clip.example"}}, "", 403},
		"old browser, foreign page":         {"", http.Header{"Origin": {"https://evil.example"}}, "", 403},
		"old browser, another port":         {"", http.Header{"Origin": {"https://inner.example:444"}}, "", 403},
		"old browser, name that begins so":  {"", http.Header{"Origin": {"https://clip.example.evil.example"}}, "", 403},
		"old browser, no origin":            {"", http.Header{"Origin": {"//"}}, "", 403},
		"old browser, broken origin":        {"", http.Header{"Origin": {"http://%zz"}}, "", 403},
		"strange site":                      {"", http.Header{"Sec-Fetch-Site": {"yes"}}, "", 403},
		"token in a body that is no form":   {"", own, "text/plain", 403},
		"token in a multipart body":         {"", own, "multipart/form-data; boundary=x", 403},
		"token in a body without its kind":  {"", own, "-", 403},
		"token in a body of a broken kind":  {"", own, ";;", 403},
		"old browser, wrong token, no site": {"x", http.Header{}, "", 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, Config{PublicURL: "https://clip.example"})
			b := s.in("web:me")
			value := test.token
			if value == "" {
				value = b.session().CSRF
			}
			r := form("/part", "csrf", value)
			if value == "-" {
				r = form("/part")
			}
			r.Host = "inner.example"
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Del("Origin")
			for k, v := range test.header {
				r.Header[k] = v
			}
			switch test.kind {
			case "":
			case "-":
				r.Header.Del("Content-Type")
			default:
				r.Header.Set("Content-Type", test.kind)
			}
			w := b.send(r)
			require.Equal(t, test.want, w.Code)
			require.Equal(t, test.want == 200, strings.Contains(w.Body.String(), "part for"))
		})
	}
}

func TestTokenInHeader(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	b := s.in("web:me")
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodPatch, "STRANGE"} {
		r := httptest.NewRequest(method, "http://clip.example/part", strings.NewReader("anything"))
		require.Equal(t, 403, b.send(r.Clone(t.Context())).Code, method)
		r.Header.Set("X-CSRF", b.session().CSRF)
		require.Equal(t, 200, b.send(r).Code, method)
	}
	w := form("/code", "nonce", "n")
	w.Header.Set("X-CSRF", b.session().CSRF)
	require.Contains(t, b.send(w).Body.String(), "1234 5678", "a form may have it there, too")
	r := form("/part?csrf=" + b.session().CSRF)
	require.Equal(t, 403, b.send(r).Code, "a token in an address is none")
	other := s.in("web:other")
	r = form("/part", "csrf", b.session().CSRF)
	require.Equal(t, 403, other.send(r).Code, "another session's token")
	big := form("/part", "x", strings.Repeat("x", 2*formBytes), "csrf", b.session().CSRF)
	require.Equal(t, 413, b.send(big).Code)
}

func TestFormsOfPeopleWithoutSession(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{Access: flows.AccessOpen})
	code := token('r', 1)
	s.doors.logins[code] = pass.Login{Actor: "tg:42"}
	s.talk.uses[goodCode] = 1
	for _, path := range []string{"/start", "/i/" + goodCode, "/login/" + code, "/return"} {
		for name, send := range map[string]func(b *browser, token string) *httptest.ResponseRecorder{
			"no token":    func(b *browser, _ string) *httptest.ResponseRecorder { return b.post(path) },
			"wrong token": func(b *browser, _ string) *httptest.ResponseRecorder { return b.post(path, "csrf", token('f', 9)) },
			"no cookie": func(b *browser, token string) *httptest.ResponseRecorder {
				b.cookies = map[string]string{}
				return b.post(path, "csrf", token)
			},
			"empty cookie": func(b *browser, _ string) *httptest.ResponseRecorder {
				b.cookies["clipcase-form"] = ""
				return b.post(path, "csrf", "")
			},
			"weak cookie": func(b *browser, _ string) *httptest.ResponseRecorder {
				b.cookies["clipcase-form"] = "a"
				return b.post(path, "csrf", "a")
			},
			"foreign page": func(b *browser, token string) *httptest.ResponseRecorder {
				r := form(path, "csrf", token)
				r.Header.Set("Sec-Fetch-Site", "cross-site")
				return b.send(r)
			},
		} {
			b := s.browser()
			w := send(b, csrf(t, b.get("/return"), "/return"))
			require.Equal(t, 403, w.Code, path+" "+name)
			require.Contains(t, w.Body.String(), "open for too long")
			require.NotContains(t, b.cookies, "clipcase")
		}
	}
	require.Empty(t, s.doors.sessions)
	require.Empty(t, s.talk.events)
	require.Empty(t, s.doors.tries, "and nothing was counted")
	require.Zero(t, s.doors.called["UseLogin"]+s.doors.called["UseReturnCode"])

	b := s.browser()
	r := form("/lang", "lang", "en")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	require.Equal(t, 403, b.send(r).Code)
}

func TestForeignAndAbsentAreAlike(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	s.talk.uses[goodCode] = 1
	var bodies []string
	for _, cookie := range []string{"", "x", token('s', 77), "../../etc", strings.Repeat("a", 5000)} {
		b := s.browser()
		b.cookies["clipcase"] = cookie
		for _, path := range []string{"/part", "/code", "/logout", "/case/" + goodCode, "/nothing", "/admin"} {
			w := b.get(path)
			require.Equal(t, 404, w.Code, path)
			bodies = append(bodies, regexp.MustCompile(`name="back" value="[^"]*"`).ReplaceAllString(w.Body.String(), ""))
		}
		require.Equal(t, 404, b.post("/part", "csrf", "x").Code)
		require.Equal(t, 404, b.post("/code", "csrf", "x").Code)
		require.Equal(t, 404, b.post("/logout", "csrf", "x").Code)
	}
	for _, body := range bodies {
		require.Equal(t, bodies[0], body)
	}
	for _, err := range []error{gone(), &flows.Error{Class: flows.Forbidden, Text: flows.T("talk.access.banned")}} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/nothing", nil)
		r.Header.Set("Accept-Language", "en")
		s.entry.Trouble(w, r, err)
		require.Equal(t, 404, w.Code)
		require.Equal(t, bodies[0], regexp.MustCompile(`name="back" value="[^"]*"`).ReplaceAllString(w.Body.String(), ""))
	}
}

func TestTrouble(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	for name, test := range map[string]struct {
		err    error
		status int
		says   string
	}{
		"away":     {away(), 503, "a few seconds"},
		"conflict": {&flows.Error{Class: flows.Conflict, Text: flows.T("talk.conflict")}, 409, "Please look"},
		"invalid":  {fmt.Errorf("x: %w", &flows.Error{Class: flows.Invalid, Text: flows.Text{Plain: "<i>no</i>"}}), 422, "&lt;i&gt;no"},
		"internal": {&flows.Error{Class: flows.Internal, Err: errors.New("path /var/x")}, 500, "number"},
		"unknown":  {errors.New("path /var/x"), 500, "number"},
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/part", nil)
		r.Header.Set("Accept-Language", "en")
		s.entry.Trouble(w, r, test.err)
		require.Equal(t, test.status, w.Code, name)
		require.NotContains(t, w.Body.String(), "/var")
		require.Contains(t, strings.ToLower(w.Body.String()), strings.ToLower(test.says), name)
	}
	require.Contains(t, s.log.String(), "/var/x")
}

func TestNothingGoesOnWhileSessionsAreAway(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	b := s.in("web:me")
	csrfToken := b.session().CSRF
	s.doors.fail["Session"] = away()
	for _, path := range []string{"/", "/part", "/code", "/logout", "/i/" + goodCode, "/login/" + token('r', 1), "/return"} {
		require.Equal(t, 503, b.get(path).Code, path)
	}
	for _, path := range []string{"/start", "/part", "/code", "/logout", "/i/" + goodCode, "/login/" + token('r', 1), "/return", "/lang"} {
		require.Equal(t, 503, b.post(path, "csrf", csrfToken).Code, path)
	}
	delete(s.doors.fail, "Session")
	s.doors.fail["Allow"] = away()
	require.Equal(t, 503, b.get("/part").Code, "what cannot be counted is not allowed")
	s.doors.fail["PeekLogin"] = away()
	require.Equal(t, 503, b.get("/login/"+token('r', 1)).Code)
}

func TestLimitCountsAddressAndPerson(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	b := s.in("web:me")
	b.get("/part")
	require.Equal(t, map[string]int{"part:near:192.0.2.1": 1, "part:by:web:me": 1}, s.doors.tries)
	s.doors.tries["part:by:web:me"] = 1000
	require.Equal(t, 429, b.get("/part").Code)
	require.Equal(t, 200, s.in("web:other").get("/part").Code, "others of the same carrier go on")
	s.doors.tries["part:near:192.0.2.1"] = 100_000
	require.Equal(t, 429, s.in("web:third").get("/part").Code, "but not without end")
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	require.True(t, s.entry.Limit(w, r, "bare", 1, 1))
	require.False(t, s.entry.Limit(w, r, "bare", 1, 1), "without a session by address alone")
	s.doors.fail["Session"] = away()
	r.AddCookie(&http.Cookie{Name: "clipcase", Value: token('s', 1)})
	w = httptest.NewRecorder()
	require.False(t, s.entry.Limit(w, r, "bare", 1, 1))
	require.Equal(t, 503, w.Code)
}

func TestAddress(t *testing.T) {
	t.Parallel()
	trusting, plain := newSite(t, Config{TrustProxy: true}).entry, newSite(t, Config{}).entry
	for name, test := range map[string]struct {
		entry     *Entry
		remote    string
		forwarded []string
		want      string
	}{
		"direct":                           {plain, "203.0.113.9:1", nil, "203.0.113.9"},
		"IPv6 by its first half":           {plain, "[2001:db8:1:2:3:4:5:6]:1", nil, "2001:db8:1:2::/64"},
		"IPv4 in IPv6":                     {plain, "[::ffff:203.0.113.9]:1", nil, "203.0.113.9"},
		"zone":                             {plain, "[fe80::1%eth0]:1", nil, "fe80::/64"},
		"no port":                          {plain, "203.0.113.9", nil, "203.0.113.9"},
		"socket":                           {plain, "@", nil, "unknown"},
		"untrusted":                        {plain, "127.0.0.1:1", []string{"203.0.113.9"}, "127.0.0.1"},
		"proxy":                            {trusting, "127.0.0.1:1", []string{"203.0.113.9"}, "203.0.113.9"},
		"proxy, IPv6":                      {trusting, "[::1]:1", []string{"2001:db8::9"}, "2001:db8::/64"},
		"claimed before the proxy":         {trusting, "10.0.0.2:1", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		"claimed in a line of its own":     {trusting, "10.0.0.2:1", []string{"1.1.1.1", "203.0.113.9"}, "203.0.113.9"},
		"two proxies":                      {trusting, "127.0.0.1:1", []string{"203.0.113.9, 10.0.0.3"}, "203.0.113.9"},
		"two proxies, claimed":             {trusting, "127.0.0.1:1", []string{"1.1.1.1, 203.0.113.9, 10.0.0.3"}, "203.0.113.9"},
		"proxy with port":                  {trusting, "192.168.1.2:1", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		"all inside":                       {trusting, "127.0.0.1:1", []string{"192.168.1.7"}, "192.168.1.7"},
		"nothing said":                     {trusting, "127.0.0.1:1", nil, "127.0.0.1"},
		"garbage":                          {trusting, "127.0.0.1:1", []string{"203.0.113.9, <script>"}, "127.0.0.1"},
		"garbage behind a proxy":           {trusting, "127.0.0.1:1", []string{"unknown, 10.0.0.3"}, "10.0.0.3"},
		"public peers are never believed":  {trusting, "198.51.100.1:1", []string{"203.0.113.9"}, "198.51.100.1"},
		"carrier's net is no proxy's":      {trusting, "100.64.0.1:1", []string{"203.0.113.9"}, "100.64.0.1"},
		"empty entries":                    {trusting, "127.0.0.1:1", []string{",,"}, "127.0.0.1"},
		"private net of IPv6 is believed":  {trusting, "[fd00::1]:1", []string{"203.0.113.9"}, "203.0.113.9"},
		"loopback in IPv6 form, with zone": {trusting, "[::ffff:127.0.0.1]:1", []string{"203.0.113.9"}, "203.0.113.9"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = test.remote
		r.Header["X-Forwarded-For"] = test.forwarded
		v, err := test.entry.Visitor(r)
		require.Equal(t, flows.NotFound, flows.ClassOf(err), name)
		require.False(t, v.In)
		require.Equal(t, test.want, v.Address, name)
	}
}

func TestLocal(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"/", "/case/abc", "/part?x=1&y=a_b", "/dl/x/y-z~.mp4"} {
		require.Equal(t, to, local(to))
	}
	for _, to := range []string{
		"", "x", "https://evil.example", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "/\n/evil.example",
		"/..//evil.example", "/./evil", "/.//evil.example", "/x//y", "javascript:alert(1)", "/%2f/evil.example", "/%09/evil.example", "/x\r\nSet-Cookie: a=b", "/中文", "/x#y", "/@evil.example",
		"/" + strings.Repeat("a", 600), " /x", "/ x", "/x:y",
	} {
		require.Equal(t, "/", local(to), to)
	}
}
