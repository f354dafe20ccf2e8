package prepare

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// frameShare is the part of a booklet that its pictures may take.
const frameShare = 0.8

// apart is how many seconds lie between two frames of one recording at least.
const apart = 0.5

// frames makes the pictures of the story board: over the whole of each recording
// and, where a key moment is known, as many within it. They cost a seek each; what
// cannot be read is left out.
func (p *pack) frames(ctx context.Context, recipe media.Recipe) ([]dossier.Frame, error) {
	jobs, err := p.frameJobs(recipe)
	if err != nil {
		return nil, err
	}
	var out []dossier.Frame
	for i, job := range jobs {
		job.Dir = filepath.Join(p.work.rooms, fmt.Sprintf("%s-frames-%d", p.channel.ID, i+1))
		if err := os.Mkdir(job.Dir, 0o700); err != nil {
			return nil, err
		}
		made, err := p.cfg.Engine.Render(ctx, job.Job, func(media.Progress) {}, func(media.Made) {})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if _, rest := split(err); rest != nil {
			return nil, rest
		}
		slices.SortFunc(made, func(a, b media.Made) int { return cmp.Compare(a.Piece.Range.Start, b.Piece.Range.Start) })
		for _, m := range made {
			out = append(out, p.frame(job.exhibit, m, filepath.Join(job.Dir, m.Piece.Name), len(out)+1))
		}
	}
	return out, nil
}

// frameJob is the frames of one original.
type frameJob struct {
	media.Job
	exhibit *exhibit
}

func (p *pack) frameJobs(recipe media.Recipe) ([]frameJob, error) {
	still := media.Recipe{
		Kind: media.KindImage, Take: media.TakeWhole, Count: recipe.Count, LongSide: recipe.LongSide,
		MaxBytes: min(500_000, media.Size(frameShare*float64(recipe.MaxBytes))/media.Size(max(1, recipe.Count))),
	}
	var whole, keyed []media.Source
	var of []*exhibit
	named := false
	for _, e := range p.exhibits {
		if !e.usable() || e.probe.Kind == media.KindDocument {
			continue
		}
		of = append(of, e)
		whole = append(whole, media.Source{Probe: e.probe})
		keyed = append(keyed, media.Source{Probe: e.probe, Key: e.key, Blind: e.key == nil})
		named = named || e.key != nil
	}
	wish := func(sources []media.Source, take media.Take, count int, prefix string) ([][]media.Piece, error) {
		r := still
		r.Take, r.Count = take, max(1, count)
		return media.Plan(sources, media.Wish{Recipes: []media.Recipe{r}, Prefix: prefix})
	}
	all, err := wish(whole, media.TakeWhole, recipe.Count, "frame")
	if err != nil {
		return nil, err
	}
	if named {
		half := recipe.Count / 2
		if all, err = wish(whole, media.TakeWhole, recipe.Count-half, "frame"); err != nil {
			return nil, err
		}
		more, err := wish(keyed, media.TakeKey, half, "key")
		if err != nil {
			return nil, err
		}
		for i := range all {
			all[i] = spaced(more[i], all[i])
		}
	}
	var jobs []frameJob
	for i, pieces := range all {
		if len(pieces) > 0 {
			jobs = append(jobs, frameJob{media.Job{Path: of[i].path, Probe: of[i].probe, Pieces: pieces}, of[i]})
		}
	}
	return jobs, nil
}

// spaced adds those of more that are not as good as among pieces already.
func spaced(pieces, more []media.Piece) []media.Piece {
	out := slices.Clone(pieces)
	for _, m := range more {
		if !slices.ContainsFunc(out, func(x media.Piece) bool {
			return max(x.Range.Start-m.Range.Start, m.Range.Start-x.Range.Start) < apart
		}) {
			out = append(out, m)
		}
	}
	return out
}

func (p *pack) frame(e *exhibit, m media.Made, path string, number int) dossier.Frame {
	title := flows.T("booklet.frame", "number", number, "at", flows.FormatClock(m.Piece.Range.Start))
	if e.probe.Kind == media.KindImage {
		title = flows.T("booklet.frame.picture", "number", number)
	}
	return dossier.Frame{Path: path, Width: m.Width, Height: m.Height, Title: p.say(title), Caption: p.slotName(e)}
}
