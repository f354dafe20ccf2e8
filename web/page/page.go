package page

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"

	"clipcase/flows"
	"clipcase/flows/catalog"
)

//go:embed layout.html paras.html
var layout embed.FS

// Pages makes pages in the words of one catalogue.
type Pages struct {
	cat    *catalog.Catalog
	assets *assets
	log    *slog.Logger
}

// New reads the files that every page shares.
func New(cat *catalog.Catalog, log *slog.Logger) (*Pages, error) {
	if cat == nil || log == nil {
		return nil, errors.New("page: catalogue and log are needed")
	}
	a, err := readAssets(static, dist)
	if err != nil {
		return nil, err
	}
	return &Pages{cat: cat, assets: a, log: log}, nil
}

// Assets serves the files under /assets/.
func (p *Pages) Assets() http.Handler { return p.assets }

// Has says whether a built script is part of this program: without Node at build
// time there is none, and pages say what does not work.
func (p *Pages) Has(script string) bool { return p.assets.url(script) != "" }

// Set is the pages of one part.
type Set struct {
	part  string
	pages *Pages
	byKey map[string]*template.Template
}

// Set reads every *.html of files: each defines "main" and is one page, named by
// its file without ending. Files that begin with "_" are shared by the others (to
// embed them the pattern must name files, templates/*.html, not the folder). All
// pages have "paras", which lays out a []Para. What a page shows says by which file
// of which part it is laid out: part/name.
func (p *Pages) Set(part string, files fs.FS) (*Set, error) {
	names, err := fs.Glob(files, "*.html")
	if err != nil {
		return nil, fmt.Errorf("page: list templates: %w", err)
	}
	shared, err := fs.Glob(files, "_*.html")
	if err != nil {
		return nil, fmt.Errorf("page: list templates: %w", err)
	}
	s := &Set{part: part, pages: p, byKey: map[string]*template.Template{}}
	for _, name := range names {
		if strings.HasPrefix(name, "_") {
			continue
		}
		t, err := template.New("layout.html").Option("missingkey=error").ParseFS(layout, "layout.html", "paras.html")
		if err == nil {
			t, err = t.ParseFS(files, slices.Concat(shared, []string{name})...)
		}
		if err == nil {
			err = proven(t)
		}
		if err != nil {
			return nil, fmt.Errorf("page: %s: %w", name, err)
		}
		s.byKey[strings.TrimSuffix(path.Base(name), ".html")] = t
	}
	return s, nil
}

// proven says whether a page can be written safely whatever its data is. The
// templates are only made safe when they are first used; without data that use
// fails, and only what is wrong with the page itself counts.
func proven(t *template.Template) error {
	if t.Lookup("main") == nil {
		return errors.New(`does not define "main"`)
	}
	var unsafe *template.Error
	if err := t.Execute(io.Discard, nil); errors.As(err, &unsafe) {
		return err
	}
	return nil
}

// View is what a page is made of.
type View struct {
	Title   flows.Text
	Lang    string   // zh or en
	CSRF    string   // of the session; "" = nobody is logged in
	Path    string   // of the page itself, to come back to after a change of language; "" = "/"
	Scripts []string // built scripts, loaded as modules; those that are not built are left out
	Refresh int      // seconds after which a browser without scripts loads the page again; 0 = never
	Data    any
}

// Write writes the page named name. What a template gets wrong is logged and
// becomes a 500 without a word of the page.
func (s *Set) Write(w http.ResponseWriter, status int, name string, v View) {
	var out bytes.Buffer
	t, ok := s.byKey[name]
	if !ok {
		s.fail(w, name, errors.New("no such page"))
		return
	}
	if err := t.ExecuteTemplate(&out, "layout.html", scene{View: v, Layout: s.part + "/" + name, pages: s.pages}); err != nil {
		s.fail(w, name, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", v.Lang)
	w.WriteHeader(status)
	_, _ = out.WriteTo(w) // the client may be gone
}

func (s *Set) fail(w http.ResponseWriter, name string, err error) {
	s.pages.log.Error("page failed", "page", name, "err", err)
	http.Error(w, "internal error", http.StatusInternalServerError)
}

// scene is what templates see: the view, and the words of its language.
type scene struct {
	View
	Layout string // part/name
	pages  *Pages
}

// Say is the words of a key; pairs are argument names and values.
func (s scene) Say(key string, pairs ...any) string { return s.Words(flows.T(key, pairs...)) }

// Words is a text in the page's language.
func (s scene) Words(t flows.Text) string { return s.pages.Words(s.Lang, t) }

// Local is a catalogue's own words in the page's language.
func (s scene) Local(l catalog.Local) string { return l.In(s.Lang) }

// Asset is the address of a file every page shares; "" if it was not built.
func (s scene) Asset(name string) string { return s.pages.assets.url(name) }

// Other is the language that can be switched to.
func (s scene) Other() string {
	if s.Lang == "zh" {
		return "en"
	}
	return "zh"
}
