package entry

import (
	"context"
	"net/http"
	"strings"
	"time"

	"clipcase/flows"
)

// Attempts at return codes: twelve digits stay safe only if few can be tried.
const (
	returnMost    = 5 // an address, in returnPer
	returnPer     = 10 * time.Minute
	returnAll     = 300 // all addresses together, in returnAllPer
	returnAllPer  = time.Hour
	returnLongest = 64 // characters of what is typed
)

func (e *Entry) showReturn(w http.ResponseWriter, r *http.Request) {
	v, err := e.known(r)
	if err != nil {
		e.Trouble(w, r, err)
		return
	}
	e.write(w, r, v, http.StatusOK, "return", flows.T("web.entry.return.title"), e.intro(v))
}

// useReturn opens a person's own on another device.
func (e *Entry) useReturn(w http.ResponseWriter, r *http.Request) {
	v, ok := e.form(w, r)
	if !ok || !e.strict(w, r, v, "return", returnMost, returnPer) || !e.allow(w, r, "return:all", returnAll, returnAllPer) {
		return
	}
	typed := r.PostForm.Get("code")
	var o outcome
	if len(typed) > returnLongest {
		o.err = errNobody
	} else {
		o = e.twice.once(r.Context(), []string{"return", r.PostForm.Get("csrf"), typed}, func(ctx context.Context) outcome {
			actor, err := e.doors.UseReturnCode(ctx, typed)
			if err != nil {
				return outcome{err: err}
			}
			o := e.open(ctx, v, actor, v.Lang, "/")
			if flows.ClassOf(o.err) == flows.NotFound { // the code is good, the door is closed for them
				cookie, s, err := e.doors.OpenShut(ctx, actor, v.Lang)
				return outcome{cookie: cookie, session: s, to: "/", err: err}
			}
			return o
		})
	}
	if class := flows.ClassOf(o.err); class == flows.NotFound || class == flows.Invalid {
		data := e.intro(v)
		data.Wrong = true
		e.write(w, r, v, http.StatusUnprocessableEntity, "return", flows.T("web.entry.return.title"), data)
		return
	}
	e.enter(w, r, o)
}

// returnCode is the page of a person's return code.
type returnCode struct {
	Code  string // the new one; "" = not made yet
	Nonce string // of the form: the same form makes one code, however often it is sent
}

// Aloud is the code digit by digit, for programs that read pages to people.
func (c returnCode) Aloud() string {
	groups := strings.Fields(c.Code)
	for i, group := range groups {
		groups[i] = strings.Join(strings.Split(group, ""), " ")
	}
	return strings.Join(groups, ", ")
}

func (e *Entry) showCode(w http.ResponseWriter, r *http.Request, v Visitor) {
	nonce, err := e.secret()
	if err != nil {
		e.Trouble(w, r, err)
		return
	}
	e.set.Write(w, http.StatusOK, "code", v.view(r, flows.T("web.entry.code.title"), returnCode{Nonce: nonce}))
}

// makeCode shows a new code. It stands only in this answer, since nothing but its
// hash is kept.
func (e *Entry) makeCode(w http.ResponseWriter, r *http.Request, v Visitor) {
	if !e.Limit(w, r, "code", 10, time.Hour) {
		return
	}
	o := e.twice.once(r.Context(), []string{"code", v.Session.ID, r.PostForm.Get("nonce")}, func(ctx context.Context) outcome {
		code, err := e.doors.NewReturnCode(ctx, v.Session.Actor)
		return outcome{code: code, err: err}
	})
	if o.err != nil {
		e.Trouble(w, r, o.err)
		return
	}
	e.set.Write(w, http.StatusOK, "code", v.view(r, flows.T("web.entry.code.title"), returnCode{Code: o.code}))
}
