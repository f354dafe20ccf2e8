package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"clipcase/flows"
)

// early makes what a draft will most likely need while the person still writes. It
// runs below everything else, begins only when nothing that was handed in waits,
// and ends when the draft changes. Whatever fails is only logged: the case finds
// out, and says, when it is handed in.
type early struct {
	*process
	queue *queue
	reads bool // screens are read
}

const earlyWait = 5 * time.Second // until the next look whether the machine is idle

func (e *early) run(ctx context.Context, t task, token string) error {
	idle, err := e.idle()
	if err != nil {
		return err
	}
	if !idle {
		return &later{after: earlyWait, why: "busy"}
	}
	draft, err := e.cases.Case(ctx, t.Case)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	if e.reads && e.unread(draft) {
		return &later{after: earlyWait, why: "not read yet"} // captions and the moment go by what is read
	}
	c, err := e.cases.Update(ctx, t.Case, func(c *flows.Case) ([]flows.Effect, error) {
		if !c.EarlyBegun(token) {
			return nil, errNothing
		}
		return nil, nil
	})
	if errors.Is(err, errNothing) || absent(err) || conflicting(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("begin draft: %w", err)
	}
	begun := time.Now()
	err = e.make(ctx, c, token)
	if err != nil && !stopped(ctx, err) { // what is made of the case itself takes the draft's folder away
		now, lookErr := e.cases.Case(ctx, c.ID)
		switch {
		case absent(lookErr):
			err = lookErr
		case lookErr == nil && changed(c, now):
			return nil
		}
	}
	switch {
	case err == nil:
		e.log.Info("draft prepared", "case", c.ID, "seconds", time.Since(begun).Seconds())
		return nil
	case absent(err): // deleted meanwhile: what was just stored must go too
		return e.blobs.DeletePrefix(context.WithoutCancel(ctx), attemptPrefix(c.ID, token))
	case stopped(ctx, err):
		return err
	case conflicting(err):
		return nil
	}
	e.log.Warn("draft not prepared", "case", c.ID, "err", err)
	return nil
}

// changed says whether a draft is no longer what it was when work on it began:
// handed in, over, or another.
func changed(begun, now *flows.Case) bool { return over(now) || now.EarlyKey() != begun.EarlyKey() }

// unread says whether an exhibit is most likely being read right now.
func (e *early) unread(c *flows.Case) bool {
	now := e.cfg.Clock()
	return slices.ContainsFunc(c.Usable(), func(x *flows.Exhibit) bool { return x.Unread() && now.Sub(x.Received) < unreadWait })
}

const unreadWait = 2 * time.Minute // for what a worker that died did not read

// idle says whether nothing that was handed in waits or is being made.
func (e *early) idle() (bool, error) {
	waiting, running, err := e.queue.lengths()
	if err != nil {
		return false, &flows.Error{Class: flows.Unavailable, Err: err}
	}
	return waiting[queueUrgent]+waiting[queueNormal]+running[queueUrgent]+running[queueNormal] == 0, nil
}

// make prepares the draft's pack in a folder that is gone when it returns.
func (e *early) make(ctx context.Context, c *flows.Case, token string) error {
	var full *later
	if err := e.room(ctx, c); errors.As(err, &full) {
		return nil // nothing is made ahead on a disk that has no room to spare
	} else if err != nil {
		return err
	}
	dir := filepath.Join(e.cfg.Dir, folderName(c.ID, token))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("draft folder: %w", err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			e.log.Warn("draft folder stays until the next start", "err", err)
		}
	}()
	exhibits, release, err := e.stage(ctx, c)
	defer release()
	if err != nil {
		return err
	}
	out := &drafted{publisher{process: e.process, c: c, token: token, dir: dir, done: map[string]bool{}, stored: map[string]flows.Piece{}}}
	req := request(c, []flows.Pack{c.Early.Pack}, exhibits, dir, e.cfg.Clock())
	req.Early = true
	_, err = e.preparer.Run(ctx, req, out)
	return err
}

// drafted keeps what is made with the draft; nobody is told.
type drafted struct{ publisher }

func (*drafted) Progress(flows.WorkProgress) {}

// Pack stores the pieces that are new and notes them in the draft.
func (o *drafted) Pack(ctx context.Context, pack flows.Pack) error {
	for i := range pack.Pieces {
		if err := o.piece(ctx, pack.Channel, &pack.Pieces[i]); err != nil {
			return err
		}
	}
	_, err := o.process.cases.Update(ctx, o.c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		return nil, c.EarlyPart(o.token, pack)
	})
	if err != nil {
		return fmt.Errorf("keep draft: %w", err)
	}
	return nil
}
