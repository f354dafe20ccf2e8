package prepare

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"

	"clipcase/flows"
	"clipcase/media"
)

func (p *pack) wantsPair() bool {
	return slices.ContainsFunc(p.tierRecipes(), func(r media.Recipe) bool { return r.Compare })
}

// unpaired turns recipes of a comparison, where there is none, into ordinary
// pictures of each original.
func unpaired(all []media.Recipe) []media.Recipe {
	all = slices.DeleteFunc(all, func(r media.Recipe) bool { return r.Compare && r.Kind == media.KindVideo })
	for i := range all {
		if all[i].Compare {
			all[i].Compare, all[i].Story, all[i].Caption = false, false, true
		}
	}
	return all
}

// compared are the planned files that show two originals next to each other.
func (p *pack) compared() []*file {
	all := slices.DeleteFunc(p.recipes(), func(r media.Recipe) bool { return !r.Compare })
	of := 0
	for _, r := range all {
		of += max(1, r.Count)
	}
	var out []*file
	for i, r := range all {
		for n := range max(1, r.Count) {
			// What is planned names both originals.
			both := &exhibit{shown: p.say(flows.T("compare.name." + string(r.Kind))), sha256: p.pair.left.sha256 + p.pair.right.sha256}
			f := &file{pack: p, exhibit: both, story: &all[i], plan: media.Piece{
				Number: len(out) + 1, Of: of, Kind: r.Kind, MaxBytes: int64(r.MaxBytes), Source: p.source(), Caption: p.say(p.pair.told()),
			}}
			if r.Kind == media.KindVideo {
				f.plan.Name, f.plan.Codec, f.plan.Range = fmt.Sprintf("%s-%dof%d.mp4", p.prefix(), f.plan.Number, of), r.Codec, media.Range{End: p.pair.length}
			} else {
				at := p.pair.moment(n, r.Count)
				f.plan.Name, f.plan.Codec, f.plan.Range = fmt.Sprintf("%s-%dof%d.jpg", p.prefix(), f.plan.Number, of), "mjpeg", media.Range{Start: at, End: at}
			}
			p.lighten(both, &f.plan)
			p.keep(f)
			out = append(out, f)
		}
	}
	return out
}

// moment is the one of a number of pictures: the most alike within its share of
// the comparison, for that is what it is there to show.
func (pr *pair) moment(n, of int) float64 {
	from, to := n*len(pr.curve)/of, (n+1)*len(pr.curve)/of
	best := (from + to) / 2
	for i := from + (to-from)/4; i < to-(to-from)/4; i++ { // not next to one another's
		if pr.curve[i] > pr.curve[best]+0.01 {
			best = i
		}
	}
	return tenths((float64(best) + 0.5) * pr.length / float64(max(1, len(pr.curve))))
}

// compare makes the comparison and its pictures, which are taken from it.
func (p *pack) compare(ctx context.Context) error {
	all := p.which(func(f *file) bool { return f.story != nil && f.story.Compare })
	at := slices.IndexFunc(all, func(f *file) bool { return f.plan.Kind == media.KindVideo })
	if at < 0 {
		return nil
	}
	video := all[at]
	if video.made == nil && video.refused == nil {
		if err := p.film(ctx, video); err != nil {
			return err
		}
	}
	waiting := slices.DeleteFunc(all, func(f *file) bool { return f.plan.Kind == media.KindVideo || f.made != nil || f.refused != nil })
	if len(waiting) == 0 {
		return nil
	}
	if video.made == nil {
		for _, f := range waiting {
			f.refused = video.refused
		}
		return nil
	}
	path, release, err := p.local(ctx, video)
	if err != nil {
		return err
	}
	defer release()
	return p.shots(ctx, path, waiting)
}

// film makes the comparison and measures it.
func (p *pack) film(ctx context.Context, f *file) error {
	pr, to := p.pair, filepath.Join(p.dir(), f.plan.Name)
	c := media.Comparison{
		Left:   media.Side{Path: pr.left.path, Probe: pr.left.probe, Start: pr.from[0], Label: p.say(flows.T("compare.left"))},
		Right:  media.Side{Path: pr.right.path, Probe: pr.right.probe, Start: pr.from[1], Label: p.say(flows.T("compare.right"))},
		Length: pr.length, Height: pr.height(*f.story), MaxBytes: f.plan.MaxBytes, Curve: pr.curve,
		Lines: []string{p.say(pr.told()), p.say(flows.T("compare.curve"))},
	}
	inside := 0.0
	err := p.cfg.Engine.Beside(ctx, c, func(done float64) {
		p.meter.inJob(p.channel.ID, f.cost*done-inside)
		inside = f.cost * done
	}, to)
	p.meter.endJob(p.channel.ID, inside, f.cost)
	if errors.As(err, &f.refused) {
		return nil
	}
	if err != nil {
		return err
	}
	probe, err := p.cfg.Engine.Inspect(ctx, to)
	if err != nil {
		return fmt.Errorf("comparison: %w", err)
	}
	if math.Abs(probe.Duration-pr.length) > 0.5 {
		return fmt.Errorf("comparison: %.2f s came out, not %.2f", probe.Duration, pr.length)
	}
	m := media.Made{Piece: f.plan, File: to, Width: probe.Width, Height: probe.Height, Duration: probe.Duration, FPS: probe.FPS, Codec: probe.Codec,
		How: p.byHand(f, "libx264")}
	if m.SHA256, m.Bytes, err = copyFile(ctx, to, ""); err != nil {
		return err
	}
	m.Fit = p.proof(media.Made{Piece: f.plan, Fit: []media.Fit{{Limit: "bytes", Max: float64(f.plan.MaxBytes), Value: float64(m.Bytes)}}})
	f.made, f.exhibit.path, f.exhibit.probe = &m, to, probe
	p.meter.piece()
	return nil
}

// height of the pictures, so that both together keep the recipe's longer side.
func (pr *pair) height(r media.Recipe) int {
	height, shape := 0, 0.0
	for i, e := range []*exhibit{pr.left, pr.right} {
		if i == 0 || e.probe.Height < height {
			height = e.probe.Height
		}
		shape += float64(e.probe.Width) / float64(max(1, e.probe.Height))
	}
	if r.ShortSide > 0 {
		height = min(height, r.ShortSide)
	}
	if r.LongSide > 0 {
		height = min(height, int(float64(r.LongSide)/shape))
	}
	return max(2, height/2*2)
}

// shots takes pictures from the comparison at a path.
func (p *pack) shots(ctx context.Context, path string, files []*file) error {
	probe, err := p.cfg.Engine.Inspect(ctx, path)
	if err != nil {
		return fmt.Errorf("comparison: %w", err)
	}
	job := media.Job{Path: path, Probe: probe, Dir: filepath.Join(p.work.rooms, p.channel.ID+"-shots")}
	if err := os.Mkdir(job.Dir, 0o700); err != nil {
		return err
	}
	for _, f := range files {
		piece := f.plan
		piece.Caption = "" // stands in the picture already
		piece.Width, piece.Height = media.FitSize(probe.Width, probe.Height, f.story.ShortSide, f.story.LongSide)
		job.Pieces = append(job.Pieces, piece)
	}
	made, err := p.cfg.Engine.Render(ctx, job, func(media.Progress) {}, func(media.Made) { p.meter.piece() })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusals, rest := split(err)
	if rest != nil {
		return rest
	}
	for _, f := range files {
		at := slices.IndexFunc(made, func(m media.Made) bool { return m.Piece.Name == f.plan.Name })
		if at < 0 {
			f.refused = because(refusals, f, f.plan.Name)
			continue
		}
		if err := f.accept(made[at], job.Dir); err != nil {
			return err
		}
		f.made.Piece = f.plan
	}
	return nil
}

// sights is what the words say of a file of the comparison.
func (p *pack) sights(f *file) string {
	args := []any{"told", p.pair.told()}
	for i, name := range []string{"left", "right"} {
		args = append(args, name, flows.FormatClock(p.pair.from[i]+f.plan.Range.Start))
	}
	return p.say(flows.T("compare.line."+string(f.plan.Kind), args...))
}
