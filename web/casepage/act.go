package casepage

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/entry"
	"clipcase/web/page"
)

// show is the case page.
func (p *Pages) show(w http.ResponseWriter, r *http.Request, v visit) {
	links, err := p.doors.Links(r.Context(), v.kase.ID)
	if err != nil {
		p.visitors.Trouble(w, r, err)
		return
	}
	data := p.view(v, links)
	view := page.View{Title: flows.T("web.case.title", "case", v.kase.ID), Lang: v.Lang, CSRF: v.Session.CSRF, Path: r.URL.Path, Scripts: []string{"casepage.js"}, Data: data}
	if data.Working {
		view.Refresh = 5
	}
	p.set.Write(w, http.StatusOK, "case", view)
}

// act carries out what a form of the page asks for.
func (p *Pages) act(w http.ResponseWriter, r *http.Request, v visit) {
	if !p.visitors.Limit(w, r, "case", 120, time.Hour) {
		return
	}
	switch r.PostFormValue("do") {
	case "press":
		p.press(w, r, v, r.PostFormValue("choice"), r.PostFormValue("token"))
	case "link":
		p.link(w, r, v)
	case "revoke":
		p.revoke(w, r, v)
	case "forget":
		p.forget(w, r, v)
	default:
		p.visitors.Absent(w, r)
	}
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request, v visit, at string) {
	http.Redirect(w, r, "/case/"+v.token+at, http.StatusSeeOther)
}

// press tells the conversation; what it answers is shown with its own choices,
// and a press that leads back into the conversation goes there.
func (p *Pages) press(w http.ResponseWriter, r *http.Request, v visit, choice, token string) {
	screen, err := p.event(r, v, flows.Event{Kind: flows.EventChoice, Choice: choice, Token: token}, "")
	if err != nil {
		p.visitors.Trouble(w, r, err)
		return
	}
	if screen.Token != flows.TokenKeep { // a step of the conversation: its own page
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	title, rest, ok := page.Heading(screen.Blocks)
	if !ok {
		title = flows.T("web.case.title", "case", v.kase.ID)
	}
	p.set.Write(w, http.StatusOK, "answer", page.View{
		Title: title, Lang: v.Lang, CSRF: v.Session.CSRF, Path: r.URL.Path,
		Data: answerView{Self: "/case/" + v.token, Case: v.kase.ID, Screen: screen, Lines: p.pages.Paras(v.Lang, rest), Nonce: p.cfg.IDs()},
	})
}

type answerView struct {
	Self   string
	Case   string
	Screen flows.Screen
	Lines  []page.Para // the screen's words after its title
	Nonce  string
}

// event hands one event on, under a name that is the same when the form is sent
// twice. part tells the events of one form apart.
func (p *Pages) event(r *http.Request, v visit, e flows.Event, part string) (flows.Screen, error) {
	once := r.PostFormValue("nonce")
	if !entry.IsNonce(once) {
		return flows.Screen{}, entry.Broken()
	}
	event := v.Event(v.kase.Chat, once+part, p.cfg.Clock())
	event.Kind, event.Command, event.Choice, event.Token = e.Kind, e.Command, e.Choice, e.Token
	return p.talk.Handle(r.Context(), event)
}

// link makes a link to one file; there is one for each file.
func (p *Pages) link(w http.ResponseWriter, r *http.Request, v visit) {
	channel, name, _ := strings.Cut(r.PostFormValue("file"), "/")
	f, ok := find(v.kase, channel, name)
	if !ok || channel == originals && !linkable(v.kase.Exhibit(name)) {
		p.visitors.Absent(w, r)
		return
	}
	if channel == originals {
		channel = ""
	}
	links, err := p.doors.Links(r.Context(), v.kase.ID)
	if err == nil && !slices.ContainsFunc(links, func(l pass.Link) bool { return l.Blob == f.blob }) {
		_, err = p.doors.NewLink(r.Context(), pass.Link{
			Case: v.kase.ID, Blob: f.blob, Name: f.name, MIME: f.mime, Bytes: f.bytes, SHA256: f.sha256, Channel: channel, Of: f.of, Created: p.cfg.Clock(),
		})
	}
	if err == nil { // after the link, so that the history never tells of one that does not exist
		err = p.noted(r.Context(), v.kase.ID, flows.LinkMade, f.sha256, channel)
	}
	if err != nil {
		p.visitors.Trouble(w, r, err)
		return
	}
	p.again(w, r, v, "#links")
}

// revoke notes that a link is taken back, and ends it at once: in this order, so
// that the history never misses that it was. Where the end fails the link still
// stands on the page, to be taken back again.
func (p *Pages) revoke(w http.ResponseWriter, r *http.Request, v visit) {
	token := r.PostFormValue("link")
	l, err := p.doors.OpenLink(r.Context(), token, false)
	if err == nil && l.Case == v.kase.ID { // another's is as good as none
		err = p.noted(r.Context(), v.kase.ID, flows.LinkRevoked, l.SHA256, l.Channel)
		if err == nil {
			err = p.doors.RevokeLink(r.Context(), v.kase.ID, token)
		}
	}
	if err != nil && flows.ClassOf(err) != flows.NotFound && flows.ClassOf(err) != flows.Invalid {
		p.visitors.Trouble(w, r, err)
		return
	}
	p.again(w, r, v, "#links")
}

// noted writes what became of a link into the history of the case, unless that is
// what it says already: a step that broke off is done again.
func (p *Pages) noted(ctx context.Context, id, what, sha256, channel string) error {
	_, err := p.cases.Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
		if c.LinkNoted(sha256, channel) != what {
			c.NoteLink(what, sha256, channel, p.cfg.Clock())
		}
		return nil, nil
	})
	return err
}

var errNotForgotten = errors.New("the conversation did not offer to delete the case")

// forget deletes the case by the conversation's own way: put it in hand, ask,
// say yes.
func (p *Pages) forget(w http.ResponseWriter, r *http.Request, v visit) {
	if r.PostFormValue("sure") != v.kase.ID {
		p.set.Write(w, http.StatusOK, "forget", page.View{
			Title: flows.T("web.case.forget.title", "case", v.kase.ID), Lang: v.Lang, CSRF: v.Session.CSRF, Path: r.URL.Path,
			Data: answerView{Self: "/case/" + v.token, Case: v.kase.ID, Nonce: p.cfg.IDs()},
		})
		return
	}
	steps := []flows.Event{
		{Kind: flows.EventChoice, Token: flows.TokenKeep, Choice: v.kase.PressCase("case")},
		{Kind: flows.EventCommand, Command: "delete"},
		{Kind: flows.EventChoice, Choice: "yes." + v.kase.ID},
	}
	token := flows.TokenKeep
	for i, e := range steps {
		e.Token = token
		screen, err := p.event(r, v, e, ":"+strconv.Itoa(i))
		if err == nil && e.Command != "" && screen.Step != "forget" {
			err = errNotForgotten
		}
		if err != nil {
			p.visitors.Trouble(w, r, err)
			return
		}
		token = screen.Token // of the question that the next step answers
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
