package prepare

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// pack is the work for one channel.
type pack struct {
	*work
	channel  catalog.Channel
	tier     int
	extra    bool
	earlier  flows.Pack
	begun    time.Time         // its day stands in the names
	files    []*file           // all that are planned, in the order of handing in
	behind   bool              // what is made of it now is made aside: see aside
	ready    bool              // its pictures are made: its names and numbers are final
	closed   bool              // all of it was handed on
	parted   bool              // a part of it was handed on
	blind    map[*exhibit]bool // of these no still can be made
	enclosed []*exhibit        // documents that go along as they are
	lent     int64             // bytes of the recipes that these take
	rooms    int
	listed   []dossier.Piece // in the record, once it is finished
	subject  string
	body     string
	failed   *flows.Text // why there are no pieces
	notes    []flows.Text
}

// file is one piece from its plan to the hand-in.
type file struct {
	pack     *pack
	exhibit  *exhibit
	plan     media.Piece
	made     *media.Made    // measured and verified; nil = not made
	kept     *flows.Piece   // made by an earlier attempt
	document bool           // an original that goes along as it is
	story    *media.Recipe  // what is written of the whole case; nil = made of one original
	refused  *media.Refusal // why it cannot be made
	cost     float64        // of making it, about seconds
	quiet    float64        // the same, were it a quiet screen
	effort   float64        // in times of that, as the engine found; 0 = not known
	ended    bool           // its job has, and what it cost is spent
	given    bool           // handed on
	line     string
	thumb    string
}

// piece is what came out, as far as it is known: of a damaged recording it may be
// shorter than planned.
func (f *file) piece() media.Piece {
	if f.made != nil {
		return f.made.Piece
	}
	return f.plan
}

// planned names the original and everything of the plan that shows in the file.
func (f *file) planned() string {
	raw, err := json.Marshal([]any{f.exhibit.sha256, f.plan})
	if err != nil {
		panic(fmt.Sprintf("prepare: a plan cannot be written: %v", err)) // only plain data is in there
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// finished are the files that exist.
func (p *pack) finished() []*file { return p.which(func(f *file) bool { return f.made != nil }) }

// hoped are the files that exist or are still to be made.
func (p *pack) hoped() []*file { return p.which(func(f *file) bool { return f.refused == nil }) }

func (p *pack) which(is func(*file) bool) []*file {
	var out []*file
	for _, f := range p.files {
		if is(f) {
			out = append(out, f)
		}
	}
	return out
}

// tierRecipes are those of the pack's tier; a tier beyond the last is the last.
func (p *pack) tierRecipes() []media.Recipe {
	if p.channel.WordsOnly || len(p.channel.Tiers) == 0 {
		return nil
	}
	return p.channel.Tiers[max(0, min(p.tier, len(p.channel.Tiers)-1))].Recipes
}

// recipes are those of the tier that count, with what documents leave of them.
func (p *pack) recipes() []media.Recipe {
	all := slices.DeleteFunc(slices.Clone(p.tierRecipes()), func(r media.Recipe) bool { return r.OnRequest && !p.extra })
	switch {
	case p.req.Early: // which two belong together is not known yet
		all = slices.DeleteFunc(all, func(r media.Recipe) bool { return r.Compare })
	case p.pair == nil:
		all = unpaired(all)
	}
	if p.lent > 0 {
		most := 0
		for i := range all {
			if all[i].MaxTotalBytes > all[most].MaxTotalBytes {
				most = i
			}
		}
		r := &all[most]
		r.MaxTotalBytes -= media.Size(p.lent)
		r.MaxBytes, r.WantTotalBytes = min(r.MaxBytes, r.MaxTotalBytes), min(r.WantTotalBytes, r.MaxTotalBytes)
	}
	return all
}

func (p *pack) wantsKey() bool {
	return slices.ContainsFunc(p.rendered(), func(r media.Recipe) bool { return r.Take == media.TakeKey })
}

// plan decides all pieces of all channels before the first is made, so that
// progress knows the whole.
func (w *work) plan(ctx context.Context) error {
	if err := w.moments(ctx); err != nil {
		return err
	}
	if err := w.lay(ctx); err != nil {
		return err
	}
	for _, p := range w.packs {
		if err := p.plan(); err != nil {
			return fmt.Errorf("%s: %w", p.channel.ID, err)
		}
	}
	w.price()
	return nil
}

func (p *pack) plan() error {
	p.files, p.lent, p.enclosed = nil, 0, nil
	if len(p.recipes()) == 0 || p.failed != nil {
		return nil
	}
	var sources []media.Source
	var of []*exhibit
	for _, e := range p.exhibits {
		if e.usable() && e.probe.Kind != media.KindDocument {
			sources = append(sources, media.Source{Probe: e.probe, Key: e.key, Blind: p.blind[e]})
			of = append(of, e)
		}
	}
	if len(sources) == 0 {
		return nil
	}
	planned, err := p.pieces(sources, of)
	if err != nil {
		return err
	}
	count := len(p.compared())
	for _, pieces := range planned {
		count += len(pieces)
	}
	if p.lent = p.enclose(count); p.lent > 0 { // once more, with what they leave
		if planned, err = p.pieces(sources, of); err != nil {
			return err
		}
	}
	p.beyond(p.rendered(), sources, of)
	for i, pieces := range planned {
		for _, piece := range pieces {
			p.lighten(of[i], &piece)
			f := &file{pack: p, exhibit: of[i], plan: piece}
			p.keep(f)
			p.files = append(p.files, f)
		}
	}
	p.handInOrder()
	p.files = append(p.compared(), p.files...)
	if len(p.files) > 0 {
		p.files = append(p.files, p.attached()...)
	}
	if !p.req.Early && (len(p.files) > 0 || p.typeset()) {
		p.files = append(p.files, p.stories()...)
	}
	return nil
}

// pieces are what is rendered of each source.
func (p *pack) pieces(sources []media.Source, of []*exhibit) ([][]media.Piece, error) {
	if len(p.rendered()) == 0 {
		return make([][]media.Piece, len(sources)), nil
	}
	return media.Plan(sources, media.Wish{
		Recipes: p.rendered(), Prefix: p.prefix(), Label: p.label(), MaxFiles: p.channel.MaxFiles, Source: p.source(),
		Caption: func(source, number, total int, at float64) string { return p.caption(of[source], number, total, at) },
	})
}

// keep takes the piece of an earlier attempt if it is the one that is planned.
func (p *pack) keep(f *file) {
	for i := range p.earlier.Pieces {
		x := &p.earlier.Pieces[i]
		if x.Blob == "" || x.Name != f.plan.Name || x.Kind != f.plan.Kind || x.Exhibit != f.exhibit.ID || x.Label != f.plan.Label ||
			x.Range.Start != f.plan.Range.Start || x.Range.End > f.plan.Range.End || x.Plan != "" && x.Plan != f.planned() {
			continue
		}
		f.kept, f.given, f.thumb = x, p.earlier.Parted, x.Thumb
		f.made = &media.Made{Piece: f.plan, Bytes: x.Bytes, SHA256: x.SHA256, Width: x.Width, Height: x.Height,
			Duration: x.Duration, FPS: x.FPS, Codec: x.Codec, Quality: x.Quality}
		f.made.Piece.Range = x.Range
		if x.How != nil {
			f.made.How = *x.How
		}
		for _, fit := range x.Fit {
			if fit.Limit != totalBytes {
				f.made.Fit = append(f.made.Fit, fit)
			}
		}
		p.parted = p.parted || f.given
		return
	}
}

// beyond warns where the channel takes fewer pieces than the wished stretch
// gives: what is left out must be known before it is missed.
func (p *pack) beyond(recipes []media.Recipe, sources []media.Source, of []*exhibit) {
	for i, source := range sources {
		for _, r := range recipes {
			rest, some := media.Missing(source, r)
			if !some || r.OnRequest {
				continue
			}
			p.warn(p, flows.T("dossier.warn.beyond", "channel", p.name(), "name", of[i].shown, "max", r.MaxPieces,
				"from", flows.FormatClock(rest.Start), "to", flows.FormatClock(rest.End)))
		}
	}
}

// handInOrder puts the pieces of several originals in the order of their
// numbers; those made on request follow.
func (p *pack) handInOrder() {
	slices.SortStableFunc(p.files, func(a, b *file) int {
		left, _ := p.recipe(a.plan)
		right, _ := p.recipe(b.plan)
		if left.OnRequest != right.OnRequest {
			if right.OnRequest {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.plan.Number, b.plan.Number)
	})
}

// prefix of file names: date and case number.
func (p *pack) prefix() string {
	return p.begun.In(p.cfg.Zone).Format("20060102") + "-" + p.req.Case
}

func (p *pack) label() string {
	if p.channel.Overlay != "label" {
		return ""
	}
	return p.channel.Label.In(p.req.Lang)
}

// source is where the channel's sizes come from, for the proof that they are kept.
func (p *pack) source() string {
	for _, name := range []string{"piece_bytes", "video_bytes", "image_bytes", "message_bytes"} {
		if l, ok := p.channel.Limit(name); ok {
			return l.Source
		}
	}
	if len(p.channel.Limits) > 0 {
		return p.channel.Limits[0].Source
	}
	return ""
}

// caption is the line of words under a still.
func (p *pack) caption(e *exhibit, number, total int, at float64) string {
	args := []any{"number", number, "of", total, "slot", p.slotName(e), "at", flows.FormatClock(at)}
	if e.probe.Kind == media.KindImage {
		return p.say(flows.T("dossier.still.picture", args...))
	}
	if line := p.telling(e, at, func(media.Seen) bool { return true }); line != "" {
		return p.say(flows.T("dossier.still.line", append(args, "line", line)...))
	}
	return p.say(flows.T("dossier.still", args...))
}
