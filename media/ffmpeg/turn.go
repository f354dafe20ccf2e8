package ffmpeg

import (
	"context"

	"golang.org/x/sync/semaphore"
)

// turn is a place among those that use the processors. An encoder's run takes all
// of one gate; what takes a single thread goes through the other, so that
// measuring one piece fills what encoding the next leaves idle.
type turn struct {
	gate   *semaphore.Weighted
	weight int64
}

func (e *Engine) encoding() turn { return turn{e.budget, int64(e.threads)} }

func (e *Engine) aside() turn { return turn{e.side, 1} }

func (t turn) enter(ctx context.Context) error { return t.gate.Acquire(ctx, t.weight) }

func (t turn) leave() { t.gate.Release(t.weight) }
