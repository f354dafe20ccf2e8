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
// plan and then put under its name; videos of one stretch come together, for it
// is read once for all of them. made is called once for every piece as
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
	damaged, settled := job.Probe.Damaged, make([]bool, len(job.Pieces))
	for first := range job.Pieces {
		if settled[first] {
			continue
		}
		places := together(job.Pieces, first, settled)
		var tasks []task
		for _, i := range places {
			settled[i] = true
			t := task{Engine: e, from: from, probe: job.Probe, piece: job.Pieces[i], report: teller(report, i, job.Pieces[i].Name), damaged: &damaged, ran: &trail{}}
			t.report(0)
			tasks = append(tasks, t)
		}
		err := e.pieces(ctx, tasks, work, func(t task, f finished, err error) error {
			one, err := t.finish(ctx, dir, f, err)
			var refused *media.Refusal
			if errors.As(err, &refused) && (refused.Code == media.RefusedCannotFit || refused.Code == media.RefusedUnreadable) {
				mine := *refused // several may have been refused for one reason
				mine.Piece = t.piece.Name
				left = append(left, &mine)
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", t.piece.Name, err)
			}
			t.report(1)
			out = append(out, one)
			if made != nil {
				made(one)
			}
			return nil
		})
		if err != nil {
			return out, errors.Join(append(left, err)...)
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

// pieces makes pieces of one reading, each in a folder of its own, and hands
// each on while that is there.
func (e *Engine) pieces(ctx context.Context, tasks []task, work string, take func(task, finished, error) error) error {
	weight := int64(1)
	if tasks[0].piece.Kind == media.KindVideo {
		weight = int64(e.threads) // an encoder uses them all
	}
	if err := e.budget.Acquire(ctx, weight); err != nil {
		return err
	}
	defer e.budget.Release(weight)
	room, err := os.MkdirTemp(work, "run-")
	if err != nil {
		return err
	}
	defer e.remove(room)
	for i := range tasks {
		t := &tasks[i]
		if t.piece.Name == "" || t.piece.Name != filepath.Base(t.piece.Name) || strings.HasPrefix(t.piece.Name, ".") {
			return fmt.Errorf("%q is not a file name", t.piece.Name)
		}
		t.work = filepath.Join(room, fmt.Sprint("piece", i))
		if t.piece.Kind == media.KindVideo {
			t.room = room
		}
		if err := os.Mkdir(t.work, 0o700); err != nil {
			return err
		}
	}
	if tasks[0].piece.Kind == media.KindVideo {
		return e.videos(ctx, tasks, take)
	}
	f, err := tasks[0].make(ctx)
	return take(tasks[0], f, err)
}

// finish measures what was made and publishes it.
func (t task) finish(ctx context.Context, dir string, f finished, err error) (media.Made, error) {
	if err != nil {
		return media.Made{}, err
	}
	made, err := t.measure(ctx, f)
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
	return made, publish(f.path, filepath.Join(dir, t.piece.Name))
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
