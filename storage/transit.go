package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// unsent is the folder of files that are whole here and not yet, as far as is
// known, on the server.
const unsent = "unsent"

// unsentKept is how long such a file of a writer that is gone stays: whoever gave
// it still has it and gives it again.
const unsentKept = 7 * 24 * time.Hour

// youngest is how old an unlocked file must be before it is taken for left over:
// its maker may be about to lock it.
const youngest = time.Minute

// transit is the folder on the local disk through which blobs go to a server and
// come from it. Each file is locked by the process that works with it.
type transit struct{ root string }

func openTransit(dir string) (*transit, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	t := &transit{root}
	for _, sub := range []string{incoming, unsent} {
		if err := makeFolder(filepath.Join(root, sub)); err != nil {
			return nil, err
		}
	}
	return t, t.sweep()
}

// grow makes an empty file that other processes leave alone while it is open.
func (t *transit) grow() (*os.File, error) {
	f, err := os.CreateTemp(filepath.Join(t.root, incoming), "blob-*") // mode 0600
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, t.drop(f))
	}
	return f, nil
}

// drop closes and removes a file.
func (t *transit) drop(f *os.File) error {
	return errors.Join(ignoreMissing(os.Remove(f.Name())), f.Close())
}

// spooled is a file that is whole and synced here, locked and called after its key.
type spooled struct {
	file      *os.File
	path, key string
	sum       string // SHA-256 (hex)
	size      int64
}

// done removes it.
func (s *spooled) done() error {
	return errors.Join(ignoreMissing(os.Remove(s.path)), s.file.Close())
}

// spool puts what r gives on the disk, synced, and calls name with its hash.
func (t *transit) spool(ctx context.Context, name func(sha256 string) string, r io.Reader) (*spooled, error) {
	f, err := t.grow()
	if err != nil {
		return nil, err
	}
	s := &spooled{file: f, path: f.Name()}
	h := sha256.New()
	if s.size, err = io.Copy(io.MultiWriter(f, h), &stoppable{ctx, r}); err != nil {
		return nil, errors.Join(err, s.done())
	}
	if err := f.Sync(); err != nil {
		return nil, errors.Join(err, s.done())
	}
	s.sum = hex.EncodeToString(h.Sum(nil))
	s.key = name(s.sum)
	path := t.unsent(s.key)
	if err := os.Rename(s.path, path); err != nil {
		return nil, errors.Join(err, s.done())
	}
	s.path = path
	if err := syncFolder(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, s.done())
	}
	return s, nil
}

// unsent is where the copy of a key stands that is not on the server yet. No key
// has an @.
func (t *transit) unsent(key string) string {
	return filepath.Join(t.root, unsent, strings.ReplaceAll(key, "/", "@"))
}

// forget removes copies under a folder that never reached the server.
func (t *transit) forget(prefix string) error {
	entries, err := os.ReadDir(filepath.Join(t.root, unsent))
	if err != nil {
		return err
	}
	start := strings.ReplaceAll(prefix, "/", "@") + "@"
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), start) {
			err = errors.Join(err, ignoreMissing(os.Remove(filepath.Join(t.root, unsent, e.Name()))))
		}
	}
	return err
}

// sweep removes what processes that are gone left behind: at once what was half,
// after unsentKept what was whole. Age is measured by the disk's clock.
func (t *transit) sweep() error {
	probe, err := t.grow()
	if err != nil {
		return err
	}
	info, err := probe.Stat()
	if err := errors.Join(err, t.drop(probe)); err != nil {
		return err
	}
	now := info.ModTime()
	return errors.Join(t.sweepFolder(incoming, now.Add(-youngest)), t.sweepFolder(unsent, now.Add(-unsentKept)))
}

func (t *transit) sweepFolder(sub string, before time.Time) error {
	dir := filepath.Join(t.root, sub)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := sweepFile(filepath.Join(dir, e.Name()), before); err != nil && !isMissing(err) {
			return err
		}
	}
	return nil
}

// sweepFile removes a file that nobody works with and nobody changed since before.
func sweepFile(path string, before time.Time) error {
	info, err := os.Stat(path)
	if err != nil || !info.ModTime().Before(before) {
		return err
	}
	f, err := lock(path)
	if errors.Is(err, errLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(os.Remove(path), f.Close())
}

// room gives the bytes of the disk a folder is on: all, and those that may still
// be written, as df counts them.
func room(dir string) (total, free int64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, fmt.Errorf("%s: %w", dir, err)
	}
	used := st.Blocks - st.Bfree // what root keeps for itself is nobody's
	block := int64(st.Bsize)     //nolint:unconvert // 32 bits wide on some systems
	return int64(used+st.Bavail) * block, int64(st.Bavail) * block, nil
}

// kept is how much of a disk is left alone: as configured, or 5 %, at most
// reserveMost.
func kept(reserved, total int64) int64 {
	if reserved > 0 {
		return reserved
	}
	return min(total/20, reserveMost)
}
