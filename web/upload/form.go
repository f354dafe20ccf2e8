package upload

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

const (
	formsMost = 60 // forms of one address in formsPer
	formsPer  = 10 * time.Minute
	patience  = 60 * time.Second // without a byte, then the browser is gone
	formExtra = 64 << 10         // bytes of a form besides the file
	slotMost  = 64
)

// form takes files from a browser without scripts: streamed to the disk, in one
// go, not to be resumed.
func (u *Uploads) form(w http.ResponseWriter, r *http.Request) {
	if !u.visitors.Limit(w, r, "upload-form", formsMost, formsPer) {
		return
	}
	g, ok := u.opened(w, r)
	if !ok {
		return
	}
	if r.ContentLength <= 0 {
		u.page(w, r, g, http.StatusLengthRequired, flows.T("web.upload.empty"))
		return
	}
	if r.ContentLength > u.cfg.MaxFile+formExtra {
		u.page(w, r, g, http.StatusRequestEntityTooLarge, flows.T("web.upload.too_big", "limit", pass.InWords(u.cfg.MaxFile)))
		return
	}
	r.Body = &patient{ReadCloser: r.Body, control: http.NewResponseController(w)}
	parts, err := r.MultipartReader()
	if err != nil {
		u.page(w, r, g, http.StatusBadRequest, flows.T("web.upload.empty"))
		return
	}
	taken, err := u.parts(r.Context(), g, parts, min(r.ContentLength, u.cfg.MaxFile))
	if err == nil && taken == 0 {
		err = classed(flows.Invalid, "web.upload.empty", nil)
	}
	if err != nil {
		e := u.refused(g.Lang, err)
		var f *flows.Error
		text := flows.T("web.upload.internal")
		if errors.As(err, &f) {
			text = f.Text
		}
		u.page(w, r, g, e.HTTPResponse.StatusCode, text)
		return
	}
	http.Redirect(w, r, "/upload/"+r.PathValue("grant"), http.StatusSeeOther) //nolint:gosec // a path of ours behind a slash and a name
}

// parts takes the files of a form, none larger than most bytes.
func (u *Uploads) parts(ctx context.Context, g pass.Grant, parts *multipart.Reader, most int64) (taken int, err error) {
	slot := ""
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return taken, nil
		}
		if err != nil {
			return taken, classed(flows.Invalid, "web.upload.broken", err)
		}
		switch {
		case p.FormName() == "slot" && p.FileName() == "":
			raw, err := io.ReadAll(io.LimitReader(p, slotMost))
			if err != nil {
				return taken, classed(flows.Invalid, "web.upload.broken", err)
			}
			slot = string(raw)
		case p.FormName() == "file" && p.FileName() != "":
			s := clean(said{name: p.FileName(), mime: p.Header.Get("Content-Type"), slot: slot})
			if err := u.take(ctx, g, s, p, most); err != nil {
				return taken, err
			}
			taken++
		}
	}
}

// take is one file of a form. How large it is, is known only at its end: it gets
// its record then, and until then counts as large as it can be.
func (u *Uploads) take(ctx context.Context, g pass.Grant, s said, src io.Reader, most int64) error {
	if err := u.fits(ctx, g, most); err != nil {
		return err
	}
	id := u.cfg.IDs()
	release, err := u.hold(ctx, most)
	if err != nil {
		return err
	}
	n, err := u.swallow(id, src, most)
	release()
	if err == nil {
		_, err = u.begin(ctx, g, id, s, n)
	}
	if err != nil {
		return errors.Join(err, u.store.remove(id))
	}
	if err := u.finish(ctx, id, n); err != nil {
		u.log.Warn("upload: finished, enters later", "err", err)
		u.Wake()
	}
	return nil
}

// fits says whether the grant will take a file of about so many bytes, before
// anybody waits for them; what counts is said when its record is made.
func (u *Uploads) fits(ctx context.Context, g pass.Grant, bytes int64) error {
	recs, err := u.doors.Uploads(ctx, g.Actor)
	if err != nil {
		return err
	}
	files := 1
	for _, rec := range recs {
		if rec.Grant == g.ID {
			bytes, files = bytes+rec.Bytes, files+1
		}
	}
	if bytes > g.Bytes+formExtra || files > g.Files {
		return overQuota(g)
	}
	return nil
}

// hold keeps room on the disk for a file without a record, until release.
func (u *Uploads) hold(ctx context.Context, bytes int64) (release func(), err error) {
	u.room.Lock()
	defer u.room.Unlock()
	if err := u.reserve(ctx, bytes); err != nil {
		return nil, err
	}
	u.held += bytes * (1 + pieceFactor)
	return func() {
		u.room.Lock()
		defer u.room.Unlock()
		u.held -= bytes * (1 + pieceFactor)
	}, nil
}

// swallow writes all of src to the upload's file.
func (u *Uploads) swallow(id string, src io.Reader, most int64) (int64, error) {
	g, err := u.store.create(id, most, "")
	if err != nil {
		return 0, classed(flows.Unavailable, "talk.busy", err)
	}
	body := &remembering{Reader: src}
	n, err := g.write(0, body)
	if err != nil {
		return 0, classed(flows.Unavailable, "talk.busy", err)
	}
	if body.err == nil { // all that is allowed came: is there more?
		if more, _ := body.Read(make([]byte, 1)); more > 0 {
			return 0, tooBig("web.upload.too_big", "limit", pass.InWords(u.cfg.MaxFile))
		}
	}
	if !errors.Is(body.err, io.EOF) {
		return 0, classed(flows.Invalid, "web.upload.broken", body.err)
	}
	if n == 0 {
		return 0, classed(flows.Invalid, "web.upload.empty", nil)
	}
	g.whole(n)
	return n, nil
}

// remembering keeps the error that ended a reader.
type remembering struct {
	io.Reader
	err error
}

// Read implements io.Reader.
func (r *remembering) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		r.err = err
	}
	return n, err
}

// patient is a body that may take as long as it likes, as long as bytes come.
type patient struct {
	io.ReadCloser
	control *http.ResponseController
}

// Read implements io.Reader.
func (p *patient) Read(b []byte) (int, error) {
	// A connection without deadlines, as in tests, has none to be put off.
	until := time.Now().Add(patience)
	if err := p.control.SetReadDeadline(until); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	if err := p.control.SetWriteDeadline(until.Add(patience)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.ReadCloser.Read(b)
}
