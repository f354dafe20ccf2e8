package main

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

// Every route of the program is walked by its owner, by somebody else, by somebody
// whose session is over, and by nobody.
func TestWalk(t *testing.T) {
	t.Parallel()
	for _, access := range []string{"open", "invite"} {
		t.Run(access, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "ACCESS="+access)
			stops := w.stops()
			require.Equal(t, routes(t), slices.Sorted(maps.Keys(stops)), "the walk knows every route of the program, and no other")
			for _, pattern := range slices.Sorted(maps.Keys(stops)) {
				if pattern != "POST /logout" {
					w.walk(pattern, stops[pattern])
				}
			}
			w.walk("POST /logout", stops["POST /logout"]) // ends the owner's session
			require.Equal(t, http.StatusNotFound, w.owner.get("/case/"+w.token).status, "no session after the way out")
			w.down()
		})
	}
}

func (w *world) walk(pattern string, s stop) {
	t := w.t
	t.Helper()
	w.again()
	ask := s.asked(pattern, s.path)
	for _, who := range []struct {
		name string
		c    *caller
	}{{"somebody else", w.other}, {"somebody whose session is over", w.expired}, {"nobody", w.nobody}} {
		what := pattern + " by " + who.name
		a := who.c.signed(ask)
		guarded(t, a, what)
		switch s.reach {
		case owned:
			require.Contains(t, []int{401, 403, 404}, a.status, what)
			w.tells(a, s.path, what)
			b := who.c.signed(s.asked(pattern, s.absent))
			w.alike(a, b, s, what)
		case member:
			if who.c == w.other {
				continue // it is about themselves
			}
			if pattern == "GET /{$}" {
				require.Equal(t, http.StatusOK, a.status, what)
				w.tells(a, s.path, what)
				continue
			}
			require.Equal(t, http.StatusNotFound, a.status, what)
			w.tells(a, s.path, what)
		}
	}
	a := w.owner.signed(ask)
	guarded(t, a, pattern)
	require.Equal(t, s.want, a.status, "%s\n%s", pattern, a.body)
	if s.absent != "" {
		require.Equal(t, http.StatusNotFound, w.owner.signed(s.asked(pattern, s.absent)).status, pattern)
	}
}

// signed sends a request with the token its form would carry.
func (c *caller) signed(q ask3) answered {
	if q.form != nil {
		q.form.Set("csrf", c.csrf)
	}
	return c.do(q)
}

// tells checks that an answer holds nothing of the case but the address itself.
func (w *world) tells(a answered, path, what string) {
	w.t.Helper()
	body := plainOf(a.body, path)
	for _, word := range []string{w.kase.ID, w.kase.Statement, w.kase.Exhibits[0].SHA256, "screen.mp4", w.owner.csrf, w.owner.session.Actor} {
		require.NotContains(w.t, body, word, what)
	}
	require.NotContains(w.t, strings.Join(a.header.Values("Set-Cookie"), ";"), "clipcase=", what)
}

// alike compares two answers to the last header and letter, but for the address
// that was asked for itself.
func (w *world) alike(a, b answered, s stop, what string) {
	w.t.Helper()
	require.Equal(w.t, b.status, a.status, what)
	require.Equal(w.t, b.header, a.header, what)
	require.Equal(w.t, plainOf(b.body, s.absent), plainOf(a.body, s.path), what)
}

func plainOf(body, path string) string {
	path, _, _ = strings.Cut(path, "?")
	return strings.ReplaceAll(body, path, "(address)")
}

// Every verb, known or not, on every route: none does anything but those the
// route is for, and none says which routes there are.
func TestWalkByEveryVerb(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	verbs := []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "LOCK", "get", "PURGE", "X-CUSTOM"}
	override := []string{"X-HTTP-Method-Override", "DELETE", "X-HTTP-Method", "DELETE", "X-Method-Override", "DELETE"}
	stops := w.stops()
	for _, c := range []*caller{w.owner, w.other} {
		require.Equal(t, http.StatusOK, c.get("/").status) // a first look begins the conversation
	}
	before := w.keys()
	taken := map[string]bool{} // verb and path that some route is for
	for pattern, s := range stops {
		verb, _, named := strings.Cut(pattern, " ")
		if !named {
			verb = s.method
		}
		taken[verb+s.path], taken["HEAD"+s.path] = true, taken["HEAD"+s.path] || verb == "GET"
	}
	for _, pattern := range slices.Sorted(maps.Keys(stops)) {
		s := stops[pattern]
		for _, verb := range verbs {
			w.again()
			for _, c := range []*caller{w.nobody, w.other, w.owner} {
				a := c.do(ask3{method: verb, path: s.path, header: override})
				what := verb + " " + s.path
				guarded(t, a, what)
				require.Less(t, a.status, 500, what)
				if verb == "OPTIONS" && strings.HasPrefix(s.path, "/files") {
					continue // what the protocol can do; no secret is in it
				}
				if !taken[verb+s.path] {
					require.GreaterOrEqual(t, a.status, 400, what)
				}
			}
		}
	}
	require.Empty(t, newKeys(before, w.keys()), "nothing was made")
	w.unhurt()
	require.Equal(t, http.StatusOK, w.nobody.do(ask3{method: "HEAD", path: "/files/" + w.upload, header: []string{"Upload-Grant", w.grant, "Tus-Resumable", "1.0.0"}}).status, "the upload is still there")
	w.down()
}

// keys are all keys of Redis but those that count requests, which end by themselves.
func (w *world) keys() []string {
	w.t.Helper()
	all, err := w.redis.Client().Keys(w.ctx(), "*").Result()
	require.NoError(w.t, err)
	return slices.DeleteFunc(all, func(key string) bool {
		return strings.HasPrefix(key, "clipcase:door:rate:") || strings.HasPrefix(key, "asynq:")
	})
}

func newKeys(before, after []string) []string {
	return slices.DeleteFunc(slices.Clone(after), func(key string) bool { return slices.Contains(before, key) })
}

// Forms that no page of ours sent change nothing.
func TestWalkForged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	stops := w.stops()
	before := w.keys()
	for _, pattern := range slices.Sorted(maps.Keys(stops)) {
		s := stops[pattern]
		if !strings.HasPrefix(pattern, "POST ") || pattern == "POST /telegram/webhook" || pattern == "POST /upload/{grant}" {
			continue // by their own secrets, which no browser adds by itself
		}
		for name, forged := range map[string]struct {
			csrf   []string
			header []string
		}{
			"no token":          {nil, nil},
			"an empty token":    {[]string{""}, nil},
			"a wrong token":     {[]string{strings.Repeat("0", 32)}, nil},
			"another's token":   {[]string{w.other.csrf}, nil},
			"from another page": {[]string{w.owner.csrf}, []string{"Sec-Fetch-Site", "cross-site"}},
			"from a neighbour":  {[]string{w.owner.csrf}, []string{"Sec-Fetch-Site", "same-site"}},
			"another origin":    {[]string{w.owner.csrf}, []string{"Origin", "https://evil.example"}},
			"another port":      {[]string{w.owner.csrf}, []string{"Origin", "http://127.0.0.1:1"}},
			"no scheme":         {[]string{w.owner.csrf}, []string{"Origin", "evil"}},
		} {
			if pattern == "POST /lang" && len(forged.header) == 0 {
				continue // needs no token: the most it does is show the other language
			}
			w.again()
			what := pattern + ", " + name
			form := url.Values{}
			maps.Copy(form, s.form)
			if forged.csrf != nil {
				form["csrf"] = forged.csrf
			}
			for _, c := range []*caller{w.owner, w.nobody} {
				if c == w.nobody && (s.reach == member || s.reach == owned) {
					continue
				}
				a := c.do(ask3{method: "POST", path: s.path, form: form, header: forged.header})
				guarded(t, a, what)
				require.Equal(t, http.StatusForbidden, a.status, what)
				require.Empty(t, a.header.Values("Set-Cookie"), what)
			}
			// as a form with files, and as what a page may send without asking
			for _, kind := range []string{"multipart/form-data; boundary=x", "text/plain", "application/json", ""} {
				a := w.owner.do(ask3{method: "POST", path: s.path, header: append([]string{"Content-Type", kind}, forged.header...)})
				require.Equal(t, http.StatusForbidden, a.status, "%s as %q", what, kind)
			}
		}
	}
	require.Empty(t, newKeys(before, w.keys()), "nothing was made")
	w.unhurt()
	require.Equal(t, http.StatusOK, w.owner.get("/code").status, "still logged in")
	w.down()
}

// Somebody else's case cannot be pressed at by its number, which is no secret.
func TestWalkWithAnothersNumber(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "ACCESS=open")
	require.Equal(t, http.StatusOK, w.other.get("/?begin=1").status)
	mine := "/case/" + w.foreign
	for _, n := range []string{w.kase.ID, "CC9999"} {
		pack := n + ".0.0"
		for i, choice := range []string{"case." + n, "more." + n, "sent." + pack, "refd." + pack, "answ." + pack, "wait." + pack, "why." + pack + ".too-big", "next." + pack, "again." + pack, "exact." + pack, "extra." + pack, "yes." + n, "go.on." + n, "remove", "e1 remove"} {
			w.again()
			nonce := "f" + n + string(rune('a'+i)) + "x"
			forms := []url.Values{
				{"nonce": {nonce + "1"}, "kept": {choice}},
				{"nonce": {nonce + "2"}, "choice": {choice}, "token": {"keep"}},
				{"nonce": {nonce + "3"}, "delete": {n}},
				{"nonce": {nonce + "4"}, "move": {choice}},
			}
			for _, form := range forms {
				a := w.other.post("/", form)
				require.Less(t, a.status, 500, "%v\n%s", form, a.body)
				w.silent(a, form)
			}
			form := url.Values{"do": {"press"}, "nonce": {nonce + "5"}, "choice": {choice}, "token": {"keep"}}
			a := w.other.post(mine, form)
			require.Less(t, a.status, 500, "%v\n%s", form, a.body)
			w.silent(a, form)
		}
		for _, form := range []url.Values{{"do": {"forget"}, "nonce": {"fforget" + n}, "sure": {n}}, {"do": {"revoke"}, "link": {w.link.Token}}, {"do": {"link"}, "file": {"original/../" + n}}} {
			a := w.other.post(mine, form)
			require.Less(t, a.status, 500, "%v", form)
			w.silent(a, form)
		}
	}
	require.Equal(t, http.StatusOK, w.nobody.get("/e/"+w.link.Token).status, "the link was not revoked")
	w.unhurt()
	// the same press does something where it is one's own
	id, err := w.doors.CaseByToken(w.ctx(), w.foreign)
	require.NoError(t, err)
	own, err := w.redis.Cases().Case(w.ctx(), id)
	require.NoError(t, err)
	a := w.other.post(mine, url.Values{"do": {"press"}, "nonce": {"fownpress1"}, "choice": {own.PressPack("sent", &own.Packs[0])}, "token": {"keep"}})
	require.Equal(t, http.StatusOK, a.status)
	own, err = w.redis.Cases().Case(w.ctx(), id)
	require.NoError(t, err)
	require.Equal(t, flows.FateSent, own.Packs[0].Fate)
	w.down()
}

func (w *world) silent(a answered, form url.Values) {
	w.t.Helper()
	for _, word := range []string{w.kase.Statement, w.kase.Exhibits[0].SHA256, w.token, "screen.mp4"} {
		require.NotContains(w.t, a.body, word, "%v", form)
	}
}
