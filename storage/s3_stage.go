package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"

	"clipcase/flows"
)

// stageTries is how often a blob is fetched that arrives with another hash.
const stageTries = 2

// staged is a local copy of a blob, shared by all who use it at one time.
type staged struct {
	done  chan struct{} // closed when it is there or cannot be had
	file  *os.File      // open and so locked while it is used
	err   error
	users int // under bucketStore.mu
}

// stage fetches the blob to the local disk; who comes while it is there, or on
// its way, shares it. The last to release it removes it.
func (s *bucketStore) stage(ctx context.Context, key string) (string, func(), error) {
	for {
		s.mu.Lock()
		copied, there := s.staged[key]
		if !there {
			copied = &staged{done: make(chan struct{})}
			s.staged[key] = copied
		}
		copied.users++
		s.mu.Unlock()
		if !there {
			copied.file, copied.err = s.fetch(ctx, key)
			if copied.err != nil {
				s.mu.Lock()
				delete(s.staged, key)
				s.mu.Unlock()
			}
			close(copied.done)
			if copied.err != nil {
				return "", nil, copied.err
			}
		}
		select {
		case <-copied.done:
		case <-ctx.Done():
			return "", nil, errors.Join(ctx.Err(), s.release(key, copied))
		}
		if copied.err == nil {
			var once sync.Once
			return copied.file.Name(), func() {
				once.Do(func() {
					if err := s.release(key, copied); err != nil {
						s.log.Warn("a local copy of a blob stays until the next start", slog.Any("error", err))
					}
				})
			}, nil
		}
		if !errors.Is(copied.err, context.Canceled) && !errors.Is(copied.err, context.DeadlineExceeded) {
			return "", nil, copied.err
		}
		if err := ctx.Err(); err != nil {
			return "", nil, err
		} // only who fetched it gave up
	}
}

// release ends one use; the last removes the copy.
func (s *bucketStore) release(key string, copied *staged) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	copied.users--
	if copied.users > 0 || s.staged[key] != copied {
		return nil
	}
	delete(s.staged, key)
	return s.transit.drop(copied.file)
}

// fetch copies a blob to the local disk and checks its hash.
func (s *bucketStore) fetch(ctx context.Context, key string) (*os.File, error) {
	for try := 1; ; try++ {
		f, err := s.fetchOnce(ctx, key)
		if !errors.Is(err, errDamaged) || try == stageTries {
			return f, err
		}
	}
}

// errDamaged says that a blob is no longer what was stored.
var errDamaged = errors.New("its hash is no longer that with which it was stored")

func (s *bucketStore) fetchOnce(ctx context.Context, key string) (_ *os.File, err error) {
	r, size, sum, err := s.reader(ctx, key, 0, -1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	total, free, err := s.room(ctx)
	if err != nil {
		return nil, err
	}
	if size > free-s.reserve(total) {
		return nil, fmt.Errorf("no room on the local disk for %d bytes", size)
	}
	f, err := s.transit.grow()
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, h), r)
	if err != nil && !otherBytes(err) {
		return nil, errors.Join(err, s.transit.drop(f))
	}
	if want := wanted(key, sum); err != nil || n != size || want != "" && want != hex.EncodeToString(h.Sum(nil)) {
		damaged := &flows.Error{Class: flows.Internal, Text: flows.T("storage.damaged"), Err: errDamaged}
		return nil, errors.Join(damaged, s.transit.drop(f))
	}
	return f, nil
}
