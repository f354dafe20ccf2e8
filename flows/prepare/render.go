package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"clipcase/flows"
	"clipcase/media"
)

// render makes the packs in the order they were asked for and hands each on: what
// is quick at once, the rest piece by piece.
func (w *work) render(ctx context.Context) error {
	from := w.meter.elapsed()
	for _, p := range w.inOrder() {
		if err := p.render(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.channel.ID, err)
		}
	}
	if err := w.known(ctx); err != nil {
		return err
	}
	w.record.Timings.Render = (w.meter.elapsed() - from - w.writing).Seconds()
	w.record.Timings.FirstPiece = w.meter.first.Seconds()
	return nil
}

// inOrder is the packs as they are made: what is asked for first first, and a
// booklet behind the others, whose fingerprints stand in it.
func (w *work) inOrder() []*pack {
	all := slices.Clone(w.packs)
	if len(all) > 1 {
		slices.SortStableFunc(all[1:], func(a, b *pack) int {
			switch {
			case a.typeset() == b.typeset():
				return 0
			case a.typeset():
				return 1
			}
			return -1
		})
	}
	return all
}

func (p *pack) render(ctx context.Context) error {
	if p.closed {
		return nil
	}
	if err := p.prepare(ctx); err != nil {
		return err
	}
	p.meter.now.Channel = p.channel.ID
	for {
		open := p.which((*file).open)
		if len(open) == 0 {
			return p.close(ctx)
		}
		if err := p.part(ctx); err != nil {
			return err
		}
		files, err := p.with(ctx, open[0])
		if err != nil {
			return err
		}
		if err := p.run(ctx, files); err != nil {
			return err
		}
	}
}

// close writes what goes with the rendered files, and hands on the whole pack.
func (p *pack) close(ctx context.Context) error {
	if p.closed {
		return nil
	}
	if err := p.compare(ctx); err != nil {
		return err
	}
	if p.typeset() {
		if err := p.known(ctx); err != nil {
			return err
		}
	}
	if len(p.watched()) > 0 || p.typeset() {
		if err := p.write(ctx); err != nil {
			return err
		}
	}
	p.closed = true
	return p.finish(ctx)
}

// progressed hands on a file that has come while others of its pack, or with
// more those of other packs, are still being made.
func (p *pack) progressed(ctx context.Context, more bool) error {
	open := len(p.which((*file).open)) > 0
	stories := slices.ContainsFunc(p.files, func(f *file) bool { return f.story != nil })
	switch {
	case !p.ready: // its pictures are being made: numbers may still change
		return nil
	case open, stories && more:
		return p.part(ctx)
	case stories: // written in a moment, when nothing of the job is open any more
		return nil
	default:
		return p.close(ctx)
	}
}

// watched are the finished files that were rendered.
func (p *pack) watched() []*file {
	return p.which(func(f *file) bool { return f.made != nil && !f.document && f.story == nil })
}

func (p *pack) dir() string { return filepath.Join(p.data, p.channel.ID) }

// part hands on what was made since the last part.
func (p *pack) part(ctx context.Context) error {
	if !slices.ContainsFunc(p.files, func(f *file) bool { return f.made != nil && !f.given && !f.document && f.story == nil }) {
		return nil
	}
	if err := p.sums(); err != nil || p.failed != nil || len(p.finished()) == 0 {
		return err
	}
	if !p.parted { // from then on they stay as they are, but for what turns out to be missing
		p.tooMany()
		if err := p.compose(); err != nil {
			return err
		}
	}
	return p.hand(ctx, flows.PackRendering)
}

// finish hands on the whole pack.
func (p *pack) finish(ctx context.Context) error {
	p.meter.step(stepVerify)
	if err := p.sums(); err != nil {
		return err
	}
	p.meter.step(stepRender)
	p.missing()
	p.tooMany()
	if err := p.judge(); err != nil {
		return err
	}
	if err := p.compose(); err != nil {
		return err
	}
	if p.failed == nil {
		if err := p.hand(ctx, flows.PackReady); err != nil {
			return err
		}
	}
	p.listed = p.entries()
	p.record.Pieces = nil
	for _, x := range p.inOrder() { // whatever was finished first
		p.record.Pieces = append(p.record.Pieces, x.listed...)
	}
	return nil
}

func (p *pack) hand(ctx context.Context, state flows.PackState) error {
	if err := p.thumbnails(ctx); err != nil {
		return err
	}
	p.derived(ctx)
	if err := p.obs.Pack(ctx, p.flowsPack(state)); err != nil {
		return err
	}
	for _, f := range p.finished() {
		f.given, p.parted = true, true
	}
	return nil
}

// damaged notes that a recording cannot be read throughout.
func (p *pack) damaged(e *exhibit) {
	if !e.probe.Damaged {
		e.probe.Damaged = true
		p.warn(p, flows.T("dossier.warn.damaged", "name", e.shown))
	}
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
	for _, f := range p.finished() {
		if f.plan.Kind != media.KindVideo || f.given || f.kept != nil {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		// Not the very first picture: recordings often begin with a blank one.
		at := f.piece().Range.Start + min(1, f.piece().Range.Length()/2)
		to := filepath.Join(dir, f.plan.Name+".jpg")
		err := p.cfg.Engine.Thumbnail(ctx, f.exhibit.path, f.exhibit.probe, at, thumbSide, to)
		if refusals, rest := split(err); rest != nil {
			return fmt.Errorf("thumbnail: %w", rest)
		} else if len(refusals) == 0 {
			f.thumb = filepath.Join("thumbs", p.channel.ID, f.plan.Name+".jpg")
		}
	}
	return nil
}

// thumbSide is the longer side messengers take, in pixels.
const thumbSide = 320
