package telegramtest

import (
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"time"
)

// getFile gives the path under which a file can be read for an hour.
func (q *request) getFile() (any, error) {
	id := q.args["file_id"]
	if id == "" {
		return nil, bad("file_id not specified")
	}
	f := q.s.files[id]
	if f == nil {
		return nil, bad("invalid file_id")
	}
	local := q.s.cfg.local != ""
	if f.Size > cloudDownload && !local {
		return nil, bad("file is too big")
	}
	if f.path == "" {
		name := fmt.Sprintf("%s/file_%d%s", f.folder(), q.s.serial(), strings.ToLower(filepath.Ext(f.Name)))
		if local {
			name = filepath.Join(q.s.cfg.local, q.s.cfg.token, name)
			if err := f.blob.copyTo(name); err != nil {
				return nil, fmt.Errorf("place a file: %w", err)
			}
		}
		f.path = name
		q.s.paths[name] = f
	}
	f.until = q.now.Add(linkLife)
	return map[string]any{"file_id": f.ID, "file_unique_id": f.UniqueID, "file_size": f.Size, "file_path": f.path}, nil
}

// disturbance is what faults do to one download.
type disturbance struct {
	cut, short int64 // -1 = not
	slow       int64
	status     int
	hang       time.Duration
}

func (f *Faults) disturb() disturbance {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := disturbance{cut: -1, short: -1, slow: f.slow, hang: f.hang}
	if n, ok := next(&f.broken); ok {
		d.status = n
		return d
	}
	if n, ok := next(&f.cuts); ok {
		d.cut = n
	}
	if n, ok := next(&f.shorts); ok {
		d.short = n
	}
	return d
}

// download serves /file/bot<token>/<path>, with ranges, unless in local mode.
func (s *Server) download(w http.ResponseWriter, r *http.Request, rest string) {
	token, path, _ := strings.Cut(rest, "/")
	s.mu.Lock()
	f := s.paths[path]
	fresh := f != nil && s.cfg.now().Before(f.until)
	rec := &Call{Method: "download", Params: map[string]string{"path": path, "range": r.Header.Get("Range")}}
	var refusal *Refusal
	switch {
	case token != s.cfg.token:
		refusal = &Refusal{Code: 401, Text: "Unauthorized"}
	case !fresh || s.cfg.local != "":
		refusal = &Refusal{Code: 404, Text: "Not Found"}
	}
	d := s.Faults.disturb()
	if refusal == nil && d.status != 0 {
		refusal = &Refusal{Code: d.status, Text: http.StatusText(d.status)}
		rec.Fault = "broken download"
	}
	if refusal != nil {
		s.record(rec, refusal)
		s.mu.Unlock()
		answer(w, nil, refusal)
		return
	}
	s.record(rec, nil)
	s.mu.Unlock()
	if !s.pause(r, d.hang) {
		return
	}
	b, err := f.blob.open()
	if err != nil {
		answer(w, nil, err)
		return
	}
	defer func() { _ = b.Close() }()
	var content io.ReadSeeker = b
	if d.short >= 0 {
		content = io.NewSectionReader(b, 0, min(d.short, f.Size))
	}
	out := &tap{ResponseWriter: w, s: s, r: r, slow: d.slow, cut: d.cut}
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(out, r, "", time.Time{}, content)
}

// pause waits unless the client or the server goes away.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
	case <-s.done:
	}
	return false
}

// tap slows a body down or cuts it.
type tap struct {
	http.ResponseWriter
	s    *Server
	r    *http.Request
	slow int64
	cut  int64 // -1 = not
	sent int64
}

func (t *tap) Write(p []byte) (int, error) {
	written := 0
	for written < len(p) {
		chunk := p[written:]
		if t.cut >= 0 && t.sent+int64(len(chunk)) > t.cut {
			chunk = chunk[:t.cut-t.sent]
			if len(chunk) == 0 {
				_ = http.NewResponseController(t.ResponseWriter).Flush() // what was sent so far must arrive
				panic(http.ErrAbortHandler)
			}
		}
		if t.slow > 0 {
			chunk = chunk[:min(int64(len(chunk)), max(1, t.slow/20))]
			if !t.s.pause(t.r, time.Duration(len(chunk))*time.Second/time.Duration(t.slow)) {
				return written, io.ErrClosedPipe
			}
		}
		n, err := t.ResponseWriter.Write(chunk)
		written += n
		t.sent += int64(n)
		if err != nil {
			return written, err
		}
		if t.slow > 0 {
			_ = http.NewResponseController(t.ResponseWriter).Flush() // or the whole would be held back
		}
	}
	return written, nil
}
