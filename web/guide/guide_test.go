package guide

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/web/entry"
	"clipcase/web/page"
)

// anyone is a visitor without a session, who asks in a language.
type anyone struct {
	lang string
	full bool
}

func (a anyone) Visitor(*http.Request) (entry.Visitor, error) {
	return entry.Visitor{Lang: a.lang}, &flows.Error{Class: flows.NotFound}
}
func (anyone) Absent(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }
func (anyone) Trouble(w http.ResponseWriter, _ *http.Request, _ error) {
	w.WriteHeader(http.StatusServiceUnavailable)
}
func (a anyone) Limit(w http.ResponseWriter, _ *http.Request, _ string, _ int, _ time.Duration) bool {
	if a.full {
		w.WriteHeader(http.StatusTooManyRequests)
	}
	return !a.full
}

func TestGuide(t *testing.T) {
	t.Parallel()
	cat, err := catalog.Load("")
	require.NoError(t, err)
	pages, err := page.New(cat, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	drawn := 0
	var broken error
	site := func(who anyone) func(path string) *httptest.ResponseRecorder {
		g, err := New(cat, who, pages, func(_ context.Context, lang string, blocks []flows.Block) ([]byte, error) {
			drawn++
			return []byte(lang + " " + flows.Render(cat, lang, blocks[0].Text)), broken
		}, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		mux := http.NewServeMux()
		g.Routes(mux)
		return func(path string) *httptest.ResponseRecorder {
			w := httptest.NewRecorder()
			mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
			return w
		}
	}
	get := site(anyone{lang: "en"})
	all := get("/guide")
	require.Equal(t, 200, all.Code)
	for _, s := range cat.Scenarios() {
		require.Contains(t, all.Body.String(), `href="/guide/`+s.ID+`"`)
		one := get("/guide/" + s.ID)
		require.Equal(t, 200, one.Code)
		require.Contains(t, one.Body.String(), `href="/guide/`+s.ID+`.pdf"`)
	}
	pdf := get("/guide/account-ban.pdf")
	require.Equal(t, []any{200, "application/pdf", "en How to record: " + cat.Scenarios()[0].Name.In("en")},
		[]any{pdf.Code, pdf.Header().Get("Content-Type"), pdf.Body.String()})
	require.Equal(t, pdf.Body.String(), get("/guide/account-ban.pdf").Body.String())
	require.Equal(t, 1, drawn, "drawn once")
	for _, path := range []string{"/guide/nothing", "/guide/nothing.pdf", "/guide/.pdf", "/guide/account-ban.pdf.pdf", "/guide/..%2f"} {
		require.Equal(t, 404, get(path).Code, path)
	}
	require.Equal(t, 429, site(anyone{lang: "zh", full: true})("/guide/account-ban.pdf").Code)
	broken = errors.New("no font")
	require.Equal(t, 503, site(anyone{lang: "zh"})("/guide/account-ban.pdf").Code)
}
