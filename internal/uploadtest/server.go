package uploadtest

import (
	"log/slog"
	"net/http"

	"clipcase/flows/catalog"
	"clipcase/web/page"
	"clipcase/web/upload"
)

// policy is what every answer of the service says to browsers.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; " +
	"media-src 'self' blob:; connect-src 'self'; worker-src 'self' blob:; font-src 'self'; manifest-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Start makes uploads in this world, in a folder. change may alter the
// configuration; it may be nil.
func (w *World) Start(dir string, log *slog.Logger, change func(*upload.Config)) (*upload.Uploads, http.Handler, error) {
	cat, err := catalog.Load("")
	if err != nil {
		return nil, nil, err
	}
	pages, err := page.New(cat, log)
	if err != nil {
		return nil, nil, err
	}
	cfg := upload.Config{Dir: dir, Clock: w.Now, Log: log, Face: face}
	if change != nil {
		change(&cfg)
	}
	u, err := upload.New(cfg, w, w, w, w, Visitors{w}, pages)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	u.Routes(mux)
	mux.Handle("GET /assets/", pages.Assets())
	return u, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Security-Policy", policy)
		mux.ServeHTTP(rw, r)
	}), nil
}

func face(r *http.Request) (lang, csrf string) {
	if r.URL.Query().Get("lang") == "en" || len(r.Header.Get("Accept-Language")) > 1 && r.Header.Get("Accept-Language")[:2] == "en" {
		return "en", ""
	}
	return "zh", ""
}
