package prepare

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"clipcase/media"
)

// company are the files that are made in one job with f, all of one original: its
// pack's and, behind the first pack, which waits for no other, those of the packs
// that come later. The engine reads a stretch once for several videos of it, and
// makes animations beside them. Pictures come before, by pictures.
func (w *work) company(f *file) []*file {
	if f.plan.Kind == media.KindImage {
		return []*file{f}
	}
	out := []*file{f}
	for i, p := range w.packs {
		if (i == 0) != (f.pack == w.packs[0]) {
			continue
		}
		out = append(out, p.which(func(x *file) bool {
			return x != f && x.open() && x.exhibit == f.exhibit && x.plan.Kind != media.KindImage
		})...)
	}
	return out
}

// alike are the files that are read in one with f.
func (w *work) alike(f *file) []*file {
	return slices.DeleteFunc(w.company(f), func(x *file) bool { return x.reading() != f.reading() })
}

// open says that a file is still to be made.
func (f *file) open() bool { return f.made == nil && f.refused == nil && f.story == nil }

// stretch is what has to be read for a file.
type stretch struct {
	exhibit *exhibit
	kind    media.Kind
	within  media.Range
}

func (f *file) reading() stretch { return stretch{f.exhibit, f.plan.Kind, f.plan.Range} }

// with is the company of f, after the pictures of every pack that has a file in it
// are made: from then on their plans stay as they are.
func (p *pack) with(ctx context.Context, f *file) ([]*file, error) {
	for _, x := range p.company(f) {
		if err := x.pack.prepare(ctx); err != nil {
			return nil, err
		}
	}
	return p.company(f), nil
}

// prepare makes what is quick and settles names and numbers, once.
func (p *pack) prepare(ctx context.Context) error {
	if p.ready {
		return nil
	}
	if err := os.MkdirAll(p.dir(), 0o700); err != nil {
		return err
	}
	if err := p.pictures(ctx); err != nil {
		return err
	}
	p.ready = true
	return p.copies(ctx)
}

// run renders files of one original in a room of their own; each moves to its
// channel's folder once it is verified.
func (p *pack) run(ctx context.Context, files []*file) error {
	p.rooms++
	room := filepath.Join(p.work.rooms, fmt.Sprintf("%s-%d", p.channel.ID, p.rooms))
	if err := os.Mkdir(room, 0o700); err != nil {
		return err
	}
	e, byName := files[0].exhibit, map[string]*file{}
	job := media.Job{Path: e.path, Probe: e.probe, Dir: room, Ahead: p.ahead(files)}
	var err error
	if job.Shelf, err = p.shelf(e); err != nil {
		return err
	}
	for _, f := range files {
		piece := f.plan
		if f.pack != p { // packs give the same names
			piece.Name = f.pack.channel.ID + "." + piece.Name
		}
		job.Pieces = append(job.Pieces, piece)
		byName[piece.Name] = f
	}
	inside, sum := make([]float64, len(files)), 0.0
	report := func(at media.Progress) {
		if at.Index < 0 || at.Index >= len(files) {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.countReading()
		p.reckon(files[at.Index], at.Effort)
		more := files[at.Index].cost*at.Done - inside[at.Index]
		inside[at.Index], sum = inside[at.Index]+more, sum+more
		p.meter.inJob(p.working(files), more)
	}
	// What comes is handed on while the rest is made.
	var failed error
	within, stop := context.WithCancel(ctx)
	defer stop()
	made := func(m media.Made) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if failed != nil {
			return
		}
		if failed = p.accepted(ctx, byName[m.Piece.Name], files, m, room); failed != nil {
			stop()
		}
	}
	engine := p.cfg.Engine
	if p.behind {
		engine = p.cfg.Behind
	}
	p.away(func() { _, err = engine.Render(within, job, report, made) })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if failed != nil {
		return failed
	}
	refusals, rest := split(err)
	if rest != nil {
		return rest
	}
	for _, f := range files {
		if f.made == nil {
			f.refused = because(refusals, f, job.Pieces[slices.Index(files, f)].Name)
		}
	}
	cost := 0.0
	for _, f := range files {
		f.ended, cost = true, cost+f.cost
	}
	p.meter.endJob(p.working(files), sum, cost)
	if !p.behind {
		return p.endAside()
	}
	return nil
}

// accepted takes a piece that has come out and hands it on. With the first one of
// all begins what goes on beside the rest.
func (p *pack) accepted(ctx context.Context, f *file, files []*file, m media.Made, room string) error {
	if err := f.accept(m, room); err != nil || p.behind {
		return err
	}
	p.meter.piece()
	p.readOn(ctx)
	open := slices.ContainsFunc(files, (*file).open)
	if open && p == p.packs[0] && f.plan.Kind == media.KindVideo {
		p.beginAside(ctx)
	}
	return f.pack.progressed(ctx, open)
}

// working is the channel that is said to be worked for; "" = none that anyone waits
// for.
func (p *pack) working(files []*file) string {
	if p.behind {
		return ""
	}
	return foremost(files).pack.channel.ID
}

// foremost is the file that people wait for first, of those made at once: saying of
// each in turn that it is being made would flicker.
func foremost(files []*file) *file {
	for _, f := range files {
		if f.made == nil {
			return f
		}
	}
	return files[0]
}

// ahead are the animations of the same original that are made behind these files.
func (w *work) ahead(files []*file) []media.Piece {
	var out []media.Piece
	for _, p := range w.packs {
		for _, f := range p.which(func(x *file) bool {
			return x.open() && x.exhibit == files[0].exhibit && x.plan.Kind == media.KindGIF && !slices.Contains(files, x)
		}) {
			out = append(out, f.plan)
		}
	}
	return out
}

// shelf is the folder that the jobs of one original share.
func (w *work) shelf(e *exhibit) (string, error) {
	dir := filepath.Join(w.rooms, fmt.Sprint("shelf-", slices.Index(w.exhibits, e)))
	return dir, os.MkdirAll(dir, 0o700)
}

// because is why a file was left out.
func because(refusals []*media.Refusal, f *file, name string) *media.Refusal {
	for _, r := range refusals {
		if r.Piece == name {
			return r
		}
	}
	for _, r := range refusals { // one that names no piece is about the original
		if r.Piece == "" {
			return r
		}
	}
	return &media.Refusal{Code: media.RefusedUnreadable, Err: fmt.Errorf("%s was left out without a word", f.plan.Name)}
}

// accept takes a piece that came out as planned.
func (f *file) accept(m media.Made, room string) error {
	if f == nil {
		return fmt.Errorf("%s was not asked for", m.Piece.Name)
	}
	if err := media.Check(m.Piece, m); err != nil {
		return fmt.Errorf("what came out is not what was planned: %w", err)
	}
	if m.Damaged {
		f.pack.damaged(f.exhibit)
	}
	from := filepath.Join(room, m.Piece.Name)
	m.Piece.Name = f.plan.Name
	to := filepath.Join(f.pack.dir(), m.Piece.Name)
	if err := os.Rename(from, to); err != nil {
		return err
	}
	m.File, m.Fit = to, f.pack.proof(m)
	m.How.Catalogue, m.How.Plan = f.pack.cfg.Catalog.Version(), f.plan
	m.How.Plan.Target = m.Piece.Target // with what quieter pieces left
	f.made = &m
	return nil
}
