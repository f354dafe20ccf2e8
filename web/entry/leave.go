package entry

import (
	"net/http"

	"clipcase/flows"
)

// setLang switches the language, with or without a session. It needs no token:
// the most a forged one does is show the other language.
func (e *Entry) setLang(w http.ResponseWriter, r *http.Request) {
	v, err := e.known(r)
	if err != nil {
		e.Trouble(w, r, err)
		return
	}
	e.field(w, r)
	lang := r.PostForm.Get("lang")
	if !e.sameOrigin(r) || lang != "zh" && lang != "en" {
		e.stale(w, r)
		return
	}
	if v.In {
		if err := e.doors.SetSessionLang(r.Context(), v.cookie, lang); err != nil {
			e.Trouble(w, r, err)
			return
		}
	}
	e.setCookie(w, langCookie, lang, e.clock().Add(langKept))
	http.Redirect(w, r, local(r.PostForm.Get("back")), http.StatusSeeOther) //nolint:gosec // local lets nothing but paths of ours through
}

func (e *Entry) showLogout(w http.ResponseWriter, r *http.Request, v Visitor) {
	e.set.Write(w, http.StatusOK, "logout", v.view(r, flows.T("web.entry.logout.title"), nil))
}

func (e *Entry) logout(w http.ResponseWriter, r *http.Request, v Visitor) {
	if err := e.doors.CloseSession(r.Context(), v.cookie); err != nil && flows.ClassOf(err) != flows.NotFound {
		e.Trouble(w, r, err)
		return
	}
	e.dropCookie(w, sessionCookie)
	e.dropCookie(w, formCookie)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}
