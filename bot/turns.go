package bot

import "sync"

// turns lets one at a time in for each chat, in the order they came.
type turns struct {
	mu   sync.Mutex
	last map[int64]chan struct{}
}

func newTurns() *turns { return &turns{last: map[int64]chan struct{}{}} }

// join queues up. before is closed when it is the caller's turn (nil: at once);
// leave ends it and must not be called earlier, or those behind overtake.
func (t *turns) join(chat int64) (before <-chan struct{}, leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	own, previous := make(chan struct{}), t.last[chat]
	t.last[chat] = own
	return previous, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.last[chat] == own {
			delete(t.last, chat)
		}
		close(own)
	}
}
