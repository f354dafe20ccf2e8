package casepage

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
	"unicode"

	"clipcase/flows"
	"clipcase/media"
)

// originals is the name that stands for the originals where a channel does.
const originals = "original"

// file is one thing that can be downloaded.
type file struct {
	blob   string
	name   string
	mime   string
	bytes  int64
	sha256 string
	when   time.Time
	of     []string // exhibits a piece was made of
}

// find finds a piece by its channel and name, or an original by its exhibit.
func find(c *flows.Case, channel, name string) (file, bool) {
	if channel == originals {
		e := c.Exhibit(name)
		if e == nil || e.Blob == "" || e.Removed {
			return file{}, false
		}
		return original(e), true
	}
	p := c.Pack(channel)
	if p == nil {
		return file{}, false
	}
	for _, piece := range p.Pieces {
		if piece.Name == name && piece.Blob != "" {
			f := file{blob: piece.Blob, name: piece.Name, mime: typeOf(piece.Name), bytes: piece.Bytes, sha256: piece.SHA256, when: p.Ready}
			if piece.Exhibit != "" {
				f.of = []string{piece.Exhibit}
			} else if piece.Beside != nil {
				f.of = []string{piece.Beside.Left, piece.Beside.Right}
			}
			return f, true
		}
	}
	return file{}, false
}

func original(e *flows.Exhibit) file {
	f := file{blob: e.Blob, name: safeName(e.File.Name), mime: "application/octet-stream", bytes: e.Bytes, sha256: e.SHA256, when: e.Received}
	if f.name == "" {
		f.name = e.ID
	}
	if e.State == flows.ExhibitProbed && e.Probe != nil && e.Probe.Kind != media.KindDocument {
		f.mime = typeOf(f.name)
	}
	return f
}

// typeOf is the type a file of ours is served as. Only media that browsers show
// without running anything are named; everything else is bytes to be saved.
func typeOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".mp4", ".m4v":
		return "video/mp4"
	case ".mov":
		return "video/quicktime"
	case ".webm":
		return "video/webm"
	case ".mkv":
		return "video/x-matroska"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".png":
		return "image/png"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	}
	return "application/octet-stream"
}

// safeName is a name as people gave it, without what could leave a folder, hide
// an ending or confuse a terminal.
func safeName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|`, r):
			return '_'
		case unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, name)
	return strings.Trim(name, ". ")
}

func (p *Pages) download(w http.ResponseWriter, r *http.Request, v visit) {
	f, ok := find(v.kase, r.PathValue("channel"), r.PathValue("file"))
	if !ok {
		p.visitors.Absent(w, r)
		return
	}
	p.serve(w, r, f)
}

// serve sends a file, or the part that is asked for. It never becomes a page: it
// is an attachment, of a type that runs nothing, in a sandbox.
func (p *Pages) serve(w http.ResponseWriter, r *http.Request, f file) {
	h := w.Header()
	h.Set("Content-Type", f.mime)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.name}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	h.Set("Cache-Control", "private, no-cache")
	if f.sha256 != "" {
		h.Set("ETag", `"`+f.sha256+`"`)
	}
	if strings.Contains(r.Header.Get("Range"), ",") {
		r.Header.Del("Range") // thousands of parts would each open the blob anew; players ask for one
	}
	blob := &blobReader{ctx: r.Context(), files: p.files, key: f.blob, size: f.bytes}
	defer blob.shut()
	http.ServeContent(p.patiently(w), r, "", f.when, blob)
	if blob.err != nil && r.Context().Err() == nil {
		p.cfg.Log.Warn("download broke off", "err", blob.err)
	}
}

// blobReader reads a blob from wherever it is asked to; it opens nothing before
// the first byte is wanted.
type blobReader struct {
	ctx   context.Context
	files Files
	key   string
	size  int64
	at    int64
	open  io.ReadCloser
	err   error
}

func (b *blobReader) Read(to []byte) (int, error) {
	if b.at >= b.size {
		return 0, io.EOF
	}
	if b.open == nil {
		r, err := b.files.OpenRange(b.ctx, b.key, b.at, -1)
		if err != nil {
			b.err = err
			return 0, err
		}
		b.open = r
	}
	n, err := b.open.Read(to)
	b.at += int64(n)
	if errors.Is(err, io.EOF) && b.at < b.size {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && !errors.Is(err, io.EOF) {
		b.err = err
	}
	return n, err
}

func (b *blobReader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += b.at
	case io.SeekEnd:
		offset += b.size
	}
	if offset < 0 {
		return 0, errors.New("casepage: seek before the beginning")
	}
	if offset != b.at {
		b.shut()
		b.at = offset
	}
	return offset, nil
}

func (b *blobReader) shut() {
	if b.open != nil {
		_ = b.open.Close() // only read from
		b.open = nil
	}
}

// patient gives every write its own time: the server's bound on a whole answer is
// far too short for a long file.
type patient struct {
	http.ResponseWriter
	control *http.ResponseController
	stall   time.Duration
}

func (p *Pages) patiently(w http.ResponseWriter) *patient {
	return &patient{w, http.NewResponseController(w), p.cfg.Stall}
}

// WriteHeader implements http.ResponseWriter: what cannot be served in part loses
// its headers about keeping, and must not be kept either.
func (p *patient) WriteHeader(status int) {
	if h := p.Header(); h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	p.ResponseWriter.WriteHeader(status)
}

func (p *patient) Write(b []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(p.stall)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.ResponseWriter.Write(b)
}

func (p *patient) Unwrap() http.ResponseWriter { return p.ResponseWriter }
