package casebag

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/checkpage"
	"clipcase/flows/dossier/stamp"
)

// Opener opens what a case refers to.
type Opener interface {
	// OpenRange reads length bytes of the blob key from offset on; length -1 = to the end.
	OpenRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
}

// Maker makes bags of cases. It may be used by any number of goroutines.
type Maker struct {
	cat    *catalog.Catalog
	blobs  Opener
	signer bag.Signer
	agent  string
}

// New takes what signs bags (nil = they are not signed) and what they name as the
// program that made them.
func New(cat *catalog.Catalog, blobs Opener, signer bag.Signer, agent string) (*Maker, error) {
	if cat == nil || blobs == nil || agent == "" {
		return nil, errors.New("casebag: the catalogue, the blobs and a name are needed")
	}
	return &Maker{cat: cat, blobs: blobs, signer: signer, agent: agent}, nil
}

// Signer is what signs the bags; nil = nothing does.
func (m *Maker) Signer() bag.Signer { return m.signer }

// Bag is the case as it stands: bag.KindMine is all of it, bag.KindHandOver what
// others may see, which is the files to hand in, the words and the proof, without
// the originals. Nothing is read before the bag is written.
func (m *Maker) Bag(c *flows.Case, kind string, now time.Time) (*bag.Bag, error) {
	contents, err := m.contents(c, kind)
	if err != nil {
		return nil, err
	}
	_, signature, err := bag.Signed(contents)
	if err != nil {
		return nil, err
	}
	contents.Date, contents.Stamps = now.In(flows.Zone()), m.stamps(c, kind, signature)
	return bag.New(contents)
}

// Signed is the manifest of such a bag and its signature, which is nil where
// nothing signs. Both depend on nothing but what was handed in and made, and on
// the words of the catalogue.
func (m *Maker) Signed(c *flows.Case, kind string) (manifest, signature []byte, err error) {
	contents, err := m.contents(c, kind)
	if err != nil {
		return nil, nil, err
	}
	return bag.Signed(contents)
}

// stamps are the time stamps of what is in the bag: of its originals, there or
// absent, and of its own signature. One of a signature that has changed since is
// of nothing here.
func (m *Maker) stamps(c *flows.Case, kind string, signature []byte) []bag.File {
	own := hex.EncodeToString(stamp.OfSignature(signature).Digest)
	var all []bag.File
	for _, s := range c.Stamps {
		switch {
		case s.Bag == "" && slices.ContainsFunc(c.Exhibits, func(e flows.Exhibit) bool { return e.SHA256 == s.Digest && e.Blob != "" && !e.Removed }):
		case s.Bag == kind && s.Digest == own:
		default:
			continue
		}
		name := bag.StampFolder + s.Over + "." + s.Authority
		all = append(all, m.blob(name+bag.StampEnding, s.Reply.Blob, s.Reply.SHA256, s.Reply.Bytes, s.At))
		if s.Chain != nil {
			all = append(all, m.blob(name+".pem", s.Chain.Blob, s.Chain.SHA256, s.Chain.Bytes, s.At))
		}
	}
	return all
}

// contents is all of a bag but its date and its time stamps.
func (m *Maker) contents(c *flows.Case, kind string) (bag.Contents, error) {
	story := dossier.FromCase(m.cat, c, kind == bag.KindMine)
	if m.signer != nil {
		story.Record.Signer = m.signer.Fingerprint()
	}
	record, err := story.Record.JSON()
	if err != nil {
		return bag.Contents{}, err
	}
	summary := dossier.Summarize(m.cat, c.Lang, story)
	page, err := summary.HTML()
	if err != nil {
		return bag.Contents{}, err
	}
	checks, err := checkpage.File(m.cat, c.Lang, c.Created)
	if err != nil {
		return bag.Contents{}, err
	}
	contents := bag.Contents{
		Case: c.ID, Kind: kind, Agent: m.agent, Signer: m.signer, Tags: []bag.File{checks},
		Payload: []bag.File{
			bag.Text("data/case.json", record, c.Created), bag.Text(dossier.SummaryText, []byte(summary.Markdown()), c.Created), bag.Text(dossier.SummaryPage, []byte(page), c.Created),
		},
		Info: []bag.Field{
			{Label: bag.LabelMeans, Value: m.cat.Say(c.Lang, "bag.means", nil)}, {Label: bag.LabelMeansNot, Value: m.cat.Say(c.Lang, "bag.means.not", nil)},
		},
	}
	if len(c.History) > 0 {
		contents.Info = append(contents.Info, bag.Field{Label: bag.LabelHistory, Value: fmt.Sprintf("%d %s", len(c.History), c.Head())})
		contents.Tags = append(contents.Tags, bag.Text(bag.HistoryFile, flows.HistoryLines(c.History), c.Created))
	}
	for i := range c.Packs {
		contents.Payload = append(contents.Payload, m.pieces(&c.Packs[i])...)
	}
	if kind == bag.KindMine {
		for i := range c.Exhibits {
			if e := &c.Exhibits[i]; e.Blob != "" && e.SHA256 != "" && !e.Removed {
				contents.Payload = append(contents.Payload, m.blob(dossier.OriginalPath(e), e.Blob, e.SHA256, e.Bytes, e.Received))
			}
		}
	}
	return contents, nil
}

// pieces are the files of one channel with the words to paste.
func (m *Maker) pieces(pack *flows.Pack) []bag.File {
	var all []bag.File
	for _, x := range pack.Pieces {
		if x.Blob != "" {
			all = append(all, m.blob(dossier.PiecePath(pack.Channel, x.Name), x.Blob, x.SHA256, x.Bytes, pack.Ready))
		}
	}
	if text := dossier.Message(pack); text != "" {
		all = append(all, bag.Text(dossier.PiecePath(pack.Channel, "message.txt"), []byte(text), pack.Ready))
	}
	return all
}

func (m *Maker) blob(path, key, sum string, bytes int64, when time.Time) bag.File {
	return bag.File{Path: path, SHA256: sum, Bytes: bytes, When: when, Open: func(ctx context.Context) (io.ReadCloser, error) {
		return m.blobs.OpenRange(ctx, key, 0, -1)
	}}
}
