package upload

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/media"
)

// status is what a page knows about a grant and its uploads.
type status struct {
	Uploads []seen            `json:"uploads"` // newest first
	MaxFile int64             `json:"max_file"`
	Files   int               `json:"files"` // uploads the grant takes
	Expires time.Time         `json:"expires,omitzero"`
	Words   map[string]string `json:"words,omitempty"` // of the script, with {names} to fill in
}

// seen is one upload as a page shows it.
type seen struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Slot   string `json:"slot,omitempty"`
	Bytes  int64  `json:"bytes"`
	Offset int64  `json:"offset"`          // bytes that are here
	Print  string `json:"print,omitempty"` // of an unfinished one: by which its file is known again
	State  string `json:"state"`           // receiving, received (whole, not looked at yet), taken, refused
	SHA256 string `json:"sha256,omitempty"`
	Same   bool   `json:"same,omitempty"` // the browser reckoned the same hash
	Line   string `json:"line,omitempty"` // what it is, in words
}

// state is GET /upload/{grant}/state: JSON for the script. words=1 adds words;
// also=<id>,<id> adds uploads of the same person that began under another grant.
func (u *Uploads) state(w http.ResponseWriter, r *http.Request) {
	g, err := u.grant(r.Context(), r.PathValue("grant"))
	if err != nil {
		u.failed(w, r, "", err)
		return
	}
	if !u.visitors.Limit(w, r, "upload-state", statesMost, limitsPer) {
		return
	}
	lang, _ := u.cfg.Face(r)
	st, err := u.status(r.Context(), g, lang, strings.Split(r.URL.Query().Get("also"), ","))
	if err != nil {
		u.failed(w, r, lang, err)
		return
	}
	if r.URL.Query().Get("words") != "" {
		st.Words = u.words(lang)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(st); err != nil {
		u.log.Debug("upload: a browser left before its answer", "err", err)
	}
}

// status collects this grant's uploads, and those of the same person that are not
// whole: whoever comes back with a new link goes on with them.
func (u *Uploads) status(ctx context.Context, g pass.Grant, lang string, also []string) (status, error) {
	st := status{Uploads: []seen{}, MaxFile: u.cfg.MaxFile, Files: g.Files, Expires: g.Expires}
	recs, err := u.doors.Uploads(ctx, g.Actor)
	if err != nil {
		return status{}, err
	}
	for _, rec := range recs {
		waiting := rec.State == pass.UploadReceiving
		if rec.Grant != g.ID && !waiting && !slices.Contains(also, rec.ID) {
			continue
		}
		one := seen{ID: rec.ID, Name: rec.Name, Slot: rec.Slot, Bytes: rec.Bytes, Offset: rec.Bytes, SHA256: rec.SHA256, State: "received"}
		one.Same = rec.Claimed != "" && rec.Claimed == rec.SHA256
		if waiting {
			one.State, one.Offset = "receiving", min(rec.Bytes, u.store.offset(rec.ID))
			one.Print = u.store.print(rec.ID)
		} else if err := u.fate(ctx, lang, rec, &one); err != nil {
			return status{}, err
		}
		st.Uploads = append(st.Uploads, one)
	}
	return st, nil
}

// fate fills in what the case knows of a whole upload.
func (u *Uploads) fate(ctx context.Context, lang string, rec pass.Upload, one *seen) error {
	if rec.State == pass.UploadReceived {
		return nil
	}
	_, e, err := u.exhibit(ctx, rec)
	if err != nil {
		return err
	}
	say := func(text flows.Text) { one.Line = u.pages.Words(lang, text) }
	switch {
	case e == nil && rec.State == pass.UploadEntered:
		one.State = "refused"
		say(flows.T("web.upload.fate.none"))
	case e == nil:
	case e.State == flows.ExhibitRefused && e.Refusal != nil:
		one.State = "refused"
		say(flows.T("web.upload.fate.refused", "why", flows.RefusalText(e.Refusal)))
	case e.State == flows.ExhibitRefused && e.Problem != nil:
		one.State = "refused"
		say(flows.T("web.upload.fate.refused", "why", e.Problem.Text))
	case e.Probe != nil:
		one.State = "taken"
		say(measured(e))
	}
	return nil
}

// measured is what was found out about a file: its size, and how long and large
// its picture is.
func measured(e *flows.Exhibit) flows.Text {
	p, size := e.Probe, flows.FormatBytes(e.Bytes)
	switch {
	case p.Kind == media.KindDocument:
		return flows.T("web.upload.fate.document", "size", size)
	case p.Duration <= 0 || p.Kind == media.KindImage:
		return flows.T("web.upload.fate.image", "size", size, "width", p.Width, "height", p.Height)
	}
	return flows.T("web.upload.fate.video", "size", size, "length", flows.FormatClock(p.Duration), "width", p.Width, "height", p.Height)
}

// words are those of the script in a language. Arguments stay names in braces.
func (u *Uploads) words(lang string) map[string]string {
	words := make(map[string]string, len(scriptWords))
	for key, args := range scriptWords {
		pairs := make([]any, 0, 2*len(args))
		for _, a := range args {
			pairs = append(pairs, a, "{"+a+"}")
		}
		words[key] = u.pages.Words(lang, flows.T("web.upload.js."+key, pairs...))
	}
	return words
}

// still says whether something on the page will change by itself.
func (st status) still() bool {
	return slices.ContainsFunc(st.Uploads, func(s seen) bool { return s.State == "received" })
}
