package entry

import (
	"errors"
	"net/http"

	"clipcase/flows"
)

// message is a page that only says something.
type message struct {
	Title flows.Text
	Lines []flows.Text
	Words string // that a form brought and nobody kept: to be copied
	Links []link
}

type link struct {
	To    string
	Label flows.Text
}

func homeLink() link   { return link{"/", flows.T("web.entry.home")} }
func returnLink() link { return link{"/return", flows.T("web.entry.return.link")} }

// Absent is the answer for what does not exist and for what belongs to someone
// else: the same for both.
func (e *Entry) Absent(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, http.StatusNotFound, message{
		Title: flows.T("web.entry.absent.title"),
		Lines: []flows.Text{flows.T("web.entry.absent.what"), flows.T("web.entry.absent.do")},
		Links: []link{homeLink(), returnLink()},
	})
}

// Trouble answers a failure. People read the words of a *flows.Error; what is
// foreign or absent is Absent, and an internal failure is a number that the log
// knows.
func (e *Entry) Trouble(w http.ResponseWriter, r *http.Request, err error) {
	if r.Context().Err() != nil {
		return // nobody is there any more
	}
	class := flows.ClassOf(err)
	switch class {
	case flows.NotFound, flows.Forbidden:
		e.Absent(w, r)
		return
	case flows.Unavailable:
		e.log.Warn("page not available", "err", err)
		w.Header().Set("Retry-After", "5")
		e.answer(w, r, http.StatusServiceUnavailable, message{Title: flows.T("web.entry.busy.title"), Lines: []flows.Text{flows.T("talk.busy")}, Links: []link{again(r)}})
		return
	}
	var said *flows.Error
	if errors.As(err, &said) && class != flows.Internal {
		status := http.StatusUnprocessableEntity
		var large *http.MaxBytesError
		switch {
		case class == flows.Conflict:
			status = http.StatusConflict
		case errors.As(err, &large):
			status = http.StatusRequestEntityTooLarge
		}
		e.answer(w, r, status, message{Title: flows.T("web.entry.failed.title"), Lines: []flows.Text{said.Text}, Links: []link{again(r)}})
		return
	}
	number, _ := e.secret() // without a number the log still has the error
	number = number[:min(8, len(number))]
	e.log.Error("page failed", "number", number, "err", err)
	e.answer(w, r, http.StatusInternalServerError, message{
		Title: flows.T("web.entry.failed.title"),
		Lines: []flows.Text{flows.T("web.entry.failed.what"), flows.T("talk.incident", "number", number)},
		Links: []link{again(r)},
	})
}

// stale answers a form that no page of ours sent, or one from before a login. One
// that is too long was not read: nobody knows who sent it.
func (e *Entry) stale(w http.ResponseWriter, r *http.Request) {
	if r.ContentLength > formBytes {
		e.answer(w, r, http.StatusRequestEntityTooLarge, message{
			Title: flows.T("web.entry.large.title"), Lines: []flows.Text{flows.T("web.entry.large.what")}, Links: []link{again(r)},
		})
		return
	}
	m := message{
		Title: flows.T("web.entry.stale.title"),
		Lines: []flows.Text{flows.T("web.entry.stale.what")},
		Words: e.unkept(w, r), Links: []link{again(r), homeLink()},
	}
	if m.Words != "" {
		m.Lines = append(m.Lines, flows.T("web.entry.unkept.copy"))
	}
	e.answer(w, r, http.StatusForbidden, m)
}

// unkept is what somebody wrote into a form of ours whose session is over by now;
// "" for a form without words, and for one that a page of others sent.
func (e *Entry) unkept(w http.ResponseWriter, r *http.Request) string {
	if safe(r.Method) {
		return ""
	}
	e.field(w, r)
	if !e.sameOrigin(r) {
		return ""
	}
	text, _ := flows.Clean(r.PostForm.Get("text"), flows.MaxStatement)
	return text
}

// ended answers a member's page without a session: what was written is shown once
// more, since nobody writes the same twice gladly; else it is Absent.
func (e *Entry) ended(w http.ResponseWriter, r *http.Request) {
	words := e.unkept(w, r)
	if words == "" {
		e.Absent(w, r)
		return
	}
	e.answer(w, r, http.StatusNotFound, message{
		Title: flows.T("web.entry.unkept.title"),
		Lines: []flows.Text{flows.T("web.entry.unkept.what"), flows.T("web.entry.unkept.copy")},
		Words: words, Links: []link{homeLink(), returnLink()},
	})
}

// again is the page a request belongs to: where forms are sent that stand on
// other pages, the first one.
func again(r *http.Request) link {
	to := local(r.URL.Path)
	if to == "/start" || to == "/lang" {
		to = "/"
	}
	return link{to, flows.T("web.entry.again")}
}

// answer writes a page that only says something.
func (e *Entry) answer(w http.ResponseWriter, r *http.Request, status int, m message) {
	v, _ := e.known(r) // who cannot be looked up now reads it too
	e.set.Write(w, status, "answer", v.view(r, m.Title, m))
}

// write writes a page with forms that anyone may send.
func (e *Entry) write(w http.ResponseWriter, r *http.Request, v Visitor, status int, name string, title flows.Text, data intro) {
	var err error
	if data.Token, err = e.formToken(w, r, v); err != nil {
		e.Trouble(w, r, err)
		return
	}
	e.set.Write(w, status, name, v.view(r, title, data))
}
