package prepare

import (
	"fmt"
	"os"
	"slices"

	"clipcase/flows"
	"clipcase/media"
)

const totalBytes = "total_bytes"

// sums checks what holds for all pieces together. Planning shares the sums out,
// so a sum that is over is a mistake of ours: then what made it so is not handed
// out, and if nothing was yet, nothing is.
func (p *pack) sums() error {
	for {
		over := p.overdrawn()
		if over == nil {
			return nil
		}
		all := p.which(func(f *file) bool { return f.made != nil && (!p.parted || !f.given) })
		if len(all) == 0 {
			return nil // an earlier attempt's, which are out
		}
		for _, f := range all {
			if f.kept == nil {
				if err := os.Remove(f.made.File); err != nil {
					return fmt.Errorf("remove what is over the limit: %w", err)
				}
			}
			f.made, f.refused = nil, &media.Refusal{Code: media.RefusedCannotFit}
		}
		if !p.parted {
			p.files = nil
			text := flows.T("dossier.failed.limit")
			p.failed = &text
		}
	}
}

// overdrawn is a sum that is not kept; nil if all are.
func (p *pack) overdrawn() *sum {
	for _, s := range p.limits() {
		if fit := s.fit(); !fit.OK() {
			return &s
		}
	}
	return nil
}

// fits are the proofs of one file, those of the sums it is part of included.
func (p *pack) fits(f *file) []media.Fit {
	out := slices.Clone(f.made.Fit)
	for _, s := range p.limits() {
		if slices.Contains(s.files, f) {
			out = append(out, s.fit())
		}
	}
	return out
}

// sum is a limit on several pieces together.
type sum struct {
	max    int64
	source string
	files  []*file
}

func (s sum) fit() media.Fit {
	var total int64
	for _, f := range s.files {
		total += f.made.Bytes
	}
	return media.Fit{Limit: totalBytes, Max: float64(s.max), Value: float64(total), Source: s.source}
}

// limits are the recipes' sums, and the channel's own over all pieces that are
// handed in together.
func (p *pack) limits() []sum {
	var out []sum
	for _, r := range p.recipes() {
		if r.MaxTotalBytes <= 0 {
			continue
		}
		s := sum{max: int64(r.MaxTotalBytes), source: p.source()}
		for _, f := range p.finished() {
			if of, ok := p.recipe(f.plan); ok && of == r {
				s.files = append(s.files, f)
			}
		}
		out = append(out, s)
	}
	if l, ok := p.channel.Limit(totalBytes); ok && l.Unit == "bytes" && !p.extra && len(out) == 0 {
		out = append(out, sum{max: int64(l.Value), source: l.Source, files: p.finished()})
	}
	return out
}

// proof sets the channel's own limits against what was measured. Planned sizes
// that are nobody's limit are no proof and are left out.
func (p *pack) proof(m media.Made) []media.Fit {
	recipe, _ := p.recipe(m.Piece)
	limits := map[string]float64{
		"long_side": float64(recipe.LongSide), "short_side": float64(recipe.ShortSide), "fps": recipe.FPS, "bitrate": float64(recipe.Bitrate),
	}
	sources := map[string][]string{
		"bytes": {"piece_bytes", string(m.Piece.Kind) + "_bytes", "message_bytes"}, totalBytes: {totalBytes},
		"long_side": {"long_side"}, "short_side": {"short_side"}, "fps": {"fps"}, "bitrate": {"bitrate"},
	}
	var out []media.Fit
	for _, f := range m.Fit {
		if limit, ok := limits[f.Limit]; ok {
			if limit <= 0 {
				continue
			}
			f.Max = limit
		}
		f.Source = ownRecipe
		names := sources[f.Limit]
		if f.Limit == "bytes" && m.Piece.Kind == media.KindEML {
			names = []string{"encoded_bytes"} // it is the message, not a file in one
		}
		for _, name := range names {
			if l, ok := p.channel.Limit(name); ok {
				f.Source = l.Source
				break
			}
		}
		out = append(out, f)
	}
	return out
}

// ownRecipe is the source of a limit that clipcase keeps on its own account.
const ownRecipe = "clipcase: recipe"

// recipe is the one a piece was planned by.
func (p *pack) recipe(piece media.Piece) (media.Recipe, bool) {
	for _, r := range p.recipes() {
		if r.Kind == piece.Kind && (r.Kind != media.KindVideo || r.Codec == piece.Codec) {
			return r, true
		}
	}
	return media.Recipe{}, false
}

// tooMany warns when there are more files than the channel takes at a time; the
// first ones tell the story.
func (p *pack) tooMany() {
	n := len(p.which(func(f *file) bool { return f.refused == nil && !f.document && f.plan.Kind != media.KindEML }))
	if p.channel.MaxFiles > 0 && n > p.channel.MaxFiles && !p.extra {
		p.warn(p, flows.T("dossier.warn.files", "channel", p.name(), "max", p.channel.MaxFiles, "count", n))
	}
}

// missing names the files that were planned and could not be made: their numbers
// are holes.
func (p *pack) missing() {
	type cause struct {
		exhibit *exhibit
		code    media.Code
	}
	numbers, why := map[cause][]int{}, map[cause]*media.Refusal{}
	var order []cause
	for _, f := range p.files {
		if f.refused == nil {
			continue
		}
		c := cause{f.exhibit, f.refused.Code}
		if why[c] == nil {
			order = append(order, c)
			why[c] = f.refused
		}
		numbers[c] = append(numbers[c], f.plan.Number)
	}
	for _, c := range order {
		p.warn(p, flows.T("dossier.warn.missing", "channel", p.name(), "name", c.exhibit.shown, "numbers", flows.Numbers(numbers[c]), "reason", flows.RefusalText(why[c])))
	}
}

// judge says whether the pack has anything to hand in.
func (p *pack) judge() error {
	switch {
	case p.failed != nil || len(p.which(func(f *file) bool { return f.made != nil && !f.document })) > 0:
	case p.channel.WordsOnly:
		p.warn(p, flows.T("dossier.warn.words-only", "channel", p.name()))
	default:
		text := flows.T("dossier.failed.nothing")
		p.failed = &text
		return p.alone()
	}
	return nil
}
