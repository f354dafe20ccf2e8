package prepare

import (
	"context"
	"os"
	"slices"

	"clipcase/flows"
	"clipcase/media"
)

// searches is how often moments that cannot be read are replaced by others.
const searches = 3

// pictures makes the stills, which take a moment each, before anything else. A
// moment that cannot be read gives its place to another and all are numbered
// anew: as long as nothing was handed on, no number needs to be missing.
func (p *pack) pictures(ctx context.Context) error {
	for search := 1; ; search++ {
		images := p.which(func(f *file) bool { return f.plan.Kind == media.KindImage && f.made == nil && f.refused == nil })
		for len(images) > 0 {
			e := images[0].exhibit
			mine := slices.DeleteFunc(slices.Clone(images), func(f *file) bool { return f.exhibit != e })
			images = slices.DeleteFunc(images, func(f *file) bool { return f.exhibit == e })
			if err := p.run(ctx, mine); err != nil {
				return err
			}
		}
		lost := p.which(func(f *file) bool { return f.refused != nil && f.exhibit.probe.Kind == media.KindVideo })
		if len(lost) == 0 || search > searches || p.parted || !p.otherMoments(lost) {
			return nil
		}
		if err := p.again(); err != nil {
			return err
		}
	}
}

// otherMoments takes the moments that were lost out of those that stills are
// chosen from. False: there would be none left of some recording.
func (p *pack) otherMoments(lost []*file) bool {
	settled := map[*exhibit][]float64{}
	for _, f := range lost {
		if settled[f.exhibit] != nil {
			continue
		}
		all := slices.Clone(f.exhibit.probe.Settled)
		for _, x := range p.files {
			if x.exhibit == f.exhibit && x.plan.Kind == media.KindImage && x.refused == nil {
				all = append(all, x.plan.Range.Start)
			}
		}
		slices.Sort(all)
		all = slices.DeleteFunc(slices.Compact(all), func(at float64) bool {
			return slices.ContainsFunc(lost, func(x *file) bool { return x.exhibit == f.exhibit && x.plan.Range.Start == at })
		})
		if len(all) == 0 {
			return false
		}
		settled[f.exhibit] = all
	}
	for _, f := range lost {
		f.exhibit.probe.Settled = settled[f.exhibit]
		if f.refused.Code == media.RefusedUnreadable {
			p.damaged(f.exhibit)
		} else {
			p.warn(p, flows.T("dossier.warn.left-out", "channel", p.name(), "name", f.exhibit.shown, "reason", flows.RefusalText(f.refused)))
		}
	}
	return true
}

// again plans the pack anew and drops what was made for the old plan.
func (p *pack) again() error {
	for _, f := range p.finished() {
		if f.kept == nil {
			if err := os.Remove(f.made.File); err != nil {
				return err
			}
		}
	}
	if err := p.plan(); err != nil {
		return err
	}
	for _, f := range p.which(func(f *file) bool { return f.made == nil && f.plan.Kind == media.KindImage }) {
		p.meter.cost += cost(f.plan)
	}
	return nil
}
