// Package guide shows anyone how to record evidence and send it unchanged, as
// pages and as a PDF. What to record is the catalogue's; it leaves drawing a PDF
// to its caller.
package guide

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/web/entry"
	"clipcase/web/page"
)

//go:embed templates/*.html
var templates embed.FS

// pdfRate is how many PDFs one address may ask for in an hour.
const pdfRate = 120

// Visitors says who asks.
type Visitors interface {
	Visitor(r *http.Request) (entry.Visitor, error)
	Absent(w http.ResponseWriter, r *http.Request)
	Trouble(w http.ResponseWriter, r *http.Request, err error)
	Limit(w http.ResponseWriter, r *http.Request, what string, most int, per time.Duration) bool
}

// Print draws blocks as a PDF; an error of class Unavailable says what is missing.
type Print func(ctx context.Context, lang string, blocks []flows.Block) ([]byte, error)

// Guide is the pages.
type Guide struct {
	cat      *catalog.Catalog
	visitors Visitors
	print    Print
	set      *page.Set
	pages    *page.Pages
	log      *slog.Logger

	mu      sync.Mutex
	printed map[string][]byte // PDFs by language and scenario, each drawn once
}

// New reads the templates.
func New(cat *catalog.Catalog, visitors Visitors, pages *page.Pages, print Print, log *slog.Logger) (*Guide, error) {
	if cat == nil || visitors == nil || pages == nil || print == nil || log == nil {
		return nil, errors.New("guide: every part is needed")
	}
	own, err := fs.Sub(templates, "templates")
	if err != nil {
		return nil, fmt.Errorf("guide: %w", err)
	}
	set, err := pages.Set("guide", own)
	if err != nil {
		return nil, fmt.Errorf("guide: %w", err)
	}
	return &Guide{cat: cat, visitors: visitors, print: print, set: set, pages: pages, log: log, printed: map[string][]byte{}}, nil
}

// Routes mounts the pages.
func (g *Guide) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /guide", g.list)
	mux.HandleFunc("GET /guide/{scenario}", g.one)
}

// view is what a page shows.
type view struct {
	Heading   string
	Lines     []page.Para
	Scenarios []catalog.Scenario // to choose from
	PDF       string
}

// list is the way to all of them, with what holds for each.
func (g *Guide) list(w http.ResponseWriter, r *http.Request) { g.show(w, r, "") }

// one is a page, or with .pdf behind it the same as a file.
func (g *Guide) one(w http.ResponseWriter, r *http.Request) {
	name, pdf := strings.CutSuffix(r.PathValue("scenario"), ".pdf")
	if _, ok := g.cat.Scenario(name); !ok {
		g.visitors.Absent(w, r)
		return
	}
	if pdf {
		g.file(w, r, name)
		return
	}
	g.show(w, r, name)
}

// visitor is who asks; only the language is needed, so it is no matter if they
// are not known now.
func (g *Guide) visitor(r *http.Request) entry.Visitor {
	v, err := g.visitors.Visitor(r)
	if err != nil && flows.ClassOf(err) != flows.NotFound {
		g.log.Warn("visitor is not known now", "err", err)
	}
	return v
}

func (g *Guide) show(w http.ResponseWriter, r *http.Request, scenario string) {
	v := g.visitor(r)
	blocks, ok := flows.Guide(g.cat, scenario, v.Lang)
	if !ok {
		g.visitors.Absent(w, r)
		return
	}
	title, rest, _ := page.Heading(blocks)
	shown := view{Heading: g.pages.Words(v.Lang, title), Lines: g.pages.Paras(v.Lang, rest)}
	if scenario == "" {
		shown.Scenarios = g.cat.Scenarios()
	} else {
		shown.PDF = "/guide/" + scenario + ".pdf"
	}
	g.set.Write(w, http.StatusOK, "guide", page.View{Title: title, Lang: v.Lang, CSRF: v.Session.CSRF, Path: r.URL.Path, Data: shown})
}

func (g *Guide) file(w http.ResponseWriter, r *http.Request, scenario string) {
	if !g.visitors.Limit(w, r, "guide-pdf", pdfRate, time.Hour) {
		return
	}
	body, err := g.drawn(r.Context(), g.visitor(r).Lang, scenario)
	if err != nil {
		g.visitors.Trouble(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `attachment; filename="clipcase-`+scenario+`.pdf"`)
	_, _ = w.Write(body) //nolint:gosec // a PDF of ours, sent as one; the client may be gone
}

func (g *Guide) drawn(ctx context.Context, lang, scenario string) ([]byte, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	name := lang + "/" + scenario
	if body, ok := g.printed[name]; ok {
		return body, nil
	}
	blocks, _ := flows.Guide(g.cat, scenario, lang) // the scenario exists
	body, err := g.print(ctx, lang, blocks)
	if err == nil {
		g.printed[name] = body
	}
	return body, err
}
