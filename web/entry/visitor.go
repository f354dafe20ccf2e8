package entry

import (
	"context"
	"net/http"
	"strings"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/page"
)

// Visitor is who sends a request.
type Visitor struct {
	Session pass.Session // zero unless In
	In      bool         // has a session
	Lang    string       // zh or en
	Address string       // where from, for limits: an address, of IPv6 the first 64 bits

	cookie string
}

type visitorKey struct{}

// Visitor is who sends r. Without a session the error is of class NotFound, and
// Lang and Address hold all the same; other errors say that it cannot be known now.
func (e *Entry) Visitor(r *http.Request) (Visitor, error) {
	if v, ok := r.Context().Value(visitorKey{}).(Visitor); ok {
		if !v.In {
			return v, errNobody
		}
		return v, nil
	}
	v := Visitor{Lang: e.langOf(r), Address: e.address(r)}
	cookie := e.cookie(r, sessionCookie)
	if !pass.IsCode(cookie) {
		return v, errNobody
	}
	s, err := e.doors.Session(r.Context(), cookie)
	if err != nil {
		return v, err
	}
	v.Session, v.In, v.cookie = s, true, cookie
	if s.Lang == "zh" || s.Lang == "en" {
		v.Lang = s.Lang
	}
	return v, nil
}

// Still says whether a visitor's session lives: one may end, by a log-out elsewhere
// in the browser or a ban, while an answer to it is under way. The error says that
// it cannot be known now.
func (e *Entry) Still(ctx context.Context, v Visitor) (bool, error) {
	_, err := e.doors.Session(ctx, v.cookie)
	if flows.ClassOf(err) == flows.NotFound {
		return false, nil
	}
	return err == nil, err
}

var errNobody = &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}

// known is the visitor for pages that anyone may see: having no session is no
// error.
func (e *Entry) known(r *http.Request) (Visitor, error) {
	v, err := e.Visitor(r)
	if flows.ClassOf(err) == flows.NotFound {
		err = nil
	}
	return v, err
}

// remember keeps who sent a request with it, so that nobody looks it up again.
func remember(ctx context.Context, v Visitor) context.Context {
	return context.WithValue(ctx, visitorKey{}, v)
}

// langOf is the language of a request without its session: the cookie's, else
// the first of ours in Accept-Language, else Chinese.
func (e *Entry) langOf(r *http.Request) string {
	if l := e.cookie(r, langCookie); l == "zh" || l == "en" {
		return l
	}
	for _, one := range strings.Split(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(one)), ";")
		base, _, _ := strings.Cut(tag, "-")
		if base == "zh" || base == "en" {
			return base
		}
	}
	return "zh"
}

// Member lets only people with a session through, and of their changes only those
// that come from a page of ours. Without a session GET / is the landing page and
// everything else is Absent, with the words that a form of ours brought.
//
// The token of a change is the form field "csrf" or the header X-CSRF. Bodies
// other than application/x-www-form-urlencoded are not read: they need the header.
func (e *Entry) Member(next func(http.ResponseWriter, *http.Request, Visitor)) http.Handler {
	return e.OutsideOnly(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v, err := e.known(r)
		r = r.WithContext(remember(r.Context(), v))
		switch {
		case err != nil:
			e.Trouble(w, r, err)
		case !v.In && r.URL.Path == "/" && safe(r.Method):
			e.landing(w, r, v)
		case !v.In:
			e.ended(w, r)
		case !safe(r.Method) && !e.FromPage(r, v, e.field(w, r)):
			e.stale(w, r)
		default:
			next(w, r, v)
		}
	}))
}

func safe(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// view is a page for a visitor.
func (v Visitor) view(r *http.Request, title flows.Text, data any) page.View {
	return page.View{Title: title, Lang: v.Lang, CSRF: v.Session.CSRF, Path: local(r.URL.Path), Data: data}
}
