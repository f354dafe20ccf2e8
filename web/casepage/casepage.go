package casepage

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/pass"
	"clipcase/web/entry"
	"clipcase/web/page"
)

//go:embed all:templates
var templates embed.FS

// Doors keeps the tokens of case pages and evidence links. A token that is wrong
// and one that is gone are both NotFound.
type Doors interface {
	CaseByToken(ctx context.Context, token string) (id string, err error)
	NewLink(ctx context.Context, l pass.Link) (pass.Link, error)
	Links(ctx context.Context, id string) ([]pass.Link, error)
	// OpenLink gives the link and counts a view if count.
	OpenLink(ctx context.Context, token string, count bool) (pass.Link, error)
	RevokeLink(ctx context.Context, id, token string) error
}

// Cases reads and notes on one case, NotFound if there is none, and all that is known of a
// person.
type Cases interface {
	Case(ctx context.Context, id string) (*flows.Case, error)
	Load(ctx context.Context, actor string, now time.Time) (flows.State, error)
	// Update commits what change does to the case; it may call it again.
	Update(ctx context.Context, id string, change func(*flows.Case) ([]flows.Effect, error)) (*flows.Case, error)
}

// Talk carries out what the person presses.
type Talk interface {
	Handle(ctx context.Context, event flows.Event) (flows.Screen, error)
}

// Files opens blobs.
type Files interface {
	// OpenRange reads length bytes from offset on; length -1 = to the end.
	OpenRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
}

// Bags makes the archives of a case.
type Bags interface {
	Bag(c *flows.Case, kind string, now time.Time) (*bag.Bag, error)
}

// Visitors says who asks.
type Visitors interface {
	Member(next func(http.ResponseWriter, *http.Request, entry.Visitor)) http.Handler
	Visitor(r *http.Request) (entry.Visitor, error)
	Absent(w http.ResponseWriter, r *http.Request)
	// Trouble answers a failure: people read the words of a *flows.Error.
	Trouble(w http.ResponseWriter, r *http.Request, err error)
	Limit(w http.ResponseWriter, r *http.Request, what string, most int, per time.Duration) bool
}

// Config is what the case page needs to know.
type Config struct {
	PublicURL string        // address of the pages; "" = as the browser says
	Bags      Bags          // makes archives
	Key       bag.Signer    // signs them; nil = nothing does
	Mails     bool          // the operator's mailbox sends a case's mail
	Stall     time.Duration // without a byte taken, then a download is cut off; 0 = 1 min
	Clock     func() time.Time
	IDs       func() string // unique letters and digits, for forms
	Log       *slog.Logger
}

// Pages is the case page with what hangs on it.
type Pages struct {
	cfg      Config
	doors    Doors
	cases    Cases
	talk     Talk
	files    Files
	visitors Visitors
	cat      *catalog.Catalog
	pages    *page.Pages
	set      *page.Set
}

// New reads the templates.
func New(cfg Config, doors Doors, cases Cases, talk Talk, files Files, visitors Visitors, cat *catalog.Catalog, pages *page.Pages) (*Pages, error) {
	if cfg.Clock == nil || cfg.IDs == nil || cfg.Log == nil || cfg.Bags == nil || doors == nil || cases == nil || talk == nil || files == nil || visitors == nil || cat == nil || pages == nil {
		return nil, errors.New("casepage: every part is needed")
	}
	if cfg.Stall <= 0 {
		cfg.Stall = time.Minute
	}
	own, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("casepage: %w", err)
	}
	set, err := pages.Set("casepage", own)
	if err != nil {
		return nil, fmt.Errorf("casepage: %w", err)
	}
	return &Pages{cfg: cfg, doors: doors, cases: cases, talk: talk, files: files, visitors: visitors, cat: cat, pages: pages, set: set}, nil
}

// Routes mounts the case page, its downloads and evidence links.
func (p *Pages) Routes(mux *http.ServeMux) {
	mux.Handle("GET /case/{token}", p.owned(p.show))
	mux.Handle("POST /case/{token}", p.owned(p.act))
	mux.Handle("GET /dl/{token}/all.zip", p.owned(p.archive))
	mux.Handle("GET /dl/{token}/handover.zip", p.owned(p.handover))
	mux.Handle("GET /dl/{token}/{channel}/{file}", p.owned(p.download))
	mux.HandleFunc("GET /key", p.key)
	mux.HandleFunc("GET /key/clipcase.pub", p.keyFile) // bag.KeyFile
	mux.HandleFunc("GET /e/{token}", p.evidence)
	mux.HandleFunc("GET /e/{token}/file", p.evidenceFile)
}

// living is a case that may be shown: not one that is held, whose owner is banned,
// or that its owner has just deleted, which takes a moment to be carried out.
func (p *Pages) living(ctx context.Context, id string) (*flows.Case, error) {
	c, err := p.cases.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	owner, err := p.cases.Load(ctx, c.Actor, p.cfg.Clock())
	if err != nil {
		return nil, err
	}
	if c.Quarantined || owner.Person.Banned || slices.Contains(owner.Session.Gone, id) {
		return nil, &flows.Error{Class: flows.NotFound, Text: flows.T("talk.absent")}
	}
	return c, nil
}

// visit is one request of a case's owner.
type visit struct {
	entry.Visitor
	kase  *flows.Case
	token string
	base  string // address of the pages
}

// base is how people reach the pages.
func (p *Pages) base(r *http.Request) string {
	if p.cfg.PublicURL != "" {
		return p.cfg.PublicURL
	}
	return "http://" + r.Host // one of this machine's names: no other is answered to
}

// absentAfter is when what is absent is told so: later than it takes to read
// someone else's case, so that the time of the answer tells neither from the other.
const absentAfter = 25 * time.Millisecond

// owned lets only the case's owner through. Someone else's case, one that is
// gone, quarantined, and one that never was get the same answer at the same time.
func (p *Pages) owned(next func(http.ResponseWriter, *http.Request, visit)) http.Handler {
	return p.visitors.Member(func(w http.ResponseWriter, r *http.Request, v entry.Visitor) {
		token, due := r.PathValue("token"), time.NewTimer(absentAfter)
		defer due.Stop()
		id, err := p.doors.CaseByToken(r.Context(), token)
		var c *flows.Case
		if err == nil {
			c, err = p.living(r.Context(), id)
		}
		switch {
		case err != nil && flows.ClassOf(err) != flows.NotFound && flows.ClassOf(err) != flows.Invalid:
			p.visitors.Trouble(w, r, err)
		case err != nil || c.Actor != v.Session.Actor:
			select {
			case <-due.C:
			case <-r.Context().Done():
			}
			p.visitors.Absent(w, r)
		default:
			next(w, r, visit{Visitor: v, kase: c, token: token, base: p.base(r)})
		}
	})
}
