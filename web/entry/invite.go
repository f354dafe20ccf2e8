package entry

import (
	"context"
	"net/http"
	"strings"
	"time"

	"clipcase/flows"
)

// showInvite says what an invitation is for and has a button. Looking uses
// nothing up and asks nobody: those who scan links open them too.
func (e *Entry) showInvite(w http.ResponseWriter, r *http.Request) {
	v, err := e.known(r)
	if err != nil {
		e.Trouble(w, r, err)
		return
	}
	code := invitation(r.PathValue("code"))
	if code == "" {
		e.badInvite(w, r)
		return
	}
	data := e.intro(v)
	data.Code = code
	e.write(w, r, v, http.StatusOK, "invite", flows.T("web.entry.invite.title"), data)
}

// redeem takes an invitation.
func (e *Entry) redeem(w http.ResponseWriter, r *http.Request) {
	v, ok := e.form(w, r)
	if !ok || !e.strict(w, r, v, "invite", 20, 10*time.Minute) {
		return
	}
	e.join(w, r, v, invitation(r.PathValue("code")))
}

// invitation is the code in what was opened or pasted, "" if there is none.
func invitation(s string) string {
	if found := codePattern.FindStringSubmatch(strings.ToLower(strings.TrimSpace(s))); found != nil {
		return found[1]
	}
	return ""
}

// join lets the visitor in by an invitation: whoever has a session as the person
// they are, else as a new one.
func (e *Entry) join(w http.ResponseWriter, r *http.Request, v Visitor, code string) {
	if code == "" {
		e.badInvite(w, r)
		return
	}
	o := e.twice.once(r.Context(), []string{"invite", r.PostForm.Get("csrf"), code}, func(ctx context.Context) outcome {
		return e.admit(ctx, v, code)
	})
	if flows.ClassOf(o.err) == flows.Forbidden {
		e.badInvite(w, r)
		return
	}
	e.enter(w, r, o)
}

// admit brings the code to the conversation, which asks the gate. The session is
// there before: a code that is used up must not be lost with a failure after it.
func (e *Entry) admit(ctx context.Context, v Visitor, code string) outcome {
	o := outcome{session: v.Session, to: "/"}
	id, err := e.secret()
	if err == nil && !v.In {
		// Of a guess nothing is kept: no session, no person, no conversation.
		if err = e.doors.PeekInvite(ctx, code); flows.ClassOf(err) == flows.NotFound {
			err = &flows.Error{Class: flows.Forbidden, Text: flows.T("talk.access.badcode"), Err: err}
		}
	}
	if err == nil && !v.In {
		var actor string
		if actor, err = e.newActor(); err == nil {
			o = e.open(ctx, v, actor, v.Lang, "/")
			err = o.err
		}
	}
	if err != nil {
		return outcome{err: err}
	}
	actor := o.session.Actor
	screen, err := e.talk.Handle(ctx, flows.Event{
		ID: "web:" + id, Actor: actor, Chat: actor, At: e.clock(), Lang: v.Lang,
		Kind: flows.EventCommand, Command: "start", Text: "i_" + code, Direct: true,
	})
	if err == nil && turnedAway(screen) {
		err = &flows.Error{Class: flows.Forbidden, Text: flows.T("talk.access.badcode")}
	}
	if err != nil {
		if o.cookie != "" {
			e.close(ctx, o.cookie)
		}
		return outcome{err: err}
	}
	return o
}

// turnedAway says whether a screen is the conversation's answer to someone who
// may not use the service: those say so under talk.access, all but the welcome.
func turnedAway(s flows.Screen) bool {
	for _, b := range s.Blocks {
		if strings.HasPrefix(b.Text.Key, "talk.access.") && b.Text.Key != "talk.access.welcome" {
			return true
		}
	}
	return false
}

// badInvite is the one answer to every code that is not good.
func (e *Entry) badInvite(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, http.StatusNotFound, message{
		Title: flows.T("web.entry.badinvite.title"),
		Lines: []flows.Text{flows.T("web.entry.badinvite.what"), flows.T("web.entry.badinvite.do")},
		Links: []link{homeLink(), returnLink()},
	})
}
