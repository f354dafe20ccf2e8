package prepare

import (
	"context"
	"os"
	"slices"

	"clipcase/flows"
	"clipcase/media"
)

// searches is how often moments that cannot be read are replaced by others; then
// those that were read must do.
const searches = 3

// pictures makes the stills, which take a moment each, before anything else. A
// moment that cannot be read gives its place to another, and a file of which no
// still can be made gives its place to the others. Each time all are numbered anew:
// as long as nothing was handed on, no number needs to be missing.
func (p *pack) pictures(ctx context.Context) error {
	for search := 1; ; search++ {
		if err := p.captioned(ctx); err != nil {
			return err
		}
		images := p.which(func(f *file) bool {
			return f.plan.Kind == media.KindImage && f.story == nil && f.made == nil && f.refused == nil
		})
		for len(images) > 0 {
			e := images[0].exhibit
			mine := slices.DeleteFunc(slices.Clone(images), func(f *file) bool { return f.exhibit != e })
			images = slices.DeleteFunc(images, func(f *file) bool { return f.exhibit == e })
			if err := p.run(ctx, mine); err != nil {
				return err
			}
		}
		lost := p.which(func(f *file) bool { return f.refused != nil })
		if len(lost) == 0 || search > searches+1 || p.parted {
			return nil
		}
		p.otherMoments(lost, search > searches)
		if err := p.again(); err != nil {
			return err
		}
	}
}

// otherMoments takes the moments that were lost out of those that stills are
// chosen from; with only, all that was not made is taken out. A file of which none
// is left gives no stills.
func (p *pack) otherMoments(lost []*file, only bool) {
	seen := map[*exhibit]bool{}
	for _, f := range lost {
		e := f.exhibit
		if !seen[e] {
			seen[e] = true
			if left := p.readable(e, lost, only); len(left) > 0 {
				e.probe.Settled = left
			} else {
				p.blind[e] = true
			}
		}
		if f.refused.Code == media.RefusedUnreadable && e.probe.Kind == media.KindVideo {
			p.damaged(e)
		}
		if f.refused.Code != media.RefusedUnreadable || p.blind[e] {
			p.warn(p, flows.T("dossier.warn.left-out", "channel", p.name(), "name", e.shown, "reason", flows.RefusalText(f.refused)))
		}
	}
}

// readable are the moments of a file that stills can still be chosen from: those
// that were made and, unless only they count, those not tried yet.
func (p *pack) readable(e *exhibit, lost []*file, only bool) []float64 {
	if e.probe.Kind != media.KindVideo {
		return nil
	}
	var all []float64
	if !only {
		all = slices.Clone(e.probe.Settled)
	}
	for _, x := range p.files {
		if x.exhibit == e && x.plan.Kind == media.KindImage && x.refused == nil {
			all = append(all, x.plan.Range.Start)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(at float64) bool {
		return slices.ContainsFunc(lost, func(x *file) bool { return x.exhibit == e && x.plan.Range.Start == at })
	})
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
	p.price()
	return nil
}
