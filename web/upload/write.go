package upload

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

const (
	blockBytes = 128 << 10
	leastBytes = 64 << 10 // read before they are written
	blocks     = 4        // of each upload's own
	spareMost  = 64       // of all uploads: 8 MB, a part, by which a hash may fall behind
	keepEvery  = 32 << 20 // bytes that are read again after a restart at most
	syncEvery  = 32 << 20 // bytes after which the disk begins to write, so that the last sync is short
)

var errPlace = errors.New("not where the file ends")

// write appends what src gives at offset, which must be where the file ends. What
// it reports is on disk, also when src breaks off; its hash follows while the next
// part is on its way. Only one write runs at a time.
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
	line := g.follow(offset)
	n, err = pour(f, src, line, g.bytes-offset)
	serr := f.Sync()
	line.end(err == nil && serr == nil) // a state that was kept must never cover what a power cut may still take
	if serr != nil {
		// Nothing is known of what is on disk now: the next request finds out.
		g.loaded = false
		return 0, errors.Join(err, serr)
	}
	if err != nil {
		g.loaded = false // a write that failed half way: hash and file may differ
		return n, err
	}
	g.advance(offset + n)
	return n, nil
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
				line.give(block)
				return n, werr
			}
			line.add(block[:got])
			early.wrote(wrote)
		} else {
			line.give(block)
		}
		if rerr != nil {
			return n, nil
		}
	}
	return n, nil
}

// newSpare are blocks that any upload may use while its own are on their way to its
// hash; they are made when they are first used.
func newSpare() chan []byte {
	spare := make(chan []byte, spareMost)
	for range spareMost {
		spare <- nil
	}
	return spare
}

// newBlocks are those of an upload's own.
func newBlocks() chan []byte {
	free := make(chan []byte, blocks)
	for range blocks {
		free <- make([]byte, blockBytes)
	}
	return free
}

// hashing runs the hash of one write behind it, so that neither waits for the other.
type hashing struct {
	free, spare chan []byte
	full        chan []byte

	good bool // all that was added is on disk
	done chan struct{}
	err  error // of keeping the state; to be read when done
}

// follow begins to hash what a write adds at offset, as soon as what was written
// before is hashed, and keeps the state of it now and then.
func (g *growing) follow(offset int64) *hashing {
	h, before := &hashing{free: g.blocks, spare: g.spare, full: make(chan []byte, blocks+spareMost), done: make(chan struct{})}, g.behind
	g.behind = h
	go func() {
		defer close(h.done)
		if before != nil {
			<-before.done
			h.err = before.err
		}
		for b := range h.full {
			_, _ = g.sum.Write(b) // a hash never fails
			offset += int64(len(b))
			h.give(b[:blockBytes])
		}
		if h.good && h.err == nil && offset-g.kept.Offset >= keepEvery {
			h.err = g.keep(offset)
		}
	}()
	return h
}

// block is an empty one: the upload's own, else a spare one, else whichever of its
// own comes back first.
func (h *hashing) block() []byte {
	select {
	case b := <-h.free:
		return b
	default:
	}
	select {
	case b := <-h.free:
		return b
	case b := <-h.spare:
		if b == nil {
			b = make([]byte, blockBytes)
		}
		return b
	default:
		return <-h.free
	}
}

// give takes a block back.
func (h *hashing) give(b []byte) {
	select {
	case h.free <- b:
	default:
		h.spare <- b
	}
}

func (h *hashing) add(b []byte) { h.full <- b }

// end says that nothing more is added; with good, that all of it is on disk.
func (h *hashing) end(good bool) {
	h.good = good
	close(h.full)
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
