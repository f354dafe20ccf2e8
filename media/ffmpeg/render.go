package ffmpeg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"clipcase/media"
)

// Render makes the pieces of job in their order, each measured against its
// plan and then put under its name. made is called once for every piece as
// soon as it stands there, report often in between, never both at once. A piece
// that cannot be made legibly within its limit, or whose stretch of a damaged
// recording cannot be read, is left out; its *media.Refusal comes back (joined)
// beside the others. Any other error ends the work.
func (e *Engine) Render(ctx context.Context, job media.Job, report func(media.Progress), made func(media.Made)) ([]media.Made, error) {
	from, err := e.open(job.Path)
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(job.Dir)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(dir, ".work-")
	if err != nil {
		return nil, err
	}
	defer e.remove(work)
	if err := e.convert(ctx, &from, work); err != nil {
		return nil, err
	}
	var out []media.Made
	var left []error
	damaged := job.Probe.Damaged
	for i, piece := range job.Pieces {
		tell := teller(report, i, piece.Name)
		tell(0)
		one, err := e.piece(ctx, task{Engine: e, from: from, probe: job.Probe, piece: piece, report: tell, damaged: &damaged}, work, dir)
		var refused *media.Refusal
		if errors.As(err, &refused) && (refused.Code == media.RefusedCannotFit || refused.Code == media.RefusedUnreadable) {
			left = append(left, err)
			continue
		}
		if err != nil {
			return out, errors.Join(append(left, fmt.Errorf("%s: %w", piece.Name, err))...)
		}
		tell(1)
		out = append(out, one)
		if made != nil {
			made(one)
		}
	}
	return out, errors.Join(left...)
}

// teller reports how far one piece is, never less than before. It is called by
// one goroutine at a time: the run's reader, which ends before the run does.
func teller(report func(media.Progress), index int, name string) func(float64) {
	last := -1.0
	return func(done float64) {
		if report == nil || done <= last {
			return
		}
		last = done
		report(media.Progress{Index: index, Name: name, Done: done})
	}
}

// piece makes, measures and publishes one piece in a folder of its own.
func (e *Engine) piece(ctx context.Context, t task, work, dir string) (media.Made, error) {
	if t.piece.Name == "" || t.piece.Name != filepath.Base(t.piece.Name) || strings.HasPrefix(t.piece.Name, ".") {
		return media.Made{}, fmt.Errorf("%q is not a file name", t.piece.Name)
	}
	weight := int64(1)
	if t.piece.Kind == media.KindVideo {
		weight = int64(e.threads) // an encoder uses them all
	}
	if err := e.budget.Acquire(ctx, weight); err != nil {
		return media.Made{}, err
	}
	defer e.budget.Release(weight)
	var err error
	if t.work, err = os.MkdirTemp(work, "piece-"); err != nil {
		return media.Made{}, err
	}
	defer e.remove(t.work)
	file, err := t.make(ctx)
	if err != nil {
		return media.Made{}, err
	}
	made, err := t.measure(ctx, file)
	if err == nil {
		if made, err = t.asPlanned(made); err != nil {
			err = fmt.Errorf("the piece is not as planned: %w", err)
		}
	}
	if err != nil && *t.damaged && ctx.Err() == nil {
		return media.Made{}, &media.Refusal{Code: media.RefusedUnreadable, Err: err} // the file's fault, not ours
	}
	if err != nil {
		return media.Made{}, err
	}
	if err := publish(file.path, filepath.Join(dir, t.piece.Name)); err != nil {
		return media.Made{}, err
	}
	return made, nil
}

// asPlanned holds what came out against the plan. Of a damaged recording a
// stretch may end early: the piece then says where.
func (t task) asPlanned(made media.Made) (media.Made, error) {
	err := media.Check(t.piece, made)
	if err == nil || !*t.damaged || made.Duration <= 0 || made.Duration >= t.piece.Range.Length() {
		return made, err
	}
	made.Piece.Range.End = made.Piece.Range.Start + made.Duration
	made.Fit = media.Fits(made.Piece, made)
	return made, media.Check(made.Piece, made)
}

func (t task) make(ctx context.Context) (finished, error) {
	switch t.piece.Kind {
	case media.KindVideo:
		return t.video(ctx)
	case media.KindGIF:
		return t.gif(ctx)
	case media.KindImage:
		return t.still(ctx)
	default:
		return finished{}, fmt.Errorf("kind %q cannot be rendered", t.piece.Kind)
	}
}

// publish puts a finished file under its name: first on the disk, then named,
// so that after a power cut a name never stands for half a file.
func publish(from, to string) error {
	f, err := os.OpenFile(from, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// remove takes a working folder away. What cannot be removed hurts nobody but
// the disk: the operator is told.
func (e *Engine) remove(work string) {
	if err := os.RemoveAll(work); err != nil {
		e.log.Warn("a working folder stays behind", "error", err)
	}
}

// hash is the file's SHA-256 in hex.
func hash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
