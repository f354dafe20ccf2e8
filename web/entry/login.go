package entry

import (
	"context"
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// showLogin has a button if the link is good; it uses nothing up.
func (e *Entry) showLogin(w http.ResponseWriter, r *http.Request) {
	v, err := e.known(r)
	if err == nil {
		err = e.peek(r.Context(), r.PathValue("code"))
	}
	switch {
	case flows.ClassOf(err) == flows.NotFound:
		e.badLogin(w, r)
	case err != nil:
		e.Trouble(w, r, err)
	default:
		data := e.intro(v)
		data.Code = r.PathValue("code")
		e.write(w, r, v, http.StatusOK, "login", flows.T("web.entry.login.title"), data)
	}
}

func (e *Entry) peek(ctx context.Context, code string) error {
	if !pass.IsCode(code) {
		return errNobody
	}
	return e.doors.PeekLogin(ctx, code)
}

// useLogin logs the browser in, once.
func (e *Entry) useLogin(w http.ResponseWriter, r *http.Request) {
	v, ok := e.form(w, r)
	if !ok || !e.strict(w, r, v, "login", 30, 10*time.Minute) {
		return
	}
	code := r.PathValue("code")
	if !pass.IsCode(code) {
		e.badLogin(w, r)
		return
	}
	o := e.twice.once(r.Context(), []string{"login", r.PostForm.Get("csrf"), code}, func(ctx context.Context) outcome {
		l, err := e.doors.UseLogin(ctx, code)
		if err != nil {
			return outcome{err: err}
		}
		lang := l.Lang
		if lang != "zh" && lang != "en" {
			lang = v.Lang
		}
		return e.open(ctx, v, l.Actor, lang, l.To)
	})
	if flows.ClassOf(o.err) == flows.NotFound {
		e.badLogin(w, r)
		return
	}
	e.enter(w, r, o)
}

// badLogin is the one answer to every login link that is not good.
func (e *Entry) badLogin(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, http.StatusNotFound, message{
		Title: flows.T("web.entry.badlogin.title"),
		Lines: []flows.Text{flows.T("web.entry.badlogin.what"), flows.T("web.entry.badlogin.do")},
		Links: []link{homeLink(), returnLink()},
	})
}
