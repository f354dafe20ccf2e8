package casepage

import (
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/web/page"
)

// keyRate is how often one address may look at the key in an hour.
const keyRate = 600

type keyView struct {
	Fingerprint string
	Public      string
	File        string
}

// key shows whoever asks with which key archives are checked; no session is needed.
func (p *Pages) key(w http.ResponseWriter, r *http.Request) {
	if p.cfg.Key == nil {
		p.visitors.Absent(w, r)
		return
	}
	if !p.visitors.Limit(w, r, "key", keyRate, time.Hour) {
		return
	}
	v, err := p.visitors.Visitor(r)
	if err != nil && flows.ClassOf(err) != flows.NotFound {
		p.cfg.Log.Warn("visitor is not known now", "err", err) // the page needs only the language
	}
	p.set.Write(w, http.StatusOK, "key", page.View{
		Title: flows.T("web.key.title"), Lang: v.Lang, CSRF: v.Session.CSRF, Path: r.URL.Path,
		Data: keyView{Fingerprint: p.cfg.Key.Fingerprint(), Public: string(p.cfg.Key.Public()), File: "/key/" + bag.KeyFile},
	})
}

// keyFile is the key as minisign reads it.
func (p *Pages) keyFile(w http.ResponseWriter, r *http.Request) {
	if p.cfg.Key == nil {
		p.visitors.Absent(w, r)
		return
	}
	if !p.visitors.Limit(w, r, "key", keyRate, time.Hour) {
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+bag.KeyFile+`"`)
	if _, err := w.Write(p.cfg.Key.Public()); err != nil {
		p.cfg.Log.Debug("the key was not read to its end", "err", err)
	}
}
