package upload

import (
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"sync"
)

// growing is one file while it comes in, with the hash of what is there.
type growing struct {
	path  string
	bytes int64 // whole size

	mu     sync.Mutex // held while bytes are written
	loaded bool
	gone   bool
	size   int64 // on disk
	blocks chan []byte
	spare  chan []byte // of all uploads

	// behind hashes what the last write gave, and keeps the state of that; nil = none
	// does. Until it is done nobody else touches sum and kept: see caughtUp.
	behind *hashing
	sum    hash.Hash
	kept   kept

	at sync.Mutex // guards seen
	// seen is size as others may read it while a write is in hand.
	seen int64
}

// kept is what stands beside the file, so that another process goes on hashing
// where this one stopped. It may be older than the file or lost: then more of the
// file is read again.
type kept struct {
	Print   string `json:"print,omitempty"`   // by which the browser knows the file again
	Claimed string `json:"claimed,omitempty"` // SHA-256 the browser reckoned
	Offset  int64  `json:"offset"`            // bytes that State covers
	State   []byte `json:"state,omitempty"`   // of the hash
	Tail    string `json:"tail,omitempty"`    // hash of the last bytes before Offset: the file must still have them
}

// tailBytes is how much of the file proves that a kept state belongs to it.
const tailBytes = 64 << 10

func newGrowing(path string, bytes int64, spare chan []byte) *growing {
	return &growing{path: path, bytes: bytes, spare: spare, sum: sha256.New()}
}

func keptPath(path string) string { return path + ".json" }

func (g *growing) offset() int64 {
	g.at.Lock()
	defer g.at.Unlock()
	return g.seen
}

// caughtUp waits until all that is on disk is hashed. The caller holds mu.
func (g *growing) caughtUp() error {
	if g.behind == nil {
		return nil
	}
	<-g.behind.done
	err := g.behind.err
	g.behind = nil
	return err
}

func (g *growing) advance(size int64) {
	g.size = size
	g.at.Lock()
	defer g.at.Unlock()
	g.seen = size
}

// load finds out what is on disk, once in each process: syncs what the process
// before wrote, and hashes what its kept state does not cover.
func (g *growing) load() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.gone {
		return fs.ErrNotExist
	}
	if g.loaded {
		return nil
	}
	_ = g.caughtUp() // what was not kept is hashed again
	f, err := os.OpenFile(g.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read from and synced: nothing is lost
	if err := f.Sync(); err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.Size() > g.bytes {
		return fmt.Errorf("%d bytes on disk of an upload of %d", info.Size(), g.bytes)
	}
	if err := g.remember(f, info.Size()); err != nil {
		return err
	}
	if _, err := f.Seek(g.kept.Offset, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.CopyBuffer(struct{ io.Writer }{g.sum}, struct{ io.Reader }{f}, make([]byte, blockBytes)); err != nil {
		return err
	}
	g.advance(info.Size())
	g.loaded = true
	return g.keep(info.Size())
}

// remember takes up the kept state if it belongs to the file; else the hash
// begins anew.
func (g *growing) remember(f *os.File, size int64) error {
	raw, err := os.ReadFile(keptPath(g.path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var k kept
	if err != nil || json.Unmarshal(raw, &k) != nil {
		k = kept{}
	}
	g.kept = kept{Print: k.Print, Claimed: k.Claimed}
	g.sum = sha256.New()
	if k.Offset <= 0 || k.Offset > size {
		return nil
	}
	tail, err := tailOf(f, k.Offset)
	if err != nil {
		return err
	}
	sum := sha256.New()
	if tail == k.Tail && sum.(encoding.BinaryUnmarshaler).UnmarshalBinary(k.State) == nil {
		g.sum, g.kept.Offset = sum, k.Offset
	}
	return nil
}

func tailOf(f io.ReaderAt, offset int64) (string, error) {
	from := max(0, offset-tailBytes)
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(f, from, offset-from)); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// keep writes down the state of the hash, which covers so many bytes. It is not
// synced: if it is lost, the file is read again.
func (g *growing) keep(size int64) error {
	state, err := g.sum.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return err
	}
	f, err := os.Open(g.path)
	if err != nil {
		return err
	}
	tail, err := tailOf(f, size)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	g.kept.Offset, g.kept.State, g.kept.Tail = size, state, tail
	raw, err := json.Marshal(g.kept)
	if err != nil {
		return err
	}
	fresh := keptPath(g.path) + ".new"
	if err := os.WriteFile(fresh, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, keptPath(g.path))
}

// claim keeps what the browser says the whole file's hash is.
func (g *growing) claim(sum string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.caughtUp(); err != nil || g.gone || g.kept.Claimed == sum {
		return err
	}
	g.kept.Claimed = sum
	return g.keep(g.size)
}

// result is the hash of the whole file and what the browser said it is; ok says
// whether all bytes are there.
func (g *growing) result() (sum, claimed string, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := g.caughtUp(); err != nil {
		g.loaded = false // the next request finds out
	}
	if !g.loaded || g.gone || g.size != g.bytes {
		return "", "", false
	}
	return hex.EncodeToString(g.sum.Sum(nil)), g.kept.Claimed, true
}

// whole says that the file ends where it does now.
func (g *growing) whole(bytes int64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.bytes = bytes
}
