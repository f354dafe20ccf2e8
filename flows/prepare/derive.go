package prepare

import (
	"context"

	"clipcase/media"
)

// derived notes with what the finished files of a pack were made. An earlier
// attempt's say so themselves, and may have been made with others.
func (p *pack) derived(ctx context.Context) {
	if p.cfg.Tools == nil {
		return
	}
	if p.tools == nil {
		p.tools = ref(p.cfg.Tools(ctx))
	}
	for _, f := range p.finished() {
		if f.kept == nil {
			f.made.How.Tools = p.tools
		}
	}
}

// how is the derivation of a finished file; nil = nobody kept it.
func (f *file) how() *media.Derivation {
	if f.made == nil || f.made.How.Catalogue == "" {
		return nil
	}
	return &f.made.How
}

// byHand is the derivation of what no filter of an engine made.
func (p *pack) byHand(f *file, maker string) media.Derivation {
	return media.Derivation{Catalogue: p.cfg.Catalog.Version(), Plan: f.plan, Filters: []string{}, Masks: []media.Mask{},
		Encoder: media.Encoder{Name: maker, Settings: []string{}}}
}
