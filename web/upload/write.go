package upload

import (
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
)

const (
	blockBytes = 256 << 10
	leastBytes = 64 << 10 // read before they are written
	blocks     = 4        // on their way to the hash at most
	syncEvery  = 32 << 20 // bytes after which the disk begins to write, so that the last sync is short
)

var errPlace = errors.New("not where the file ends")

// write appends what src gives at offset, which must be where the file ends. What
// it reports is on disk and hashed, also when src breaks off; only one write runs
// at a time.
func (g *growing) write(offset int64, src io.Reader) (n int64, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		return 0, fs.ErrNotExist
	}
	if !g.loaded || offset != g.size {
		return 0, fmt.Errorf("%w: %d instead of %d", errPlace, offset, g.size)
	}
	f, err := os.OpenFile(g.path, os.O_WRONLY, 0)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	if g.blocks == nil {
		g.blocks = newBlocks()
	}
	line := newHashing(g.sum, g.blocks)
	n, err = pour(f, src, line, g.bytes-offset)
	line.end()
	if serr := f.Sync(); serr != nil {
		// Nothing is known of what is on disk now: the next request finds out.
		g.loaded = false
		return 0, errors.Join(err, serr)
	}
	if err != nil {
		g.loaded = false // a write that failed half way: hash and file may differ
		return n, err
	}
	g.advance(offset + n)
	return n, g.keep()
}

// pour copies no more than most bytes; a source that breaks off is not an error here:
// what came counts, and whoever reads the source knows.
func pour(f *os.File, src io.Reader, line *hashing, most int64) (n int64, err error) {
	early := newSyncing(f)
	defer func() { err = errors.Join(err, early.end()) }()
	for n < most {
		block := line.block()[:min(blockBytes, most-n)]
		got, rerr := io.ReadAtLeast(src, block, min(leastBytes, len(block)))
		if got > 0 {
			wrote, werr := f.Write(block[:got])
			n += int64(wrote)
			if werr != nil {
				line.spare(block)
				return n, werr
			}
			line.add(block[:got])
			early.wrote(wrote)
		} else {
			line.spare(block)
		}
		if rerr != nil {
			return n, nil
		}
	}
	return n, nil
}

// newBlocks is what a write and its hash share, kept from one request to the next.
func newBlocks() chan []byte {
	free := make(chan []byte, blocks)
	for range blocks {
		free <- make([]byte, blockBytes)
	}
	return free
}

// hashing runs a hash beside the write, so that neither waits for the other.
type hashing struct {
	free chan []byte
	full chan []byte
	done chan struct{}
}

func newHashing(sum hash.Hash, free chan []byte) *hashing {
	h := &hashing{free: free, full: make(chan []byte, blocks), done: make(chan struct{})}
	go func() {
		defer close(h.done)
		for b := range h.full {
			_, _ = sum.Write(b) // a hash never fails
			h.free <- b[:blockBytes]
		}
	}()
	return h
}

func (h *hashing) block() []byte  { return <-h.free }
func (h *hashing) spare(b []byte) { h.free <- b[:blockBytes] }
func (h *hashing) add(b []byte)   { h.full <- b }

// end waits until all that was added is hashed.
func (h *hashing) end() {
	close(h.full)
	<-h.done
}

// syncing has the disk write while more comes in.
type syncing struct {
	since int
	kick  chan struct{}
	done  chan struct{}
	err   error // a failed sync is told once for each opened file: here or never
}

func newSyncing(f *os.File) *syncing {
	s := &syncing{kick: make(chan struct{}, 1), done: make(chan struct{})}
	go func() {
		defer close(s.done)
		for range s.kick {
			s.err = errors.Join(s.err, f.Sync())
		}
	}()
	return s
}

func (s *syncing) wrote(n int) {
	if s.since += n; s.since < syncEvery {
		return
	}
	s.since = 0
	select {
	case s.kick <- struct{}{}:
	default: // it is at it already
	}
}

func (s *syncing) end() error {
	close(s.kick)
	<-s.done
	return s.err
}
