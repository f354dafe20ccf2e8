package prepare

import "context"

// aside makes the pictures of the packs behind the first one while that is being
// made, with what that leaves of the processors: its encoders never fill them all.
//
// A run is one line of work. Two are never at it at once but in the engine: whoever
// calls that lets go of the work (away), and takes it again to go on.
type aside struct {
	done chan struct{}
	stop context.CancelFunc
	err  error
}

// beginAside begins that, once, if there is anything to make and an engine to make
// it with. The caller has hold of the work.
func (w *work) beginAside(ctx context.Context) {
	if w.aside != nil || w.cfg.Behind == nil {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	a := &aside{done: make(chan struct{}), stop: stop}
	w.aside = a
	go func() {
		defer close(a.done)
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, p := range w.packs[1:] {
			if p.typeset() || p.ready {
				continue
			}
			p.behind = true
			a.err = p.prepare(ctx)
			p.behind = false
			if a.err != nil {
				return
			}
		}
	}()
}

// endAside waits for it. The caller has hold of the work.
func (w *work) endAside() error {
	if w.aside == nil {
		return nil
	}
	w.away(func() { <-w.aside.done })
	return w.aside.err
}

// away lets go of the work while something else is done.
func (w *work) away(do func()) {
	w.mu.Unlock()
	defer w.mu.Lock()
	do()
}
