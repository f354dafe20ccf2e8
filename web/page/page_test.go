package page

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/internal/flowstest"
)

func pages(t *testing.T, log *slog.Logger) *Pages {
	t.Helper()
	cat := flowstest.Catalogue(t)
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	p, err := New(cat, log)
	require.NoError(t, err)
	return p
}

func templates(main string) fstest.MapFS {
	return fstest.MapFS{
		"one.html":  {Data: []byte(`{{define "main"}}` + main + `{{end}}`)},
		"_use.html": {Data: []byte(`{{define "shared"}}shared{{end}}`)},
	}
}

func write(t *testing.T, main string, v View) *httptest.ResponseRecorder {
	t.Helper()
	set, err := pages(t, nil).Set("part", templates(main))
	require.NoError(t, err)
	w := httptest.NewRecorder()
	set.Write(w, http.StatusTeapot, "one", v)
	return w
}

func TestNothingIsTakenForMarkup(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script>' onload=x {{.}} javascript:alert(1) 中文`
	w := write(t, `<p title="{{.Data}}">{{.Data}}</p><a href="{{.Data}}">x</a><a href="/x?y={{.Data}}">x</a>{{.Words .Title}}{{.Say "web.entry.kept" "days" .Data}}`,
		View{Title: flows.Text{Plain: evil}, Lang: "zh", CSRF: evil, Path: evil, Data: evil})
	body := w.Body.String()
	require.Equal(t, http.StatusTeapot, w.Code)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	require.Equal(t, "zh", w.Header().Get("Content-Language"))
	require.NotContains(t, body, "<script>alert")
	require.NotRegexp(t, `href="\s*javascript:`, body)
	require.NotRegexp(t, `["']\s+onload=`, body)
	require.Contains(t, body, "&lt;script&gt;alert(1)&lt;/script&gt;")
	require.Contains(t, body, "{{.}}", "words of people are no template")
}

func TestPagesSpeakBothLanguages(t *testing.T) {
	t.Parallel()
	for lang, want := range map[string][]string{
		"zh": {`<html lang="zh-CN">`, "跳到正文", `name="lang" value="en"`, ">English</button>", "不收费"},
		"en": {`<html lang="en">`, "Skip to the content", `name="lang" value="zh"`, ">中文</button>", "is free"},
	} {
		body := write(t, `{{template "shared"}}{{.Local .Data}}`, View{Lang: lang, Title: flows.T("web.entry.title"), Path: "/case/x", Data: catalog.Local{"zh": "本地", "en": "local"}}).Body.String()
		for _, one := range append(want, "shared", `name="back" value="/case/x"`, map[string]string{"zh": "本地", "en": "local"}[lang]) {
			require.Contains(t, body, one)
		}
		require.NotContains(t, body, "web.", "a key without words shows as the key")
		require.NotContains(t, body, "/logout", "nobody is logged in")
	}
}

func TestLoggedInPagesHaveTheWayOut(t *testing.T) {
	t.Parallel()
	body := write(t, "x", View{Lang: "en", CSRF: "token"}).Body.String()
	require.Contains(t, body, `<a href="/code">`)
	require.Contains(t, body, `<a href="/logout">`)
	require.Contains(t, body, `name="csrf" value="token"`)
}

func TestNothingOnAPageIsInline(t *testing.T) {
	t.Parallel()
	set := pages(t, nil)
	set.assets.urls["app.js"] = "/assets/app.00.js"
	s, err := set.Set("part", templates("x"))
	require.NoError(t, err)
	w := httptest.NewRecorder()
	s.Write(w, 200, "one", View{Lang: "zh", Scripts: []string{"app.js", "unbuilt.js"}, Path: "/a", Refresh: 5})
	body := w.Body.String()
	require.Contains(t, body, `<script type="module" src="/assets/app.00.js"></script>`)
	require.Equal(t, 1, strings.Count(body, "<script"), "what is not built is left out")
	require.Contains(t, body, `<noscript><meta http-equiv="refresh" content="5; url=/a"></noscript>`)
	require.NotRegexp(t, `(?i)<style|style=|\son[a-z]+=|https?://`, body, "the content policy allows none of it, and nothing comes from elsewhere")
}

func TestBrokenPagesAreFoundAtStart(t *testing.T) {
	t.Parallel()
	for name, main := range map[string]string{
		"does not parse":      `{{define "main"}}{{if}}{{end}}`,
		"no main":             `{{define "other"}}x{{end}}`,
		"unsafe for any data": `{{define "main"}}<a href={{if .Data}}"{{end}}>{{end}}`,
		"no such shared part": `{{define "main"}}{{template "nothing"}}{{end}}`,
	} {
		_, err := pages(t, nil).Set("part", fstest.MapFS{"one.html": {Data: []byte(main)}})
		require.ErrorContains(t, err, "page: one.html", name)
	}
}

func TestWhatGoesWrongShowsNothingOfThePage(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	p := pages(t, slog.New(slog.NewTextHandler(&log, nil)))
	set, err := p.Set("part", templates(`secret words {{.Data.Missing}}`))
	require.NoError(t, err)
	for _, one := range []struct {
		page string
		data any
	}{{"one", map[string]string{}}, {"one", struct{}{}}, {"absent", nil}} {
		w := httptest.NewRecorder()
		set.Write(w, 200, one.page, View{Lang: "zh", Data: one.data})
		require.Equal(t, http.StatusInternalServerError, w.Code)
		require.NotContains(t, w.Body.String(), "secret")
		require.NotContains(t, w.Body.String(), "<")
	}
	require.Equal(t, 3, strings.Count(log.String(), "page failed"))
}

func TestAssets(t *testing.T) {
	t.Parallel()
	p := pages(t, nil)
	url := p.assets.url("style.css")
	require.Regexp(t, `^/assets/style\.[0-9a-f]{8}\.css$`, url)
	require.True(t, p.Has("style.css"))
	require.False(t, p.Has("nothing.js"))
	get := func(path, accept string) *httptest.ResponseRecorder {
		w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", accept)
		p.Assets().ServeHTTP(w, r)
		return w
	}
	plain := get(url, "br, gzip;q=0")
	require.Equal(t, 200, plain.Code)
	require.Equal(t, "text/css; charset=utf-8", plain.Header().Get("Content-Type"))
	require.Contains(t, plain.Header().Get("Cache-Control"), "immutable")
	require.Empty(t, plain.Header().Get("Content-Encoding"))

	packed := get(url, "gzip, deflate, br")
	require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
	require.Equal(t, "Accept-Encoding", packed.Header().Get("Vary"))
	require.Less(t, packed.Body.Len(), plain.Body.Len())
	z, err := gzip.NewReader(packed.Body)
	require.NoError(t, err)
	unpacked, err := io.ReadAll(z)
	require.NoError(t, err)
	require.Equal(t, plain.Body.Bytes(), unpacked)

	require.Equal(t, "image/svg+xml", get(p.assets.url("icon.svg"), "").Header().Get("Content-Type"))
	for _, path := range []string{"/assets/", "/assets/style.css", "/assets/.note", "/assets/../page.go", "/assets/style.00000000.css"} {
		require.Equal(t, 404, get(path, "gzip").Code, path)
	}
}

func TestAssetsOfOneNameAreAMistake(t *testing.T) {
	t.Parallel()
	_, err := readAssets(fstest.MapFS{"a.js": {Data: []byte("1")}}, fstest.MapFS{"b/a.js": {Data: []byte("2")}})
	require.ErrorContains(t, err, "two of a.js")
	for ext, want := range map[string]string{".js": "text/javascript; charset=utf-8", ".wasm": "application/wasm", ".strange": "application/octet-stream"} {
		require.Equal(t, want, kindOf(ext))
	}
}

func TestNewNeedsWhatItUses(t *testing.T) {
	t.Parallel()
	_, err := New(nil, nil)
	require.Error(t, err)
}
