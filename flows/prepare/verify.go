package prepare

import (
	"fmt"
	"os"

	"clipcase/flows"
	"clipcase/media"
)

// sums checks what holds for all pieces together. Planning shares the sums out,
// so a sum that is over is a mistake of ours: then nothing of it is handed out.
func (p *pack) sums() error {
	over := false
	for _, s := range p.limits() {
		var total int64
		for _, i := range s.pieces {
			total += p.made[i].Bytes
		}
		fit := media.Fit{Limit: "total_bytes", Max: float64(s.max), Value: float64(total), Source: s.source}
		for _, i := range s.pieces {
			p.made[i].Fit = append(p.made[i].Fit, fit)
		}
		over = over || !fit.OK()
	}
	if !over {
		p.files()
		return nil
	}
	for _, m := range p.made {
		if err := os.Remove(m.File); err != nil {
			return fmt.Errorf("remove what is over the limit: %w", err)
		}
	}
	p.made = nil
	text := flows.T("dossier.failed.limit")
	p.failed = &text
	return nil
}

// sum is a limit on several pieces together.
type sum struct {
	max    int64
	source string
	pieces []int
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
		for i, m := range p.made {
			if of, ok := p.recipe(m.Piece); ok && of == r {
				s.pieces = append(s.pieces, i)
			}
		}
		out = append(out, s)
	}
	if l, ok := p.channel.Limit("total_bytes"); ok && l.Unit == "bytes" && !p.extra && len(out) == 0 {
		s := sum{max: int64(l.Value), source: l.Source}
		for i := range p.made {
			s.pieces = append(s.pieces, i)
		}
		out = append(out, s)
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
		"bytes": {"piece_bytes", string(m.Piece.Kind) + "_bytes", "message_bytes"}, "total_bytes": {"total_bytes"},
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
		for _, name := range sources[f.Limit] {
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

// files warns when there are more than the channel takes at a time; the first
// ones tell the story.
func (p *pack) files() {
	if p.channel.MaxFiles > 0 && len(p.made) > p.channel.MaxFiles && !p.extra {
		p.warn(p, flows.T("dossier.warn.files", "channel", p.name(), "max", p.channel.MaxFiles, "count", len(p.made)))
	}
}

// judge says whether the pack has anything to hand in.
func (p *pack) judge() {
	switch {
	case p.failed != nil || len(p.made) > 0:
	case p.channel.WordsOnly:
		p.warn(p, flows.T("dossier.warn.words-only", "channel", p.name()))
	default:
		text := flows.T("dossier.failed.nothing")
		p.failed = &text
	}
}
