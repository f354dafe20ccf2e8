package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"clipcase/media"
)

// rendering gathers what becomes of the pieces of a job. They are worked on at
// once and told of one at a time, those of a kind in their order.
type rendering struct {
	dir    string
	pieces []media.Piece
	report func(media.Progress)
	made   func(media.Made)

	mu      sync.Mutex
	reached []float64       // by place
	efforts []atomic.Uint64 // by place: bits of a media.Progress.Effort
	settled []*outcome      // nil = still being made
	told    map[media.Kind]int
}

// outcome is a piece, or why there is none.
type outcome struct {
	made    media.Made
	refused *media.Refusal
}

func newRendering(job media.Job, dir string, report func(media.Progress), made func(media.Made)) *rendering {
	return &rendering{dir: dir, pieces: job.Pieces, report: report, made: made,
		reached: make([]float64, len(job.Pieces)), efforts: make([]atomic.Uint64, len(job.Pieces)), settled: make([]*outcome, len(job.Pieces)), told: map[media.Kind]int{}}
}

// teller reports how far one piece is, never less than before. While something else
// is told of it says nothing rather than wait: a tool that is not listened to would
// be taken for hung.
func (r *rendering) teller(place int) func(float64) {
	return func(done float64) {
		if r.mu.TryLock() {
			defer r.mu.Unlock()
			r.tell(place, done)
		}
	}
}

func (r *rendering) tell(place int, done float64) {
	if r.report != nil && done > r.reached[place] {
		r.reached[place] = done
		r.report(media.Progress{Index: place, Name: r.pieces[place].Name, Done: done, Effort: math.Float64frombits(r.efforts[place].Load())})
	}
}

// effort notes what making one piece takes; the next report of it says so.
func (r *rendering) effort(place int) func(float64) {
	return func(effort float64) { r.efforts[place].Store(math.Float64bits(effort)) }
}

// take measures and publishes what was made of a piece, and tells of it. An error
// ends the job.
func (r *rendering) take(ctx context.Context, t task, f finished, err error) error {
	one, err := t.finish(ctx, r.dir, f, err)
	var refused *media.Refusal
	switch {
	case errors.As(err, &refused) && (refused.Code == media.RefusedCannotFit || refused.Code == media.RefusedUnreadable):
		mine := *refused // several may have been refused for one reason
		mine.Piece = t.piece.Name
		r.settle(ctx, t.place, &outcome{refused: &mine})
		return nil
	case err != nil:
		return fmt.Errorf("%s: %w", t.piece.Name, err)
	}
	r.settle(ctx, t.place, &outcome{made: one})
	return nil
}

// settle tells of a piece, and of those that waited for it.
func (r *rendering) settle(ctx context.Context, place int, o *outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settled[place] = o
	if o.refused == nil {
		r.tell(place, 1)
	}
	kind := r.pieces[place].Kind
	for ; r.told[kind] < len(r.pieces); r.told[kind]++ {
		at := r.told[kind]
		if r.pieces[at].Kind != kind {
			continue
		}
		if r.settled[at] == nil {
			return
		}
		if r.settled[at].refused == nil && r.made != nil && ctx.Err() == nil {
			r.made(r.settled[at].made)
		}
	}
}

// results are the pieces in their order and, joined, why others were left out.
func (r *rendering) results(err error) ([]media.Made, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []media.Made
	var left []error
	for _, o := range slices.DeleteFunc(slices.Clone(r.settled), func(o *outcome) bool { return o == nil }) {
		if o.refused != nil {
			left = append(left, o.refused)
			continue
		}
		out = append(out, o.made)
	}
	return out, errors.Join(append(left, err)...)
}
