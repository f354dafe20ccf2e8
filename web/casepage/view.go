package casepage

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/pass"
	"clipcase/media"
	"clipcase/web/entry"
)

// caseView is what the case page shows.
type caseView struct {
	Case      string
	Self      string // address of this page
	Archive   string
	HandOver  string // address of the archive for others
	Documents string // names of what stands in it byte for byte as it was handed in
	Key       string // fingerprint of the key that signs; "" = none does
	Head      string // fingerprint of the history's last line
	Stamps    []stampView
	Scenario  catalog.Local
	Told      toldView
	Made      int // files that are there to be handed in
	Expires   string
	Working   bool // something is still being made or fetched
	Cancelled bool
	Packs     []packView // the recommended channel first
	Originals []originalView
	Links     []linkView
	History   []historyView
	Nonce     string // of this page's forms; each adds its own letters
	More      string // choice: other channels
}

// packView is one channel's pack.
type packView struct {
	Channel    string
	Name       catalog.Local
	Where      catalog.Local
	Unverified bool
	First      bool       // this one is recommended
	Reason     flows.Text // why it was refused; zero = not known
	Cites      []string   // where in its videos the seconds that matter are
	Steps      []catalog.Local
	State      flows.Text
	Ready      bool
	Error      *flows.Problem
	Warnings   []flows.Text
	Subject    string
	Words      string
	Pieces     []pieceView
	Making     int  // pieces that are still to be made
	Pictures   bool // some pieces go into a phone's album
	Fate       flows.Fate
	Open       bool // the person may say what became of it
	Sent       string
	Refused    string
	Apart      string // "" = it compares nothing
	Mail       string // has its mail sent for the person; "" = it has none, or nobody sends it
}

// pieceView is one file to hand in.
type pieceView struct {
	Number int
	Name   string
	URL    string
	Kind   media.Kind
	Type   string
	Width  int
	Height int
	Line   string
	Size   size
	Limit  size // zero = none known
	SHA256 string
	Share  bool
	File   string // channel/name, for a link
}

type originalView struct {
	Name    string
	URL     string
	Size    size
	SHA256  string
	Receipt string // hash of the line that says it was received
	Grade   flows.Text
	Length  string
	Refused flows.Text
	Waiting bool
	File    string
}

type linkView struct {
	Name     string
	URL      string
	Token    string
	Views    int64
	Replaced bool // another file was made in its place since
}

type historyView struct {
	When    string
	Key     string
	Channel catalog.Local
	Reason  flows.Text // of a refusal
}

// stampView is what an authority said of an original, or of what can be downloaded.
type stampView struct {
	Key   string
	Name  string // of the original
	By    string
	At    string
	Whole bool
}

// stampsOf tells of the stamps, those of the originals first.
func stampsOf(c *flows.Case) []stampView {
	var all, own []stampView
	for _, s := range c.Stamps {
		one := stampView{By: s.Name, At: flows.FormatTime(s.At), Whole: s.Whole}
		switch s.Bag {
		case bag.KindMine:
			one.Key = "web.case.stamps.mine"
		case bag.KindHandOver:
			one.Key = "web.case.stamps.handover"
		default:
			for i := range c.Exhibits {
				if e := &c.Exhibits[i]; e.SHA256 == s.Digest && !e.Removed {
					one.Key, one.Name = "web.case.stamps.original", original(e).name
					all = append(all, one)
					break
				}
			}
			continue
		}
		own = append(own, one)
	}
	return append(all, own...)
}

// unchanged are the names of pieces that are originals byte for byte: documents
// that a channel takes as they are.
func unchanged(c *flows.Case) []string {
	var names []string
	for i := range c.Packs {
		for _, x := range c.Packs[i].Pieces {
			if x.Blob == "" || slices.Contains(names, x.Name) {
				continue
			}
			if slices.ContainsFunc(c.Exhibits, func(e flows.Exhibit) bool { return e.SHA256 != "" && e.SHA256 == x.SHA256 }) {
				names = append(names, x.Name)
			}
		}
	}
	return names
}

// size is a number of bytes, and in words.
type size struct {
	Bytes int64
	Words string
}

func sized(bytes int64) size { return size{bytes, flows.FormatBytes(bytes)} }

func (p *Pages) view(v visit, links []pass.Link) caseView {
	c := v.kase
	s, _ := p.cat.Scenario(c.Scenario)
	view := caseView{
		Case: c.ID, Self: "/case/" + v.token, Archive: "/dl/" + v.token + "/all.zip",
		Scenario: s.Name, Told: told(c, s, v.Lang), Made: entry.Made(c), Expires: flows.FormatDay(c.Expires), Cancelled: !c.Cancelled.IsZero(), Nonce: p.cfg.IDs(), More: c.PressCase("more"),
		Working: entry.Moving(c),
	}
	view.HandOver = "/dl/" + v.token + "/handover.zip"
	view.Documents = strings.Join(unchanged(c), p.cat.Say(v.Lang, "talk.list.comma", nil))
	view.Head, view.Stamps = c.Head(), stampsOf(c)
	if p.cfg.Key != nil {
		view.Key = p.cfg.Key.Fingerprint()
	}
	story := dossier.FromCase(p.cat, c, true)
	for i := range c.Packs {
		one := p.packed(v, &c.Packs[i])
		one.Cites = dossier.Cites(p.cat, v.Lang, story, one.Channel)
		view.Packs = append(view.Packs, one)
	}
	view.Packs = ordered(view.Packs)
	for i := range c.Exhibits {
		if e := &c.Exhibits[i]; !e.Removed {
			view.Originals = append(view.Originals, p.handed(v, e))
		}
	}
	for _, l := range links {
		if !stands(c, l) {
			continue
		}
		view.Links = append(view.Links, linkView{Name: l.Name, URL: v.base + "/e/" + l.Token, Token: l.Token, Views: l.Views, Replaced: replaced(c, l)})
	}
	for _, e := range slices.Backward(c.History) {
		key := "web.case.history." + e.What
		if p.cat.Has("zh", key) {
			reason, _ := flows.ReasonText(word(e.Args["reason"]))
			view.History = append(view.History, historyView{flows.FormatTime(e.At), key, p.channel(e.Args["channel"]), reason})
		}
	}
	return view
}

// channel is the name of the channel an entry of the history is about.
func (p *Pages) channel(id any) catalog.Local {
	ch, _ := p.cat.Channel(word(id))
	return ch.Name
}

// word is a word in an entry of the history, "" if it is none.
func word(x any) string {
	s, _ := x.(string)
	return s
}

func (p *Pages) packed(v visit, pack *flows.Pack) packView {
	ch, _ := p.cat.Channel(pack.Channel)
	view := packView{
		Channel: pack.Channel, Name: ch.Name, Where: ch.Where, Unverified: ch.WhereFrom.Unverified(), Steps: ch.Steps,
		State: v.kase.PackState(pack), Ready: handedOut(pack), Error: pack.Error, Warnings: pack.Warnings,
		Subject: pack.Subject, Words: pack.Words, Fate: pack.Fate, Open: pack.State == flows.PackDelivered,
		Sent: v.kase.PressPack("sent", pack), Refused: v.kase.PressPack("refd", pack),
	}
	if pack.Aligns() {
		view.Apart = v.kase.PressPack("apart", pack)
	}
	if _, ok := pack.Mail(); ok && p.cfg.Mails {
		view.Mail = v.kase.PressPack("mail", pack)
	}
	if pack.Fate == flows.FateRefused {
		view.Reason, _ = flows.ReasonText(pack.Reason)
	}
	for i, piece := range pack.Pieces {
		if piece.Blob == "" {
			view.Making++ // its number is known before it is made
			continue
		}
		one := pieceView{
			Number: i + 1, Name: piece.Name, Kind: piece.Kind, Type: typeOf(piece.Name), Width: piece.Width, Height: piece.Height,
			URL:  "/dl/" + v.token + "/" + url.PathEscape(pack.Channel) + "/" + url.PathEscape(piece.Name),
			Line: piece.Line, Size: sized(piece.Bytes), SHA256: piece.SHA256, File: pack.Channel + "/" + piece.Name,
			Share: piece.Kind == media.KindImage || piece.Kind == media.KindGIF || piece.Kind == media.KindVideo,
		}
		for _, fit := range piece.Fit {
			if fit.Limit == "bytes" {
				one.Limit = sized(int64(fit.Max))
			}
		}
		view.Pictures = view.Pictures || one.Share
		view.Pieces = append(view.Pieces, one)
	}
	return view
}

func (p *Pages) handed(v visit, e *flows.Exhibit) originalView {
	f := original(e)
	view := originalView{
		Name: f.name, Size: sized(e.Bytes), SHA256: e.SHA256, Receipt: v.kase.Receipt(e.ID), Grade: flows.ArrivalText(e.File),
		Waiting: e.State == flows.ExhibitFetching || e.State == flows.ExhibitStored,
	}
	if linkable(e) {
		view.File = originals + "/" + e.ID
	}
	if e.Blob != "" {
		view.URL = "/dl/" + v.token + "/" + originals + "/" + e.ID
	}
	if e.Probe != nil && e.Probe.Kind == media.KindVideo {
		view.Length = flows.FormatClock(e.Probe.Duration) + " · " + strconv.Itoa(e.Probe.Width) + "×" + strconv.Itoa(e.Probe.Height)
	}
	switch {
	case e.Refusal != nil:
		view.Refused = flows.RefusalText(e.Refusal)
	case e.Problem != nil:
		view.Refused = e.Problem.Text
	}
	return view
}

// LinkTo is an evidence link to an original, before it is made.
func LinkTo(id string, e *flows.Exhibit) pass.Link {
	f := original(e)
	return pass.Link{Case: id, Blob: f.blob, Name: f.name, MIME: f.mime, Bytes: f.bytes, SHA256: f.sha256}
}

// linkable says whether others may be shown an original: not what is refused, or
// not looked at yet.
func linkable(e *flows.Exhibit) bool { return e.State == flows.ExhibitProbed && !e.Removed }

// handedOut says whether something of a pack can be handed in already: a pack
// goes out while it is being made.
func handedOut(p *flows.Pack) bool {
	return !p.Ready.IsZero() && p.Words != "" || slices.ContainsFunc(p.Pieces, func(x flows.Piece) bool { return x.Blob != "" })
}
