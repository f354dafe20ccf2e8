package upload

import (
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/page"
)

const (
	looksMost = 240 // pages of one address in looksPer
	looksPer  = 10 * time.Minute
	again     = 5 // seconds until a page without scripts looks again
)

// script is the built script; without it the page has only its form.
const script = "upload.js"

// accepted is what file dialogs offer. No "capture": people choose what they have
// recorded already.
const accepted = "video/*,image/*,.mp4,.mov,.m4v,.mkv,.webm,.avi,.3gp,.ts,.flv,.mpg,.wmv,.heic,.heif,.pdf,.docx,.txt"

// scriptWords are the words of the script and their arguments.
var scriptWords = map[string][]string{
	"choose": nil, "drop": nil, "again": nil, "again_why": {"count"}, "same_file": {"name", "done", "bytes"},
	"waiting": nil, "reading": nil, "sending": nil, "paused": nil, "offline": nil, "retry": {"seconds"}, "checking": nil,
	"received": nil, "exact": nil, "damaged": nil, "failed": nil, "expired": nil, "unreadable": nil,
	"too_big": {"limit"}, "empty": nil, "kind": nil, "twice": nil,
	"progress": {"done", "bytes"}, "speed": {"speed"}, "left_seconds": {"count"}, "left_minutes": {"count"}, "left_hours": {"count", "minutes"},
	"pause": nil, "resume": nil, "remove": nil, "retry_now": nil, "of_file": {"name"},
	"next_chat": nil, "next_web": nil, "files_most": {"count"}, "smaller": {"bytes"}, "slow": nil, "leave": nil, "list": nil,
}

// scene is what the page's template sees.
type scene struct {
	Grant   string
	Limit   string
	Accept  string
	Script  bool
	Web     bool // what follows is on our pages, not in a chat
	Uploads []seen
	Problem flows.Text
}

// show is the page to upload on.
func (u *Uploads) show(w http.ResponseWriter, r *http.Request) {
	if !u.visitors.Limit(w, r, "upload-page", looksMost, looksPer) {
		return
	}
	g, ok := u.opened(w, r)
	if !ok {
		return
	}
	state, err := u.cases.Load(r.Context(), g.Actor, u.cfg.Clock())
	switch {
	case err != nil:
		u.problem(w, r, err)
	case state.Person.Banned: // the link outlives their session, but shows them nothing
		u.visitors.Absent(w, r)
	default:
		u.page(w, r, g, http.StatusOK, flows.Text{})
	}
}

// opened is the grant in the path; otherwise the answer is written.
func (u *Uploads) opened(w http.ResponseWriter, r *http.Request) (pass.Grant, bool) {
	g, err := u.grant(r.Context(), r.PathValue("grant"))
	switch {
	case err == nil:
		return g, true
	case flows.ClassOf(err) == flows.NotFound:
		u.visitors.Absent(w, r)
	default:
		u.problem(w, r, err)
	}
	return pass.Grant{}, false
}

func (u *Uploads) problem(w http.ResponseWriter, r *http.Request, err error) {
	status, text := http.StatusInternalServerError, flows.T("web.upload.internal")
	if flows.ClassOf(err) == flows.Unavailable {
		status, text = http.StatusServiceUnavailable, flows.T("talk.busy")
	} else {
		u.log.Error("upload page failed", "err", err)
	}
	u.write(w, r, status, 0, scene{Problem: text})
}

// page writes the page of a grant, with what went wrong before the rest.
func (u *Uploads) page(w http.ResponseWriter, r *http.Request, g pass.Grant, status int, problem flows.Text) {
	lang, _ := u.cfg.Face(r)
	st, err := u.status(r.Context(), g, lang, nil)
	if err != nil {
		u.problem(w, r, err)
		return
	}
	refresh := 0
	if st.still() && status == http.StatusOK {
		refresh = again
	}
	u.write(w, r, status, refresh, scene{
		Grant: r.PathValue("grant"), Limit: pass.InWords(u.cfg.MaxFile), Accept: accepted,
		Script: u.pages.Has(script), Web: pass.IsWeb(g.Chat), Uploads: st.Uploads, Problem: problem,
	})
}

func (u *Uploads) write(w http.ResponseWriter, r *http.Request, status, refresh int, data scene) {
	lang, csrf := u.cfg.Face(r)
	u.set.Write(w, status, "upload", page.View{
		Title: flows.T("web.upload.title"), Lang: lang, CSRF: csrf, Path: r.URL.Path, Refresh: refresh,
		Scripts: []string{script}, Data: data,
	})
}
