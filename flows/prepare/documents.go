package prepare

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// documentShare is the part of a message that documents may take from what is
// rendered: a contract is read in a mail of any size, a recording is not.
const documentShare = 0.25

// documents are the originals that are read, not watched.
func (w *work) documents() []*exhibit {
	var all []*exhibit
	for _, e := range w.exhibits {
		if e.usable() && e.probe.Kind == media.KindDocument {
			all = append(all, e)
		}
	}
	return all
}

// enclose decides, once what is rendered is planned, which documents go beside
// it: as they are, in the order they came, as long as there is room. The bytes
// are taken from the recipe that has most; the others are only named.
func (p *pack) enclose(rendered int) int64 {
	if !p.channel.Documents {
		return 0
	}
	var whole, taken int64
	for _, r := range p.recipes() {
		whole += int64(r.MaxTotalBytes)
	}
	p.enclosed = nil
	for _, e := range p.documents() {
		if taken+e.bytes <= int64(documentShare*float64(whole)) && rendered+len(p.enclosed) < flows.FilesAtOnce(p.channel) {
			taken += e.bytes
			p.enclosed = append(p.enclosed, e)
		}
	}
	return taken
}

// attached are the files of the documents that go along, numbered after the
// others.
func (p *pack) attached() []*file {
	var out []*file
	for i, e := range p.enclosed {
		kind := media.KindDocument
		if e.probe.Format == string(media.KindPDF) {
			kind = media.KindPDF
		}
		f := &file{pack: p, exhibit: e, document: true, plan: media.Piece{
			Name: fmt.Sprintf("%s-doc%d.%s", p.prefix(), i+1, e.probe.Format), Number: len(p.files) + i + 1, Kind: kind,
		}}
		p.keep(f)
		out = append(out, f)
	}
	return out
}

// copies puts the documents beside the pieces, byte for byte.
func (p *pack) copies(ctx context.Context) error {
	for _, f := range p.which(func(f *file) bool { return f.document && f.made == nil }) {
		to := filepath.Join(p.dir(), f.plan.Name)
		sum, bytes, err := copyFile(ctx, f.exhibit.path, to)
		if err != nil {
			return err
		}
		if sum != f.exhibit.sha256 {
			return fmt.Errorf("document %s is no longer what was handed in", f.exhibit.ID)
		}
		f.made = &media.Made{Piece: f.plan, File: to, Bytes: bytes, SHA256: sum, How: p.byHand(f, dossier.ByCopying)}
	}
	return nil
}

// alone takes the documents back where nothing was made that they could go along
// with.
func (p *pack) alone() error {
	for _, f := range p.finished() {
		if f.kept == nil {
			if err := os.Remove(f.made.File); err != nil {
				return fmt.Errorf("remove a document: %w", err)
			}
		}
	}
	p.files = nil
	return nil
}

// shown names at most a few documents for the words to paste.
func (p *pack) shown(all []*exhibit) []flows.Text {
	const most = 3
	var names []flows.Text
	for _, e := range all[:min(len(all), most)] {
		name := e.shown
		if !p.channel.Links {
			name = unlinked(name)
		}
		names = append(names, flows.Text{Plain: flows.Shorten(name, 40)})
	}
	if over := len(all) - most; over > 0 {
		names = append(names, flows.T("dossier.document.more", "count", over))
	}
	return names
}

// postscript is the line of the words about the documents that do not go along.
func (p *pack) postscript() string {
	if p.channel.WordsOnly { // a public place: not even their names
		return ""
	}
	left := slices.DeleteFunc(p.documents(), func(e *exhibit) bool { return slices.Contains(p.enclosed, e) })
	if len(left) == 0 {
		return ""
	}
	key := "dossier.document.asked"
	if p.channel.Documents {
		key = "dossier.document.left"
		p.warn(p, flows.T("dossier.warn.document", "channel", p.name(), "names", p.shown(left)))
	}
	return strings.TrimSpace(p.say(flows.T(key, "names", p.shown(left))))
}
