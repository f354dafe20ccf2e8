package casepage

import (
	"archive/zip"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"

	"clipcase/flows"
)

// entryOf is one file of the archive: a blob, or words.
type entryOf struct {
	name  string
	when  time.Time
	blob  string
	bytes int64
	words string
}

// archive streams everything of the case as one ZIP: nothing is written to disk
// and nothing compressed, since videos and pictures do not get smaller. What
// breaks in the middle breaks the connection, so that half an archive never
// looks whole.
func (p *Pages) archive(w http.ResponseWriter, r *http.Request, v visit) {
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": v.kase.ID + ".zip"}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	if r.Method == http.MethodHead {
		return
	}
	z := zip.NewWriter(p.patiently(w))
	for _, e := range p.contents(v) {
		if err := p.pack(r, z, e); err != nil {
			p.broken(r, err)
		}
	}
	if err := z.Close(); err != nil {
		p.broken(r, err)
	}
}

// broken cuts the connection: the answer has begun and cannot be taken back.
func (p *Pages) broken(r *http.Request, err error) {
	if r.Context().Err() == nil {
		p.cfg.Log.Warn("archive broke off", "err", err)
	}
	panic(http.ErrAbortHandler)
}

func (p *Pages) pack(r *http.Request, z *zip.Writer, e entryOf) error {
	to, err := z.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Store, Modified: e.when})
	if err != nil {
		return fmt.Errorf("archive entry: %w", err)
	}
	if e.blob == "" {
		_, err := io.WriteString(to, e.words)
		return err
	}
	from, err := p.files.OpenRange(r.Context(), e.blob, 0, -1)
	if err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	n, err := io.CopyBuffer(to, struct{ io.Reader }{from}, make([]byte, 256<<10))
	if closed := from.Close(); err == nil {
		err = closed
	}
	if err == nil && n != e.bytes {
		err = fmt.Errorf("archive: %d bytes of %d", n, e.bytes)
	}
	return err
}

// contents lists the archive: a folder for each channel with its pieces and the
// words to paste, then the originals with their fingerprints.
func (p *Pages) contents(v visit) []entryOf {
	c := v.kase
	root := c.ID + "/"
	var all []entryOf
	var sums strings.Builder
	add := func(name string, f file) {
		all = append(all, entryOf{name: root + name, when: f.when, blob: f.blob, bytes: f.bytes})
		fmt.Fprintf(&sums, "%s  %s\n", f.sha256, name)
	}
	for i := range c.Packs {
		pack := &c.Packs[i]
		for _, piece := range pack.Pieces {
			if f, ok := find(c, pack.Channel, piece.Name); ok {
				add(pack.Channel+"/"+piece.Name, f)
			}
		}
		if words := pasted(pack); words != "" {
			all = append(all, entryOf{name: root + pack.Channel + "/message.txt", when: pack.Ready, words: words})
		}
	}
	for i := range c.Exhibits {
		e := &c.Exhibits[i]
		if e.Blob == "" || e.Removed {
			continue
		}
		f := original(e)
		add(originals+"/"+e.ID+"-"+f.name, f)
	}
	return append(all, entryOf{name: root + "sha256.txt", when: c.Created, words: sums.String()})
}

// pasted is a pack's title and words.
func pasted(p *flows.Pack) string {
	if p.Subject == "" {
		return p.Words
	}
	return p.Subject + "\n\n" + p.Words
}
