package entry

import (
	"context"
	"net/http"
	"strings"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// shut answers a good return code of someone who may not use the service any
// longer: nothing of theirs is shown, but that they can delete it is promised to
// everyone. The code stands in the page's form, since they get no session.
func (e *Entry) shut(w http.ResponseWriter, r *http.Request, v Visitor, code string) {
	data := e.intro(v)
	data.Code = code
	e.write(w, r, v, http.StatusForbidden, "forget", flows.T("web.entry.shut.title"), data)
}

// forget deletes all that is kept of whoever has the return code.
func (e *Entry) forget(w http.ResponseWriter, r *http.Request) {
	v, ok := e.form(w, r)
	if !ok || !e.strict(w, r, v, "return", returnMost, returnPer) || !e.allow(w, r, "return:all", returnAll, returnAllPer) {
		return
	}
	typed := r.PostForm.Get("code")
	if len(typed) > returnLongest {
		e.Absent(w, r)
		return
	}
	o := e.twice.once(r.Context(), []string{"forget", r.PostForm.Get("csrf"), typed}, func(ctx context.Context) outcome {
		actor, err := e.doors.UseReturnCode(ctx, typed)
		if err != nil {
			return outcome{err: err}
		}
		return outcome{err: e.deleteAll(ctx, v, actor)}
	})
	if o.err != nil {
		e.Trouble(w, r, o.err)
		return
	}
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
