package casepage

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier"
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
	b, err := p.bag(v.kase, kind)
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

// bag puts the case as it stands together. Its payload, and with it the signed
// manifest, depends on nothing but what was handed in and made.
func (p *Pages) bag(c *flows.Case, kind string) (*bag.Bag, error) {
	story := dossier.FromCase(p.cat, c, kind == bag.KindMine)
	record, err := story.Record.JSON()
	if err != nil {
		return nil, err
	}
	summary := dossier.Summarize(p.cat, c.Lang, story)
	page, err := summary.HTML()
	if err != nil {
		return nil, err
	}
	contents := bag.Contents{
		Case: c.ID, Kind: kind, Agent: p.cfg.Agent, Date: p.cfg.Clock().In(flows.Zone()), Signer: p.cfg.Signer,
		Payload: []bag.File{
			bag.Text("data/case.json", record, c.Created), bag.Text("data/summary.md", []byte(summary.Markdown()), c.Created), bag.Text("data/summary.html", []byte(page), c.Created),
		},
		Info: []bag.Field{
			{Label: bag.LabelMeans, Value: p.cat.Say(c.Lang, "bag.means", nil)}, {Label: bag.LabelMeansNot, Value: p.cat.Say(c.Lang, "bag.means.not", nil)},
		},
	}
	if len(c.History) > 0 {
		contents.Info = append(contents.Info, bag.Field{Label: bag.LabelHistory, Value: fmt.Sprintf("%d %s", len(c.History), c.Head())})
		contents.Tags = append(contents.Tags, bag.Text(bag.HistoryFile, flows.HistoryLines(c.History), c.Created))
	}
	for i := range c.Packs {
		contents.Payload = append(contents.Payload, p.pieces(&c.Packs[i])...)
	}
	if kind == bag.KindMine {
		for i := range c.Exhibits {
			if e := &c.Exhibits[i]; e.Blob != "" && e.SHA256 != "" && !e.Removed {
				contents.Payload = append(contents.Payload, p.blob(dossier.OriginalPath(e), e.Blob, e.SHA256, e.Bytes, e.Received))
			}
		}
	}
	return bag.New(contents)
}

// pieces are the files of one channel with the words to paste.
func (p *Pages) pieces(pack *flows.Pack) []bag.File {
	var all []bag.File
	for _, x := range pack.Pieces {
		if x.Blob != "" {
			all = append(all, p.blob(dossier.PiecePath(pack.Channel, x.Name), x.Blob, x.SHA256, x.Bytes, pack.Ready))
		}
	}
	if text := dossier.Message(pack); text != "" {
		all = append(all, bag.Text(dossier.PiecePath(pack.Channel, "message.txt"), []byte(text), pack.Ready))
	}
	return all
}

func (p *Pages) blob(path, key, sum string, bytes int64, when time.Time) bag.File {
	return bag.File{Path: path, SHA256: sum, Bytes: bytes, When: when, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return p.files.OpenRange(ctx, key, 0, -1)
	}}
}
