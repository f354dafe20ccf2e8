package casepage

import (
	"fmt"
	"mime"
	"net/http"

	"clipcase/flows/dossier/bag"
)

// archive streams everything of the case as a bag in one ZIP.
func (p *Pages) archive(w http.ResponseWriter, r *http.Request, v visit) {
	p.bagged(w, r, v, bag.KindMine, v.kase.ID)
}

// handover streams what others may see as a bag: the files to hand in, the words
// and the proof, without the originals.
func (p *Pages) handover(w http.ResponseWriter, r *http.Request, v visit) {
	p.bagged(w, r, v, bag.KindHandOver, v.kase.ID+"-handover")
}

// bagged writes nothing to disk and packs nothing. What breaks before the first
// byte is told as everywhere; what breaks in the middle breaks the connection, so
// that half an archive never looks whole.
func (p *Pages) bagged(w http.ResponseWriter, r *http.Request, v visit, kind, name string) {
	b, err := p.cfg.Bags.Bag(v.kase, kind, p.cfg.Clock())
	if err != nil {
		p.visitors.Trouble(w, r, fmt.Errorf("bag: %w", err))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + ".zip"}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox; frame-ancestors 'none'")
	if r.Method == http.MethodHead {
		return
	}
	if err = b.WriteZIP(r.Context(), p.patiently(w), name); err == nil {
		return
	}
	if r.Context().Err() == nil {
		p.cfg.Log.Warn("archive broke off", "err", err)
	}
	panic(http.ErrAbortHandler) // the answer has begun and cannot be taken back
}
