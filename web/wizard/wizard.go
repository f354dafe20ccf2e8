package wizard

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/pass"
	"clipcase/web/entry"
	"clipcase/web/page"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Config is what the pages need besides their parts.
type Config struct {
	MaxFile int64 // bytes of one upload at most, as people read it; 0 = pass.MaxFile
	// Original is the address at which an original plays in the browser; nil, or
	// "" from it, = the page shows no player.
	Original  func(token string, c *flows.Case, exhibit string) string
	Heartbeat time.Duration // between looks at a case whose progress is watched; 0 = 5 s

	Log   *slog.Logger     // required
	Clock func() time.Time // required
	IDs   func() string    // required: unique letters and digits, for forms
}

// Wizard shows the conversation as pages.
type Wizard struct {
	cfg      Config
	talk     Talk
	people   People
	doors    Doors
	watch    Watch
	visitors Visitors
	cat      *catalog.Catalog
	pages    *page.Pages
	set      *page.Set
	files    Files
	hub      *hub
	grants   *grants
}

// New checks the configuration and reads the pages.
func New(cfg Config, talk Talk, people People, doors Doors, watch Watch, visitors Visitors, cat *catalog.Catalog, pages *page.Pages, files Files) (*Wizard, error) {
	if talk == nil || people == nil || doors == nil || watch == nil || visitors == nil || cat == nil || pages == nil || files == nil {
		return nil, errors.New("wizard: every part is needed")
	}
	if cfg.Log == nil || cfg.Clock == nil || cfg.IDs == nil {
		return nil, errors.New("wizard: Log, Clock and IDs are needed")
	}
	if cfg.MaxFile == 0 {
		cfg.MaxFile = pass.MaxFile
	}
	if cfg.Heartbeat == 0 {
		cfg.Heartbeat = 5 * time.Second
	}
	if cfg.MaxFile < 0 || cfg.Heartbeat < 0 {
		return nil, errors.New("wizard: MaxFile and Heartbeat must not be negative")
	}
	sub, err := fs.Sub(templateFiles, "templates")
	if err != nil {
		return nil, fmt.Errorf("wizard: %w", err)
	}
	set, err := pages.Set("wizard", sub)
	if err != nil {
		return nil, fmt.Errorf("wizard: %w", err)
	}
	return &Wizard{
		cfg: cfg, talk: talk, people: people, doors: doors, watch: watch, visitors: visitors,
		cat: cat, pages: pages, set: set, files: files, hub: newHub(cfg.Clock), grants: newGrants(doors.NewGrant, cfg.Clock),
	}, nil
}

// Routes adds the pages. Case pages lead to the step for more channels by a form
// to "/" with the fields csrf, nonce (any unique letters and digits), token=keep
// and choice=more.<case>.
func (z *Wizard) Routes(mux *http.ServeMux) {
	mux.Handle("GET /{$}", z.visitors.Member(z.home))
	mux.Handle("POST /{$}", z.visitors.Member(z.act))
	mux.Handle("GET /cases", z.visitors.Member(z.cases))
	mux.Handle("GET /progress", z.visitors.Member(z.progress))
	mux.Handle("GET /thumb/{exhibit}/{n}", z.visitors.Member(z.thumb))
}

// write writes a page for a visitor.
func (z *Wizard) write(w http.ResponseWriter, status int, v entry.Visitor, name string, p *sheet) {
	z.set.Write(w, status, name, page.View{
		Title: flows.Text{Plain: p.Heading}, Lang: v.Lang, CSRF: v.Session.CSRF, Path: "/",
		Scripts: p.scripts, Refresh: p.refresh, Data: p,
	})
}
