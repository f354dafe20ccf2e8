package ffmpeg

import (
	"cmp"
	"context"
	"errors"
	"syscall"
	"time"
)

// Patience is how long the tools may take by the clock before they are taken
// for hung and ended. Zero fields take their defaults. Tools that stand back
// behind others (see Behind) have standsBack times as long: they may be starved.
type Patience struct {
	Look  time.Duration // a short look: ffprobe, gifsicle, heif-convert, one picture to see; default 60 s
	Stuck time.Duration // an encoder whose output does not grow; default 60 s
	Times float64       // a whole run: so many times the length it works through, beside five looks; default 60
}

const (
	standsBack = 10
	readPace   = 10 << 20 // bytes a second that a disk gives at least, to a look at a whole file
)

func (p Patience) withDefaults() Patience {
	return Patience{Look: cmp.Or(p.Look, time.Minute), Stuck: cmp.Or(p.Stuck, time.Minute), Times: cmp.Or(p.Times, 60)}
}

// whole is the patience with a run over so many seconds of a recording.
func (p Patience) whole(seconds float64) time.Duration {
	return 5*p.Look + time.Duration(seconds*p.Times*float64(time.Second))
}

// file is the patience with a look at a whole file.
func (p Patience) file(bytes int64) time.Duration {
	return p.Look + time.Duration(bytes/readPace)*time.Second
}

var errHung = errors.New("it made no progress and was ended")

// watched is ctx that also ends, with errHung as its cause, when c takes longer
// than it may, or when its output does not grow: grown is to hear of that.
func (e *Engine) watched(ctx context.Context, c command) (out context.Context, grown func(float64), stop func()) {
	out, cancel := context.WithCancelCause(ctx)
	long := func(d time.Duration) time.Duration {
		if e.nice > 0 {
			return d * standsBack
		}
		return d
	}
	hung := func() { cancel(errHung) }
	whole := time.AfterFunc(long(cmp.Or(c.wall, e.patience.Look)), hung)
	if c.progress == nil {
		return out, nil, func() { whole.Stop(); cancel(nil) }
	}
	stuck, last := time.AfterFunc(long(e.patience.Stuck), hung), 0.0
	grown = func(seconds float64) {
		if seconds > last {
			last = seconds
			stuck.Reset(long(e.patience.Stuck))
		}
		c.progress(seconds)
	}
	return out, grown, func() { whole.Stop(); stuck.Stop(); cancel(nil) }
}

// twice runs a tool over an original and, if it died or hung of it, once more:
// what happens again is the file's doing.
func twice(run func() error) error {
	err := run()
	if died(err) {
		return run()
	}
	return err
}

// died says that a tool fell over what it was given.
func died(err error) bool {
	var f *failure
	return errors.As(err, &f) && f.died()
}

// fatal are the signals by which a program falls over itself or over a limit of
// its cage. The others come from outside: the operator, or a machine without memory.
func fatal(s syscall.Signal) bool {
	switch s {
	case syscall.SIGSEGV, syscall.SIGABRT, syscall.SIGBUS, syscall.SIGFPE, syscall.SIGILL, syscall.SIGTRAP, sigXCPU, sigXFSZ, sigSYS:
		return true
	}
	return false
}
