package storage

import (
	"context"
	"errors"
	"io"
	"time"
)

// A read that was cut is taken up again where it was, at most steadyTries times
// without getting on, after a wait that doubles.
const (
	steadyTries = 5
	steadyWait  = 200 * time.Millisecond
)

// steady reads a part of a blob that never changes over a connection that breaks.
type steady struct {
	ctx     context.Context
	open    func(ctx context.Context, offset, length int64) (io.ReadCloser, error)
	at, end int64
	body    io.ReadCloser // nil = to be opened where it is
	failed  int           // tries since the last byte
}

func (s *steady) Read(p []byte) (int, error) {
	for {
		if s.at >= s.end {
			return 0, io.EOF
		}
		n, err := s.try(p)
		if n > 0 {
			s.failed = 0
			s.at += int64(n)
		}
		if err == nil {
			return n, nil
		}
		if s.at >= s.end && errors.Is(err, io.EOF) {
			return n, nil
		}
		if s.at >= s.end {
			return n, err // all came, and the connection says that it is not what was sent
		}
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		broken := s.Close() // mostly says again what err says
		if n > 0 {
			return n, nil
		}
		if s.failed++; s.failed > steadyTries || s.ctx.Err() != nil || isAbsent(err) {
			return 0, errors.Join(err, broken)
		}
		if err := pause(s.ctx, steadyWait<<(s.failed-1)); err != nil {
			return 0, err
		}
	}
}

func (s *steady) try(p []byte) (int, error) {
	if s.body == nil {
		var err error
		if s.body, err = s.open(s.ctx, s.at, s.end-s.at); err != nil {
			return 0, err
		}
	}
	return s.body.Read(p)
}

// Close ends the connection.
func (s *steady) Close() error {
	if s.body == nil {
		return nil
	}
	body := s.body
	s.body = nil
	return body.Close()
}

// pause waits, or gives the error of ctx when that ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
