package entry

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"clipcase/flows"
)

// intro is what the pages for people without a session show.
type intro struct {
	Operator  flows.Text
	Days      int
	Draft     int    // days that what was never handed in is kept, where they are fewer; 0 = as many
	Delivered int    // the same of what was handed out
	Closed    int    // the same of what was cancelled or answered
	Access    string // open, invite or list
	Code      string // of the link that was opened
	In        bool   // someone is logged in here already
	Wrong     bool   // what was typed is no code of ours
	Token     string // what the page's forms must carry
}

func (e *Entry) intro(v Visitor) intro {
	i := intro{Operator: flows.Text{Plain: e.cfg.Operator}, Days: e.cfg.RetentionDays, Access: string(e.cfg.Access), In: v.In}
	fewer := func(days int) int {
		if days >= e.cfg.RetentionDays {
			return 0
		}
		return days
	}
	i.Draft, i.Delivered, i.Closed = fewer(e.cfg.DraftDays), fewer(e.cfg.DeliveredDays), fewer(e.cfg.ClosedDays)
	if e.cfg.Operator == "" {
		i.Operator = flows.T("talk.operator.unnamed")
	}
	return i
}

// landing is "/" for someone without a session, or with one for deleting only.
func (e *Entry) landing(w http.ResponseWriter, r *http.Request, v Visitor) {
	_, err := e.shutOut(r.Context(), e.cookie(r, sessionCookie))
	if err == nil {
		e.shut(w, r, v)
		return
	}
	if flows.ClassOf(err) != flows.NotFound {
		e.Trouble(w, r, err)
		return
	}
	e.write(w, r, v, http.StatusOK, "landing", flows.T("web.entry.title"), e.intro(v))
}

// codePattern finds the code in what people paste: the code alone, our link or
// the messenger's.
var codePattern = regexp.MustCompile(`(?:^|[^a-z2-7])([a-z2-7]{26})$`)

// start begins something new: for everyone where access is open, else with the
// code of an invitation.
func (e *Entry) start(w http.ResponseWriter, r *http.Request) {
	v, ok := e.form(w, r)
	if !ok || !e.strict(w, r, v, "start", 60, time.Hour) {
		return
	}
	if v.In {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if code := invitation(r.PostForm.Get("code")); code != "" || e.cfg.Access != flows.AccessOpen {
		e.join(w, r, v, code)
		return
	}
	e.enter(w, r, e.twice.once(r.Context(), []string{"start", r.PostForm.Get("csrf")}, func(ctx context.Context) outcome {
		actor, err := e.newActor()
		if err != nil {
			return outcome{err: err}
		}
		return e.open(ctx, v, actor, v.Lang, "/")
	}))
}

// open makes a session for actor in place of the visitor's.
func (e *Entry) open(ctx context.Context, v Visitor, actor, lang, to string) outcome {
	cookie, s, err := e.doors.OpenSession(ctx, actor, lang)
	if err != nil {
		return outcome{err: err}
	}
	if v.In {
		e.close(ctx, v.cookie)
	}
	return outcome{cookie: cookie, session: s, to: local(to)}
}

// close ends a session whose cookie is forgotten anyhow: a failure is told to the
// operator only.
func (e *Entry) close(ctx context.Context, cookie string) {
	if err := e.doors.CloseSession(ctx, cookie); err != nil && flows.ClassOf(err) != flows.NotFound {
		e.log.Warn("session not closed; it ends by itself", "err", err)
	}
}

// enter hands the browser its session and sends it on. The token of the forms
// before is of no use afterwards.
func (e *Entry) enter(w http.ResponseWriter, r *http.Request, o outcome) {
	if o.err != nil {
		e.Trouble(w, r, o.err)
		return
	}
	if o.cookie != "" {
		e.setCookie(w, sessionCookie, o.cookie, o.session.Expires)
		e.dropCookie(w, formCookie)
	}
	http.Redirect(w, r, o.to, http.StatusSeeOther)
}
