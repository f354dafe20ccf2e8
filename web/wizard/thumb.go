package wizard

import (
	"io"
	"net/http"
	"strconv"
	"time"

	"clipcase/flows"
	"clipcase/web/entry"
)

// maxThumb bounds one small picture in bytes.
const maxThumb = 1 << 20

// thumb gives one small picture of a recording in the case in hand.
func (z *Wizard) thumb(w http.ResponseWriter, r *http.Request, v entry.Visitor) {
	if !z.visitors.Limit(w, r, "thumb", thumbsPerMinute, time.Minute) {
		return
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= flows.Previews+flows.Candidates || strconv.Itoa(n) != r.PathValue("n") {
		z.visitors.Absent(w, r)
		return
	}
	c, err := z.own(r.Context(), v, r.URL.Query().Get("case"))
	if err != nil {
		z.visitors.Trouble(w, r, err)
		return
	}
	e := c.Exhibit(r.PathValue("exhibit"))
	if e == nil || e.Removed || c.Quarantined {
		z.visitors.Absent(w, r)
		return
	}
	file, size, err := z.files.Open(r.Context(), flows.PreviewBlob(c.ID, e.ID, n))
	if err != nil {
		z.visitors.Trouble(w, r, err)
		return
	}
	defer func() {
		if err := file.Close(); err != nil {
			z.cfg.Log.Warn("small picture does not close", "case", c.ID, "err", err)
		}
	}()
	if size > maxThumb {
		z.cfg.Log.Warn("small picture is too large", "case", c.ID, "bytes", size)
		z.visitors.Absent(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "image/jpeg")
	h.Set("Content-Length", strconv.FormatInt(size, 10))
	h.Set("Cache-Control", "private, max-age=3600")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodHead {
		return
	}
	_, _ = io.Copy(w, io.LimitReader(file, maxThumb)) // the client may be gone
}
