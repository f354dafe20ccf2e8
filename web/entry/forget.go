package entry

import (
	"context"
	"net/http"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// shutOut is the session of someone who may not use the service any longer;
// NotFound without one.
func (e *Entry) shutOut(ctx context.Context, cookie string) (pass.Session, error) {
	if !pass.IsCode(cookie) {
		return pass.Session{}, errNobody
	}
	return e.doors.Shut(ctx, cookie)
}

// shut is the one page of someone who may not use the service any longer: nothing
// of theirs is shown, but that they can delete it is promised to everyone.
func (e *Entry) shut(w http.ResponseWriter, r *http.Request, v Visitor) {
	e.write(w, r, v, http.StatusForbidden, "forget", flows.T("web.entry.shut.title"), e.intro(v))
}

// forget deletes all that is kept of whoever is shut out, and ends their session:
// nothing is left that it was good for. Nothing can be guessed here, so there is no
// limit but that of a form.
func (e *Entry) forget(w http.ResponseWriter, r *http.Request) {
	v, ok := e.form(w, r)
	if !ok || !e.allow(w, r, "forget:from:"+v.Address, 60, time.Hour) {
		return
	}
	cookie := e.cookie(r, sessionCookie)
	o := e.twice.once(r.Context(), []string{"forget", r.PostForm.Get("csrf")}, func(ctx context.Context) outcome {
		s, err := e.shutOut(ctx, cookie)
		if err == nil {
			err = e.deleteAll(ctx, v, s.Actor)
		}
		if err == nil {
			e.close(ctx, cookie)
		}
		return outcome{err: err}
	})
	if o.err != nil {
		e.Trouble(w, r, o.err)
		return
	}
	e.dropCookie(w, sessionCookie)
	e.answer(w, r, http.StatusOK, message{Title: flows.T("web.entry.gone.title"), Lines: []flows.Text{flows.T("web.entry.gone.what")}})
}

// deleteAll has the conversation delete everything of actor: it asks, and is
// answered with the most that it offers.
func (e *Entry) deleteAll(ctx context.Context, v Visitor, actor string) error {
	once, err := e.secret()
	if err != nil {
		return err
	}
	as := Visitor{Session: pass.Session{ID: "forget", Actor: actor}, Lang: v.Lang}
	ask := as.Event(actor, once, e.clock())
	ask.Kind, ask.Command = flows.EventCommand, "delete"
	screen, err := e.talk.Handle(ctx, ask)
	if err != nil {
		return err
	}
	yes := as.Event(actor, once+":yes", e.clock())
	yes.Kind, yes.Token = flows.EventChoice, screen.Token
	for _, row := range screen.Rows {
		for _, c := range row {
			if c.ID == "all" || yes.Choice == "" && strings.HasPrefix(c.ID, "yes.") {
				yes.Choice = c.ID
			}
		}
	}
	if yes.Choice == "" {
		return nil // nothing is kept of them
	}
	_, err = e.talk.Handle(ctx, yes)
	return err
}
