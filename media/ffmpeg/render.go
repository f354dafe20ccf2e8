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
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"clipcase/media"
)

// Render makes the pieces of job, each measured against its plan and then put under
// its name; videos of one stretch come together, for it is read once for all of
// them. One encoder's run follows the other; pictures, animations and the
// measuring of what was encoded go on beside it. made is called once for every
// piece as soon as it stands there and those of its kind before it do, report
// often in between, never both at once. A piece that cannot be made legibly
// within its limit, or whose stretch of a damaged recording cannot be read, is
// left out; its *media.Refusal comes back (joined) beside the others. Any other
// error ends the work.
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
	r := newRendering(job, dir, report, made)
	damaged, left := &atomic.Bool{}, &pot{}
	damaged.Store(job.Probe.Damaged)
	var videos, others [][]task // what is made in one run each
	settled := make([]bool, len(job.Pieces))
	for first := range job.Pieces {
		if settled[first] {
			continue
		}
		var tasks []task
		for _, i := range e.together(job.Pieces, first, settled) {
			settled[i] = true
			t := task{Engine: e, from: from, probe: job.Probe, piece: job.Pieces[i], place: i, report: r.teller(i), effort: r.effort(i), damaged: damaged, ran: &trail{}, shelf: job.Shelf, pot: left}
			tasks = append(tasks, t)
		}
		if job.Pieces[first].Kind == media.KindVideo {
			videos = append(videos, tasks)
		} else {
			others = append(others, tasks)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, line := range []struct {
		runs [][]task
		turn turn
	}{{videos, e.encoding()}, {others, e.aside()}} {
		group.Go(func() error {
			for _, tasks := range line.runs { // in their order, for places are given in the order of asking
				if err := line.turn.enter(ctx); err != nil {
					return err
				}
				group.Go(func() error { return e.pieces(ctx, tasks, e.along(job, tasks[0]), work, line.turn, r.take) })
			}
			return nil
		})
	}
	return r.results(group.Wait())
}

// pieces makes pieces of one reading, each in a folder of its own, and hands
// each on while that is there. It was given its turn, and gives it back.
func (e *Engine) pieces(ctx context.Context, tasks, along []task, work string, turn turn, take func(context.Context, task, finished, error) error) error {
	encoder := tasks[0].piece.Kind == media.KindVideo
	room, err := e.rooms(tasks, along, work)
	if room != "" {
		defer e.remove(room)
	}
	if err == nil && encoder {
		return e.videos(ctx, tasks, along, turn, take)
	}
	defer turn.leave()
	if err != nil {
		return err
	}
	if tasks[0].piece.Kind == media.KindImage {
		return e.stills(ctx, tasks, take)
	}
	f, err := tasks[0].make(ctx)
	return take(ctx, tasks[0], f, err)
}

// rooms gives each piece, and what is taken along with them, a folder of its own
// below one for all.
func (e *Engine) rooms(tasks, along []task, work string) (string, error) {
	room, err := os.MkdirTemp(work, "run-")
	if err != nil {
		return "", err
	}
	for i := range tasks {
		t := &tasks[i]
		if t.piece.Name == "" || t.piece.Name != filepath.Base(t.piece.Name) || strings.HasPrefix(t.piece.Name, ".") {
			return room, fmt.Errorf("%q is not a file name", t.piece.Name)
		}
		t.work = filepath.Join(room, fmt.Sprint("piece", i))
		if t.piece.Kind == media.KindVideo {
			t.room = room
		}
		if err := os.Mkdir(t.work, 0o700); err != nil {
			return room, err
		}
	}
	for i := range along {
		t := &along[i]
		t.work, t.room = filepath.Join(room, fmt.Sprint("along", i)), room
		if err := os.Mkdir(t.work, 0o700); err != nil {
			return room, err
		}
	}
	return room, nil
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
	if err != nil && t.damaged.Load() && ctx.Err() == nil {
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
	if err == nil || !t.damaged.Load() || made.Duration <= 0 || made.Duration >= t.piece.Range.Length() {
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
