package upload

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
	"golang.org/x/exp/slog"

	"clipcase/flows"
	"clipcase/flows/pass"
)

const (
	grantHeader = "Upload-Grant" // code of the grant, in every request
	sumHeader   = "Upload-Sum"   // SHA-256 (hex) of the whole file as the browser reckons it, with the last bytes
)

// How many uploads one address may begin, each of which looks through everybody's,
// and how often its pages may ask how theirs go: whole offices have one address.
const (
	createsMost = 600
	statesMost  = 6000
	limitsPer   = 10 * time.Minute
)

// granted is the key under which a request's context holds its grant.
type granted struct{}

// newTus composes the protocol: creation and termination only. Downloads,
// concatenation, deferred lengths and the drafts of other protocols stay off.
func (u *Uploads) newTus() (http.Handler, error) {
	composer := handler.NewStoreComposer()
	composer.UseCore(u.store)
	composer.UseTerminater(u.store)
	composer.UseLocker(memorylocker.New())
	tus, err := handler.NewUnroutedHandler(handler.Config{
		StoreComposer: composer, BasePath: filesPath, MaxSize: u.cfg.MaxFile,
		DisableDownload: true, DisableConcatenation: true,
		Cors:                      &handler.CorsConfig{Disable: true},
		Logger:                    slog.New(quiet{}),
		PreUploadCreateCallback:   u.create,
		PreFinishResponseCallback: u.finished,
	})
	if err != nil {
		return nil, fmt.Errorf("tus: %w", err)
	}
	return tus.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, _ := idOf(r.URL)
		at := *r.URL
		at.Path, at.RawPath = id, "" // what tusd takes for the id
		r.URL = &at                  // the middleware made r its own
		switch r.Method {
		case http.MethodPost:
			tus.PostFile(w, r)
		case http.MethodHead:
			tus.HeadFile(w, r)
		case http.MethodPatch:
			tus.PatchFile(w, r)
		case http.MethodDelete:
			tus.DelFile(w, r)
		}
	})), nil
}

// files answers everything below /files/. Each request is judged here, by the
// grant it carries and the record of the upload it is about, before anything
// touches the disk.
func (u *Uploads) files(w http.ResponseWriter, r *http.Request) {
	r.Header.Del("X-HTTP-Method-Override") // or a POST would be whatever it says
	w = &relative{ResponseWriter: w}
	if r.Method == http.MethodOptions {
		u.tus.ServeHTTP(w, r) // what the server can do; no secret is in it
		return
	}
	id, root := idOf(r.URL)
	if !root && !pass.IsCode(id) {
		absent(w, r)
		return
	}
	g, ok := u.grantOf(w, r)
	if !ok {
		return
	}
	r = r.WithContext(context.WithValue(r.Context(), granted{}, g))
	if !root {
		u.one(w, r, g, id)
		return
	}
	if r.Method != http.MethodPost {
		notAllowed(w, r, "POST, OPTIONS")
		return
	}
	if !u.visitors.Limit(w, r, "upload-create", createsMost, limitsPer) {
		return
	}
	u.tus.ServeHTTP(w, r)
}

// idOf is what stands behind /files/, as it was sent; root says that nothing does.
func idOf(at *url.URL) (id string, root bool) {
	rest := strings.TrimPrefix(at.EscapedPath(), strings.TrimSuffix(filesPath, "/"))
	rest = strings.TrimPrefix(rest, "/")
	return rest, rest == ""
}

// grantOf is the grant a request carries; otherwise the answer is written.
func (u *Uploads) grantOf(w http.ResponseWriter, r *http.Request) (pass.Grant, bool) {
	code := r.Header.Get(grantHeader)
	if code == "" && r.Method == http.MethodPost {
		code = handler.ParseMetadataHeader(r.Header.Get("Upload-Metadata"))["grant"]
	}
	g, err := u.grant(r.Context(), code)
	if err != nil {
		u.failed(w, r, "", err)
		return pass.Grant{}, false
	}
	return g, true
}

// grant is a grant that still holds; NotFound otherwise.
func (u *Uploads) grant(ctx context.Context, code string) (pass.Grant, error) {
	if !pass.IsCode(code) {
		return pass.Grant{}, classed(flows.NotFound, "talk.absent", nil)
	}
	g, err := u.doors.Grant(ctx, code)
	if err == nil && !g.Expires.IsZero() && !g.Expires.After(u.cfg.Clock()) {
		err = classed(flows.NotFound, "talk.absent", nil)
	}
	return g, err
}

// failed answers an error of the doors: absent, or try again.
func (u *Uploads) failed(w http.ResponseWriter, r *http.Request, lang string, err error) {
	switch flows.ClassOf(err) {
	case flows.NotFound:
		absent(w, r)
	case flows.Unavailable:
		answer(w, r, u.refusal(lang, http.StatusServiceUnavailable, "busy", flows.T("talk.busy")))
	default:
		u.log.Error("upload request failed", "err", err)
		answer(w, r, u.refusal(lang, http.StatusInternalServerError, "internal", flows.T("web.upload.internal")))
	}
}

// one answers a request about one upload.
func (u *Uploads) one(w http.ResponseWriter, r *http.Request, g pass.Grant, id string) {
	ctx := context.WithoutCancel(r.Context()) // for what is noted after the answer
	rec, err := u.doors.Upload(r.Context(), id)
	if err == nil && rec.Actor != g.Actor {
		err = classed(flows.NotFound, "talk.absent", nil)
	}
	if err != nil {
		u.failed(w, r, g.Lang, err)
		return
	}
	switch r.Method {
	case http.MethodHead, http.MethodPatch, http.MethodDelete:
	default:
		notAllowed(w, r, "HEAD, PATCH, DELETE, OPTIONS")
		return
	}
	if rec.State != pass.UploadReceiving {
		u.past(w, r, g, rec)
		return
	}
	r = r.WithContext(withSize(r.Context(), rec.Bytes))
	if r.Method == http.MethodPatch && !u.claimed(w, r, g, rec) {
		return
	}
	u.tus.ServeHTTP(w, r)
	switch r.Method {
	case http.MethodPatch:
		u.touch(ctx, rec)
	case http.MethodDelete:
		u.forget(ctx, id)
	}
}

// past answers about an upload that is whole: it says so to a client that missed
// the last answer, and lets nothing be changed or taken back any more.
func (u *Uploads) past(w http.ResponseWriter, r *http.Request, g pass.Grant, rec pass.Upload) {
	h := w.Header()
	size := strconv.FormatInt(rec.Bytes, 10)
	switch {
	case r.Method == http.MethodHead:
		h.Set("Tus-Resumable", "1.0.0")
		h.Set("Cache-Control", "no-store")
		h.Set("Upload-Offset", size)
		h.Set("Upload-Length", size)
		w.WriteHeader(http.StatusOK)
	case r.Method == http.MethodPatch && r.Header.Get("Upload-Offset") == size:
		h.Set("Tus-Resumable", "1.0.0")
		h.Set("Upload-Offset", size)
		w.WriteHeader(http.StatusNoContent)
	default:
		answer(w, r, u.refusal(g.Lang, http.StatusConflict, "whole", flows.T("web.upload.whole")))
	}
}

// claimed keeps the hash that the browser sends along; false = the answer is
// written.
func (u *Uploads) claimed(w http.ResponseWriter, r *http.Request, g pass.Grant, rec pass.Upload) bool {
	sum := strings.ToLower(r.Header.Get(sumHeader))
	if sum == "" {
		return true
	}
	if !sumForm.MatchString(sum) {
		answer(w, r, u.refusal(g.Lang, http.StatusBadRequest, "sum", flows.T("web.upload.internal")))
		return false
	}
	up, err := u.store.get(rec.ID, rec.Bytes)
	if err == nil {
		err = up.claim(sum)
	}
	if err != nil {
		u.log.Warn("upload: what the browser reckoned was not kept", "err", err)
	}
	return true
}

// touch notes that bytes came, not oftener than the sweep needs to know.
func (u *Uploads) touch(ctx context.Context, rec pass.Upload) {
	now := u.cfg.Clock()
	if now.Sub(rec.Touched) < u.cfg.Kept/100 {
		return
	}
	_, err := u.doors.ChangeUpload(ctx, rec.ID, func(c *pass.Upload) error {
		c.Touched = now
		return nil
	})
	if err != nil && flows.ClassOf(err) != flows.NotFound {
		u.log.Warn("upload: not noted that bytes came", "err", err)
	}
}

// forget ends an upload that was taken back, if its file is gone.
func (u *Uploads) forget(ctx context.Context, id string) {
	if u.store.has(id) {
		return
	}
	if err := u.doors.ForgetUpload(ctx, id); err != nil {
		u.log.Warn("upload: the record of one taken back stays until the sweep", "err", err)
	}
}

func notAllowed(w http.ResponseWriter, r *http.Request, allow string) {
	w.Header().Set("Allow", allow)
	answer(w, r, failure("ERR_METHOD", http.StatusMethodNotAllowed, `{"error":"method"}`+"\n"))
}

// relative makes the address of a new upload one without a host: behind a proxy
// only the browser knows by which it came.
type relative struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w *relative) WriteHeader(status int) {
	if at, err := url.Parse(w.Header().Get("Location")); err == nil && at.Path != "" {
		w.Header().Set("Location", at.Path)
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *relative) Unwrap() http.ResponseWriter { return w.ResponseWriter }
