package browsertest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var chromium Browser

func TestMain(m *testing.M) {
	code := m.Run()
	if err := chromium.Close(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func site(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><html lang="en"><title>one</title><body><main><h1>One</h1>
<p id="agent">%s</p><p id="script"></p><script>document.getElementById('script').textContent = 'scripts run'</script>
<noscript>none run</noscript><a href="/two">on to two</a> <a href="/file" download>keep it</a>
<form action="/two"><label>your words <input name="words"></label> <input type="file" name="file" aria-label="file"> <button>send</button></form>
<button onclick="document.body.append(' pressed')">count</button></main></body></html>`, r.UserAgent())
	})
	mux.HandleFunc("GET /two", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = fmt.Fprintf(w, `<!doctype html><title>two</title><p>Two %s</p><img src="/x.png"><p style="color:#ccc;background:#fff">faint</p>`, r.FormValue("words"))
	})
	mux.HandleFunc("GET /file", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Disposition", `attachment; filename="kept.bin"`)
		_, _ = w.Write([]byte("kept"))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestPressTypeAndFollow(t *testing.T) {
	t.Parallel()
	for _, d := range []Device{Phone(), Desktop()} {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			p := chromium.Open(t, d)
			require.Equal(t, 200, p.Go(site(t)))
			p.Await("scripts run")
			require.Equal(t, d.Touch, strings.Contains(p.Text(), "Mobile"))
			p.Press("count")
			p.Await("pressed")
			p.Type("[name=words]", "hello")
			p.Follow("send")
			p.Await("Two hello")
			require.Positive(t, p.Weight())
		})
	}
}

func TestSaveWithoutScripts(t *testing.T) {
	t.Parallel()
	d := Phone()
	d.NoScript = true
	p := chromium.Open(t, d)
	p.Go(site(t))
	require.NotContains(t, p.Text(), "scripts run")
	p.Await("none run")
	path := p.Save(func() { p.Press("keep it") })
	require.Equal(t, "kept.bin", filepath.Base(path))
	p.Follow("on to two")
	p.Await("Two")
}

func TestHeldOnAnotherDevice(t *testing.T) {
	t.Parallel()
	p := chromium.Open(t, Phone())
	p.Go(site(t))
	width := func() int { return Eval[int](p, "innerWidth") }
	own := width()
	p.Held(Desktop(), func() { require.Equal(t, int(Desktop().Width), width()) })
	require.Equal(t, own, width())
}

func TestSleepAndOffline(t *testing.T) {
	t.Parallel()
	p := chromium.Open(t, Phone())
	at := site(t)
	p.Go(at)
	Eval[bool](p, `window.told = [],
		['freeze', 'resume', 'visibilitychange'].forEach((kind) => document.addEventListener(kind, () => told.push(kind === 'visibilitychange' ? document.visibilityState : kind))),
		['online', 'offline'].forEach((kind) => window.addEventListener(kind, () => told.push(kind))),
		setInterval(() => told.ticks = (told.ticks ?? 0) + 1, 1), true`)
	p.AwaitTrue("told.ticks > 0")
	told := func() []string { return Eval[[]string](p, "[...told]") }

	p.Sleep()
	p.AwaitTrue("told.length === 2")
	before := Eval[int](p, "told.ticks")
	require.Equal(t, []string{"hidden", "freeze"}, told())
	require.Equal(t, before, Eval[int](p, "told.ticks"), "nothing runs")
	p.Wake()
	p.AwaitTrue("told.length === 4")
	require.Equal(t, []string{"resume", "visible"}, told()[2:])
	p.AwaitTrue(fmt.Sprintf("told.ticks > %d", before))

	answered := fmt.Sprintf("fetch(%q).then(() => true, () => false)", at+"/two")
	p.Offline(true)
	p.AwaitTrue("told.at(-1) === 'offline' && !navigator.onLine")
	require.False(t, Eval[bool](p, answered))
	p.Offline(false)
	p.AwaitTrue("told.at(-1) === 'online' && navigator.onLine")
	require.True(t, Eval[bool](p, answered))
}
