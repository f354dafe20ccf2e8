package ffmpeg

import (
	"os"
	"sync"
)

// pot is what the pieces made so far left of what they were wished to weigh
// together: restless ones behind quiet ones may have it, up to their own limits. A
// nil pot holds and takes nothing.
type pot struct {
	mu    sync.Mutex
	bytes int64
}

// draw gives a piece all there is; what it does not need comes back by leave.
func (p *pot) draw(t *task) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.piece.Target <= 0 || p.bytes <= 0 {
		return
	}
	t.piece.Target, p.bytes = t.piece.Target+p.bytes, 0
	if most := t.piece.MaxBytes; most > 0 && t.piece.Target > most {
		t.piece.Target, p.bytes = most, t.piece.Target-most
	}
}

// leave puts back what an attempt did not take of what it may.
func (p *pot) leave(t task, path string) {
	if p == nil {
		return
	}
	stat, err := os.Stat(path)
	if err != nil || t.piece.Target <= stat.Size() {
		return // it was not made, or took all
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes += t.piece.Target - stat.Size()
}
