package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"clipcase/flows"
)

// errLength says that a source gave more or fewer bytes than it announced.
var errLength = errors.New("the file's length is not the announced one")

// errStalled says that a source gave no byte for too long.
var errStalled = errors.New("the source gave no byte for too long")

// resuming reads a file through cuts: where the connection breaks it opens the
// source again at the offset reached. It ends with io.EOF only when exactly the
// announced number of bytes came.
type resuming struct {
	ctx       context.Context //nolint:containedctx // an io.Reader has no other way to be cancelled
	fetcher   Fetcher
	ref       string
	announced int64 // 0 = unknown until the source says
	stall     time.Duration
	wait      time.Duration
	reopens   int // left

	body io.ReadCloser
	at   int64
}

// Read implements io.Reader.
func (r *resuming) Read(p []byte) (int, error) {
	for {
		if r.body == nil {
			if err := r.open(); err != nil {
				return 0, err
			}
		}
		n, err := r.next(p)
		r.at += int64(n)
		if r.announced > 0 && r.at > r.announced {
			return 0, fmt.Errorf("%w: more than %d bytes", errLength, r.announced)
		}
		if err == nil || (errors.Is(err, io.EOF) && (r.announced == 0 || r.at == r.announced)) {
			return n, err
		}
		r.shut()
		if r.ctx.Err() != nil {
			return n, r.ctx.Err()
		}
		if r.reopens <= 0 {
			return n, fmt.Errorf("cut after %d of %d bytes: %w", r.at, r.announced, cutError(err))
		}
		r.reopens--
		if n > 0 {
			return n, nil
		}
		pause(r.ctx, r.wait)
	}
}

// next reads once and gives up when nothing comes for the stall time.
func (r *resuming) next(p []byte) (int, error) {
	type result struct {
		n   int
		err error
	}
	body, done := r.body, make(chan result, 1)
	go func() {
		n, err := body.Read(p)
		done <- result{n, err}
	}()
	timer := time.NewTimer(r.stall)
	defer timer.Stop()
	select {
	case got := <-done:
		return got.n, got.err
	case <-timer.C:
		r.shut() // unblocks the read; p must not be touched after we return
		<-done
		return 0, errStalled
	case <-r.ctx.Done():
		r.shut()
		<-done
		return 0, r.ctx.Err()
	}
}

// open asks the source for the rest. A source that can only begin at the start
// is read past what is already there.
func (r *resuming) open() error {
	body, from, bytes, err := r.fetcher.Fetch(r.ctx, r.ref, r.at)
	if err != nil {
		return err
	}
	r.body = body
	if bytes > 0 && r.announced > 0 && bytes != r.announced {
		return fmt.Errorf("%w: %d announced, the source says %d", errLength, r.announced, bytes)
	}
	if r.announced == 0 {
		r.announced = bytes
	}
	if from > r.at {
		return fmt.Errorf("%w: asked from %d, given from %d", errLength, r.at, from)
	}
	return r.skip(r.at - from)
}

func (r *resuming) skip(bytes int64) error {
	buffer := make([]byte, 64<<10)
	for bytes > 0 {
		n, err := r.next(buffer[:min(bytes, int64(len(buffer)))])
		bytes -= int64(n)
		if err != nil && bytes > 0 {
			r.shut()
			return &flows.Error{Class: flows.Unavailable, Err: fmt.Errorf("skip what is there: %w", cutError(err))}
		}
	}
	return nil
}

func (r *resuming) shut() {
	if r.body != nil {
		_ = r.body.Close() // nothing was written through it
		r.body = nil
	}
}

// Close ends the read.
func (r *resuming) Close() error {
	r.shut()
	return nil
}

func cutError(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
