package ffmpeg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync/atomic"

	"clipcase/media"
)

// task is the making of one piece.
type task struct {
	*Engine
	from    original
	probe   media.Probe
	piece   media.Piece
	place   int    // in the job
	work    string // folder of this piece's own, removed afterwards
	room    string // the folder around those of pieces that share a run; "" = work
	shelf   string // Job.Shelf
	pot     *pot   // of the job; nil = there is none
	report  func(done float64)
	effort  func(float64) // media.Progress.Effort, once it is known; nil = nobody asks
	damaged *atomic.Bool  // of the whole job: reading needed tolerance
	ran     *trail        // what was run for the piece; nil = nobody asks
}

// within is the folder the tool works in.
func (t task) within() string { return cmp.Or(t.room, t.work) }

// finished is a file that is to become a piece.
type finished struct {
	path    string
	quality *media.Quality
	command []string
	wrote   string // where the command wrote it: pieces that are one file share it; "" = it writes one file
}

// share is what the piece's stretch weighs in the original, of which a held
// picture is no part.
func (t task) share() int64 {
	whole := t.probe.Shown(t.probe.Duration)
	if whole <= 0 {
		return t.probe.Bytes
	}
	part := t.probe.Shown(t.piece.Range.End) - t.probe.Shown(t.piece.Range.Start)
	return int64(float64(t.probe.Bytes) * math.Min(1, part/whole))
}

func (t task) cannotFit(bytes int64) error {
	return &media.Refusal{Code: media.RefusedCannotFit, Args: map[string]any{"limit": t.piece.MaxBytes, "actual": bytes},
		Err: fmt.Errorf("%s: %d bytes at the floor of legibility", t.piece.Name, bytes)}
}

// length is the piece's in whole pictures, at least one.
func (t task) length(fps float64) float64 {
	pictures := math.Max(1, math.Round(t.piece.Range.Length()*fps))
	return pictures / fps
}

func (t task) input(options []option) input {
	all := append(t.reading(t.from), option{"-threads", strconv.Itoa(t.threads)})
	return input{path: "file:" + t.from.path, options: append(all, options...)}
}

func (t task) selector(stream int) string { return "0:" + strconv.Itoa(stream) }

// ffmpegRun compiles and runs the graph over the original: strictly first; if
// reading fails, once more with tolerance, and the job is marked damaged. A tool
// that dies of one piece alone is started once more; of several it is not known
// which: each is then tried alone.
func (t task) ffmpegRun(ctx context.Context, g graph, progress func(float64)) ([]string, error) {
	args, err := g.compile()
	if err != nil {
		return nil, err
	}
	run := func(strict bool) ([]string, error) {
		all := []string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y", "-filter_complex_threads", strconv.Itoa(t.threads)}
		if strict {
			all = append(all, "-xerror")
		}
		all = append(all, args...)
		one := func() error {
			return t.run(ctx, command{tool: t.ffmpeg, args: all, read: []string{t.from.path, t.font}, write: []string{t.within()}, progress: progress,
				wall: t.patience.whole(t.piece.Range.Length())})
		}
		if len(g.more) > 0 {
			return all, one()
		}
		return all, twice(one)
	}
	if !t.damaged.Load() {
		all, err := run(true)
		var f *failure
		if err == nil || !errors.As(err, &f) || f.ours() || f.died() {
			return all, unreadable(err)
		}
		t.log.Debug("reading strictly failed", "said", lastLine(f.Said))
	}
	all, err := run(false)
	if err == nil {
		t.damaged.Store(true)
	}
	return all, unreadable(err)
}
