package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/hibiken/asynq"

	"clipcase/flows"
)

// later is the answer of work that cannot be done now and is no failure: the
// task comes again after the delay and none of its tries is used up.
type later struct {
	after time.Duration
	why   string
}

func (l *later) Error() string { return "later: " + l.why }

// failed is what asynq gets to keep of an error: its class, never its words,
// which may hold more than belongs into the queue.
type failed struct {
	class flows.Class
	err   error
}

func (f *failed) Error() string { return "failed: " + string(f.class) }
func (f *failed) Unwrap() error { return f.err }

// isFailure tells asynq which errors use up a try.
func isFailure(err error) bool {
	var l *later
	return err != nil && !errors.As(err, &l) && !errors.Is(err, errTaken) && !errors.Is(err, context.Canceled)
}

// retryDelay tells asynq when a task comes again.
func retryDelay(n int, err error, first time.Duration) time.Duration {
	var l *later
	switch {
	case errors.As(err, &l):
		return l.after
	case errors.Is(err, asynq.ErrLeaseExpired), errors.Is(err, context.Canceled), errors.Is(err, errTaken):
		return first
	default:
		return grow(first, n, time.Minute)
	}
}

// grow doubles first n times, up to most.
func grow(first time.Duration, n int, most time.Duration) time.Duration {
	for ; n > 0 && first < most; n-- {
		first *= 2
	}
	return min(first, most)
}
