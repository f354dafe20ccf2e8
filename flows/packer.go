package flows

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"clipcase/flows/catalog"
	"clipcase/media"
)

// maxFiles is how many files one delivery has at most, unless the channel wants
// more; maxWords is how many characters one message's words have; copyMax is the
// most a copy button takes.
const (
	maxFiles = 9
	maxWords = 3300
	copyMax  = 256
)

// Packer composes what is handed to a person for a pack that is ready.
type Packer struct {
	cat    *catalog.Catalog
	linked bool   // there are pages to lead to
	key    string // fingerprint of what signs archives; "" = nothing does
	mailed bool   // mails are sent from the operator's mailbox
}

// NewPacker makes a Packer for the same catalogue as the Engine.
func NewPacker(cat *catalog.Catalog) *Packer { return &Packer{cat: cat} }

// Linked is k for a service with pages: what comes last offers the case's own.
func (k *Packer) Linked() *Packer { return k.with(func(k *Packer) { k.linked = true }) }

// Signed is k for a service that signs: people are told the fingerprint of its key,
// so that nobody can put another in its place later.
func (k *Packer) Signed(key string) *Packer { return k.with(func(k *Packer) { k.key = key }) }

// Mailed is k for a service that sends mails: where there is one it is offered.
func (k *Packer) Mailed() *Packer { return k.with(func(k *Packer) { k.mailed = true }) }

func (k *Packer) with(change func(*Packer)) *Packer {
	copied := *k
	change(&copied)
	return &copied
}

// Items is the delivery of a pack, in the order it is sent: head, files, the
// words to paste, what can be done next; the case summary after the first pack that is whole.
// A round of exact copies has its files only, a round of pieces made on request
// only what was not given before. The same pack gives the same items.
//
// Of a pack that is still being made these are the items so far; more are added
// as more of it is made, none changes its ID. Its words come after the pictures,
// which are there first, and what is only known at the end is said at the end.
func (k *Packer) Items(c *Case, p *Pack) []Item {
	ch, ok := k.cat.Channel(p.Channel)
	if !ok || c.Quarantined {
		return nil
	}
	files := k.files(ch, p)
	only := p.only()
	items := []Item{k.head(c, p, ch, files)}
	early, late := inParts(p, files)
	items = append(items, sent(early, p.Exact)...)
	if !only && (len(late) > 0 || p.whole()) {
		items = append(items, k.words(c, p, "words", T("deliver.words.body"))...)
	}
	items = append(items, sent(late, p.Exact)...)
	if only || !p.whole() {
		return items
	}
	items = append(items, k.afterwards(c, p)...)
	items = append(items, k.next(c, p, ch))
	if c.sumsUp(p) {
		items = append(items, k.summary(c))
	}
	return items
}

// inParts divides the files into those before the words to paste and those
// after: of a pack handed out in parts the pictures come first. One without
// pictures has its words at the end.
func inParts(p *Pack, files []Piece) (early, late []Piece) {
	for _, f := range files {
		if p.Parted && f.Kind != media.KindImage {
			late = append(late, f)
		} else {
			early = append(early, f)
		}
	}
	if len(early) == 0 {
		return late, nil
	}
	return early, late
}

// sent are the items of the files that exist.
func sent(files []Piece, exact bool) []Item {
	var items []Item
	for _, f := range files {
		if f.Blob != "" {
			items = append(items, Item{ID: "file:" + f.Name, File: parcel(f, exact)})
		}
	}
	return items
}

// afterwards says what came to light after the head of a parted pack was out: what
// is missing or damaged, and the words without it.
func (k *Packer) afterwards(c *Case, p *Pack) []Item {
	if !p.Parted {
		return nil
	}
	screen := Screen{Step: "deliver", Token: tokenKeep, Lang: c.Lang}
	for _, w := range capped(p.Warnings[min(p.Told, len(p.Warnings)):]) {
		screen.Blocks = append(screen.Blocks, Block{Style: StyleNote, Text: T("deliver.warning", "what", w)})
	}
	var items []Item
	if len(screen.Blocks) > 0 {
		items = append(items, Item{ID: "notes", Screen: &screen})
	}
	if p.Reworded {
		items = append(items, k.words(c, p, "reworded", T("deliver.words.instead"))...)
	}
	return items
}

// capped are the first few warnings: more are not read.
func capped(warnings []Text) []Text { return warnings[:min(len(warnings), 6)] }

// files is what is handed out: the pieces in the channel's order, the first of
// which tell the story alone.
func (k *Packer) files(ch catalog.Channel, p *Pack) []Piece {
	all := p.Pieces
	if p.Extra && !p.Exact {
		if left := slices.DeleteFunc(slices.Clone(all), func(x Piece) bool { return slices.Contains(p.Given, x.Name) }); len(left) > 0 {
			all = left
		}
	}
	return all[:min(len(all), FilesAtOnce(ch))]
}

// FilesAtOnce is how many files one delivery for a channel has at most.
func FilesAtOnce(ch catalog.Channel) int { return max(maxFiles, ch.MaxFiles) }

func parcel(piece Piece, exact bool) *Parcel {
	return &Parcel{
		Name: piece.Name, Kind: piece.Kind, Blob: piece.Blob, Bytes: piece.Bytes,
		Width: piece.Width, Height: piece.Height, Duration: piece.Duration, Thumb: piece.Thumb,
		Line: Text{Plain: Shorten(piece.Line, 900)}, Exact: exact,
	}
}

// head says where to go, what to do there and what the files are.
func (k *Packer) head(c *Case, p *Pack, ch catalog.Channel, files []Piece) Item {
	name := Text{Plain: ch.Name.In(c.Lang)}
	screen := Screen{Step: "deliver", Token: tokenKeep, Lang: c.Lang}
	add := func(style Style, text Text) { screen.Blocks = append(screen.Blocks, Block{Style: style, Text: text}) }
	switch {
	case p.Exact:
		add(StyleTitle, T("deliver.head.exact", "count", len(files)))
		return Item{ID: "head", Screen: &screen}
	case p.Extra && len(p.Given) > 0:
		add(StyleTitle, T("deliver.head.twin", "count", len(files)))
		return Item{ID: "head", Screen: &screen}
	case p.Parted && !p.whole() && p.Tier > 0:
		add(StyleTitle, T("deliver.head.smaller.begun", "case", c.ID, "channel", name))
	case p.Parted && !p.whole():
		add(StyleTitle, T("deliver.head.begun", "case", c.ID, "channel", name))
	case p.Tier > 0:
		add(StyleTitle, T("deliver.head.smaller", "case", c.ID, "channel", name))
	default:
		add(StyleTitle, T("deliver.head.title", "case", c.ID, "channel", name))
	}
	if where := ch.Where.In(c.Lang); where != "" {
		add(StyleText, T("deliver.head.where", "where", where))
	}
	if ch.WhereFrom.Unverified() {
		add(StyleNote, T("catalog.unverified"))
	}
	for i, step := range ch.Steps {
		add(StyleItem, T("deliver.head.step", "number", i+1, "what", step.In(c.Lang)))
	}
	told := p.Warnings
	switch {
	case p.Parted:
		key := "deliver.head.parts"
		if _, late := inParts(p, files); len(late) == 0 {
			key = "deliver.head.onebyone"
		}
		add(StyleText, T(key, "what", counted(files)))
		told = told[:min(p.Told, len(told))]
	case len(files) > 0:
		add(StyleText, T("deliver.head.files", "what", counted(files)))
	default:
		add(StyleText, T("deliver.head.wordsonly"))
	}
	if left := len(p.Pieces) - len(files); left > 0 {
		add(StyleNote, T("deliver.head.left", "count", left))
	}
	for _, w := range capped(told) {
		add(StyleNote, T("deliver.warning", "what", w))
	}
	return Item{ID: "head", Screen: &screen}
}

// counted is the files in words: 4 pictures, 1 moving picture, 3 videos.
func counted(files []Piece) []Text {
	count := map[media.Kind]int{}
	var order []media.Kind
	for _, f := range files {
		if count[f.Kind] == 0 {
			order = append(order, f.Kind)
		}
		count[f.Kind]++
	}
	var all []Text
	for _, kind := range order {
		n := count[kind]
		switch kind {
		case media.KindImage:
			all = append(all, T("deliver.count.image", "count", n))
		case media.KindGIF:
			all = append(all, T("deliver.count.gif", "count", n))
		case media.KindVideo:
			all = append(all, T("deliver.count.video", "count", n))
		default:
			all = append(all, T("deliver.count.file", "count", n))
		}
	}
	return all
}

// words is the text to paste, title and body each to be copied alone.
func (k *Packer) words(c *Case, p *Pack, first string, title Text) []Item {
	var items []Item
	if p.Subject != "" && !p.Reworded {
		items = append(items, pasted("subject", c.Lang, T("deliver.words.subject"), p.Subject))
	}
	for i, part := range portions(p.Words, maxWords) {
		id, label := first, title
		if i > 0 {
			id, label = first+"-"+strconv.Itoa(i+1), T("deliver.words.more")
		}
		items = append(items, pasted(id, c.Lang, label, part))
	}
	return items
}

func pasted(id, lang string, label Text, words string) Item {
	screen := Screen{Step: "deliver", Token: tokenKeep, Lang: lang, Blocks: []Block{
		{Text: label}, {Style: StyleCode, Text: Text{Plain: words}},
	}}
	if utf8.RuneCountInString(words) <= copyMax {
		screen.Rows = [][]Choice{{{Label: T("deliver.button.copy"), Copy: words}}}
	}
	return Item{ID: id, Screen: &screen}
}

// portions cuts words into messages, at the end of a line where possible and
// never inside a visible character.
func portions(words string, most int) []string {
	var all []string
	for words != "" {
		if utf8.RuneCountInString(words) <= most {
			return append(all, strings.TrimRight(words, "\n"))
		}
		kept, _ := Cut(words, most)
		if i := strings.LastIndexByte(kept, '\n'); i > len(kept)/2 {
			kept = kept[:i+1]
		}
		all = append(all, strings.TrimRight(kept, "\n"))
		words = words[len(kept):]
	}
	return all
}

// next is what can be done with a pack that was handed out.
func (k *Packer) next(c *Case, p *Pack, ch catalog.Channel) Item {
	var rows [][]Choice
	if len(p.Pieces) > 0 {
		row := []Choice{c.keepPack("exact", p, T("deliver.button.exact"))}
		if onRequest(ch, p.Tier) && !p.Extra {
			row = append(row, c.keepPack("twin", p, T("deliver.button.twin")))
		}
		rows = append(rows, row)
	}
	if _, ok := p.Mail(); ok && k.mailed {
		rows = append(rows, []Choice{c.keepPack("mail", p, T("deliver.button.mail"))})
	}
	if p.compares() {
		rows = append(rows, []Choice{c.keepPack("apart", p, T("deliver.button.apart"))})
	}
	if s, ok := k.cat.Scenario(c.Scenario); ok && len(offered(k.cat, s)) > len(c.Packs) {
		rows = append(rows, []Choice{c.keep("more", T("deliver.button.more"))})
	}
	if k.linked {
		rows = append(rows, []Choice{c.keep("web", T("talk.web.open"))})
	}
	rows = append(rows, []Choice{
		c.keepPack("sent", p, T("deliver.button.sent")),
		c.keepPack("refd", p, T("deliver.button.refused")),
	})
	return Item{ID: "more", Screen: &Screen{
		Step: "deliver", Token: tokenKeep, Lang: c.Lang, Rows: rows,
		Blocks: []Block{{Text: T("deliver.next")}, {Style: StyleNote, Text: T("deliver.next.note")}},
	}}
}
