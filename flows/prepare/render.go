package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"clipcase/flows"
	"clipcase/media"
)

// render makes the packs in the order they were asked for and hands each on as
// soon as it is whole.
func (w *work) render(ctx context.Context) error {
	from := w.meter.elapsed()
	for _, p := range w.packs {
		if err := p.render(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.channel.ID, err)
		}
	}
	w.record.Timings.Render = (w.meter.elapsed() - from).Seconds()
	w.record.Timings.FirstPiece = w.meter.first.Seconds()
	return nil
}

func (p *pack) render(ctx context.Context) error {
	p.meter.now.Channel = p.channel.ID
	dir := filepath.Join(p.data, p.channel.ID)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for i, j := range p.jobs {
		if err := p.run(ctx, j, filepath.Join(p.rooms, fmt.Sprintf("%s-%d", p.channel.ID, i+1)), dir); err != nil {
			return err
		}
	}
	p.handInOrder()
	p.meter.step(stepVerify)
	if err := p.sums(); err != nil {
		return err
	}
	p.meter.step(stepRender)
	if err := p.compose(dir); err != nil {
		return err
	}
	if err := p.thumbnails(ctx); err != nil {
		return err
	}
	p.judge()
	p.record.Pieces = append(p.record.Pieces, p.entries()...)
	if p.failed != nil {
		return nil
	}
	return p.obs.Pack(ctx, p.flowsPack())
}

// run renders one original's pieces in a room of their own; each moves to the
// channel's folder once it is verified.
func (p *pack) run(ctx context.Context, j job, room, dir string) error {
	if err := os.Mkdir(room, 0o700); err != nil {
		return err
	}
	inside := 0.0
	report := func(at media.Progress) {
		inside = 0
		if at.Index >= 0 && at.Index < len(j.pieces) {
			for _, before := range j.pieces[:at.Index] {
				inside += cost(before)
			}
			inside += cost(j.pieces[at.Index]) * at.Done
		}
		p.meter.rendered(p.channel.ID, inside)
	}
	finished, err := p.cfg.Engine.Render(ctx, media.Job{Path: j.exhibit.path, Probe: j.exhibit.probe, Pieces: j.pieces, Dir: room},
		report, func(media.Made) { p.meter.piece() })
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refusals, rest := split(err)
	if rest != nil {
		return rest
	}
	told := map[media.Code]bool{}
	for _, r := range refusals {
		if told[r.Code] {
			continue // once a recording and reason
		}
		told[r.Code] = true
		p.warn(p, flows.T("dossier.warn.left-out", "channel", p.name(), "name", j.exhibit.shown, "reason", flows.RefusalText(r)))
	}
	for _, piece := range j.pieces {
		p.meter.spent += cost(piece)
	}
	p.meter.rendered(p.channel.ID, 0)
	for _, m := range finished {
		if err := media.Check(m.Piece, m); err != nil {
			return fmt.Errorf("what came out is not what was planned: %w", err)
		}
		if m.Damaged && !j.exhibit.probe.Damaged {
			j.exhibit.probe.Damaged = true
			p.warn(p, flows.T("dossier.warn.damaged", "name", j.exhibit.shown))
		}
		to := filepath.Join(dir, m.Piece.Name)
		if err := os.Rename(filepath.Join(room, m.Piece.Name), to); err != nil {
			return err
		}
		m.File, m.Fit = to, p.proof(m)
		p.made = append(p.made, made{Made: m, exhibit: j.exhibit})
	}
	return nil
}

// split sorts what was left out for the file's sake from what went wrong.
func split(err error) (refusals []*media.Refusal, rest error) {
	if err == nil {
		return nil, nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, one := range joined.Unwrap() {
			r, other := split(one)
			refusals, rest = append(refusals, r...), errors.Join(rest, other)
		}
		return refusals, rest
	}
	var r *media.Refusal
	if errors.As(err, &r) {
		return []*media.Refusal{r}, nil
	}
	return nil, err
}

// thumbnails are for messages; the command line has no use for them.
func (p *pack) thumbnails(ctx context.Context) error {
	if p.req.Original {
		return nil
	}
	dir := filepath.Join(p.req.Dir, "thumbs", p.channel.ID)
	for i := range p.made {
		m := &p.made[i]
		if m.Piece.Kind != media.KindVideo {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		// Not the very first picture: recordings often begin with a blank one.
		at := m.Piece.Range.Start + min(1, m.Piece.Range.Length()/2)
		to := filepath.Join(dir, m.Piece.Name+".jpg")
		err := p.cfg.Engine.Thumbnail(ctx, m.exhibit.path, m.exhibit.probe, at, thumbSide, to)
		if refusals, rest := split(err); rest != nil {
			return fmt.Errorf("thumbnail: %w", rest)
		} else if len(refusals) == 0 {
			m.thumb = filepath.Join("thumbs", p.channel.ID, m.Piece.Name+".jpg")
		}
	}
	return nil
}

// thumbSide is the longer side messengers take, in pixels.
const thumbSide = 320
