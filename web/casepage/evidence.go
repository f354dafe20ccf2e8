package casepage

import (
	"net/http"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/page"
)

// How often one address may open evidence links in an hour, and ask for their
// files: a player asks for one in many parts, and whole offices have one address.
const (
	linkRate = 600
	fileRate = 20 * linkRate
)

// evidenceView is what whoever opens a link sees of the file.
type evidenceView struct {
	Name    string
	Kind    string // video, image or ""
	Type    string
	URL     string
	Size    size
	SHA256  string
	Made    string
	Until   string
	Derived bool // a piece made of an original
}

// evidence shows one file to whoever has its link: no session is needed, nothing
// else of the case can be seen from here.
func (p *Pages) evidence(w http.ResponseWriter, r *http.Request) {
	if !p.visitors.Limit(w, r, "evidence", linkRate, time.Hour) {
		return
	}
	l, c, ok := p.opened(w, r, r.Method == http.MethodGet)
	if !ok {
		return
	}
	if r.Method == http.MethodGet {
		// Who has the link sees the file also when that cannot be noted now.
		if err := p.noted(r.Context(), c.ID, flows.LinkViewed, l.SHA256, l.Channel); err != nil {
			p.cfg.Log.Warn("a view is not noted in the history", "case", c.ID, "err", err)
		}
	}
	v, err := p.visitors.Visitor(r)
	if err != nil && flows.ClassOf(err) != flows.NotFound {
		p.cfg.Log.Warn("visitor is not known now", "err", err) // the page needs only the language
	}
	view := evidenceView{
		Name: l.Name, Type: l.MIME, URL: "/e/" + l.Token + "/file", Size: sized(l.Bytes), SHA256: l.SHA256,
		Made: flows.FormatTime(l.Created), Until: flows.FormatDay(c.Expires), Derived: l.Channel != "",
	}
	switch {
	case len(l.MIME) > 6 && l.MIME[:6] == "video/":
		view.Kind = "video"
	case len(l.MIME) > 6 && l.MIME[:6] == "image/":
		view.Kind = "image"
	}
	p.set.Write(w, http.StatusOK, "evidence", page.View{Title: flows.T("web.case.evidence.title"), Lang: v.Lang, CSRF: v.Session.CSRF, Path: r.URL.Path, Data: view})
}

func (p *Pages) evidenceFile(w http.ResponseWriter, r *http.Request) {
	if !p.visitors.Limit(w, r, "evidence-file", fileRate, time.Hour) {
		return
	}
	l, _, ok := p.opened(w, r, false)
	if !ok {
		return
	}
	p.serve(w, r, file{blob: l.Blob, name: l.Name, mime: l.MIME, bytes: l.Bytes, sha256: l.SHA256, when: l.Created})
}

// opened finds a link whose case still lives. Everything else is absent.
func (p *Pages) opened(w http.ResponseWriter, r *http.Request, count bool) (pass.Link, *flows.Case, bool) {
	l, err := p.doors.OpenLink(r.Context(), r.PathValue("token"), count)
	var c *flows.Case
	if err == nil {
		c, err = p.living(r.Context(), l.Case)
	}
	switch {
	case err != nil && flows.ClassOf(err) != flows.NotFound && flows.ClassOf(err) != flows.Invalid:
		p.visitors.Trouble(w, r, err)
	case err != nil || !stands(c, l):
		p.visitors.Absent(w, r)
	default:
		return l, c, true
	}
	return pass.Link{}, nil, false
}

// stands says whether the file of a link is still one of the case's to show. An
// original must be good, and a piece is shown as long as nothing that it was made
// of was taken out: also when another was made in its place since, for whoever was
// given the link has no other.
func stands(c *flows.Case, l pass.Link) bool {
	if l.Channel == "" {
		return slices.ContainsFunc(c.Exhibits, func(e flows.Exhibit) bool { return e.Blob == l.Blob && linkable(&e) })
	}
	return !slices.ContainsFunc(l.Of, func(id string) bool { e := c.Exhibit(id); return e == nil || e.Removed })
}

// replaced says whether another file was made in the place of a link's.
func replaced(c *flows.Case, l pass.Link) bool {
	return l.Channel != "" && !slices.ContainsFunc(c.Packs, func(p flows.Pack) bool {
		return slices.ContainsFunc(p.Pieces, func(x flows.Piece) bool { return x.Blob == l.Blob })
	})
}
