package entry

import (
	"net/http"
	"strings"
	"time"
)

// The cookies: who is logged in, what the forms of someone who is not must carry,
// and the language.
const (
	sessionCookie = "clipcase"
	formCookie    = "clipcase-form"
	langCookie    = "clipcase-lang"
)

const langKept = 365 * 24 * time.Hour

// cookieName is the name a cookie has here: with https the prefix makes browsers
// refuse it from any other host, a subdomain's too.
func (e *Entry) cookieName(name string) string {
	if e.secure {
		return "__Host-" + name
	}
	return name
}

func (e *Entry) cookie(r *http.Request, name string) string {
	c, err := r.Cookie(e.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie until expires; the zero time is until the browser ends.
func (e *Entry) setCookie(w http.ResponseWriter, name, value string, expires time.Time) {
	c := &http.Cookie{ //nolint:gosec // Secure follows PublicURL: a machine's own page has no https
		Name: e.cookieName(name), Value: value, Path: "/",
		HttpOnly: true, Secure: e.secure, SameSite: http.SameSiteLaxMode,
	}
	if !expires.IsZero() {
		c.Expires = expires
		c.MaxAge = max(1, int(expires.Sub(e.clock())/time.Second))
	}
	http.SetCookie(w, c)
}

func (e *Entry) dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // as in setCookie
		Name: e.cookieName(name), Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: e.secure, SameSite: http.SameSiteLaxMode,
	})
}

// local is an address of ours to go to, "/" for anything else. It takes no more
// than a plain path with a query: everything that some browser might read as
// another host is refused.
func local(to string) string {
	if !strings.HasPrefix(to, "/") || len(to) > 512 || strings.Contains(to, "//") || strings.Contains(to, "/.") {
		return "/"
	}
	for i := range len(to) {
		switch c := to[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case strings.IndexByte("/-_.~?=&", c) >= 0:
		default:
			return "/"
		}
	}
	return to
}
