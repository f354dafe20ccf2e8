package entry

import (
	"crypto/subtle"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"clipcase/flows/pass"
)

// formBytes is the most a form without files may weigh.
const formBytes = 1 << 20

// FromPage says whether a change comes from a page of ours that was made for v:
// token is what the page gave back.
func (e *Entry) FromPage(r *http.Request, v Visitor, token string) bool {
	return v.In && e.sameOrigin(r) && same(token, v.Session.CSRF)
}

// fromForm is FromPage for forms that people without a session may send: theirs
// must carry the cookie's value.
func (e *Entry) fromForm(r *http.Request, v Visitor, token string) bool {
	if v.In {
		return e.FromPage(r, v, token)
	}
	want := e.cookie(r, formCookie)
	return pass.IsCode(want) && e.sameOrigin(r) && same(token, want)
}

func same(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// sameOrigin says whether nothing speaks against a request being sent by a page
// of ours. A browser that says neither Sec-Fetch-Site nor Origin, or the Origin
// "null" that our Referrer-Policy makes older ones say, is judged by its token
// alone.
func (e *Entry) sameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" {
		return site == "same-origin" || site == "none" // none: the person's own doing, such as loading again
	}
	origin := r.Header.Get("Origin")
	if origin == "" || origin == "null" || e.origin != "" && strings.EqualFold(origin, e.origin) {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// formToken is what a form for v must carry. For someone without a session it
// sets the cookie that the form is compared with.
func (e *Entry) formToken(w http.ResponseWriter, r *http.Request, v Visitor) (string, error) {
	if v.In {
		return v.Session.CSRF, nil
	}
	token := e.cookie(r, formCookie)
	if pass.IsCode(token) {
		return token, nil
	}
	token, err := e.secret()
	if err != nil {
		return "", err
	}
	e.setCookie(w, formCookie, token, time.Time{})
	return token, nil
}

// field reads a plain form and is the token of the request: the header's, or the
// form's.
func (e *Entry) field(w http.ResponseWriter, r *http.Request) string {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == "application/x-www-form-urlencoded" {
		r.Body = http.MaxBytesReader(w, r.Body, formBytes)
		if r.ParseForm() != nil {
			return ""
		}
	}
	if token := r.Header.Get("X-CSRF"); token != "" {
		return token
	}
	return r.PostForm.Get("csrf")
}

// form opens a form that anyone may send. Not ok means that it was answered.
func (e *Entry) form(w http.ResponseWriter, r *http.Request) (v Visitor, ok bool) {
	v, err := e.known(r)
	if err != nil {
		e.Trouble(w, r, err)
		return v, false
	}
	if !e.fromForm(r, v, e.field(w, r)) {
		e.stale(w, r)
		return v, false
	}
	return v, true
}
