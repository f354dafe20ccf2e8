package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/fileblob"
)

// incoming is the folder in which files grow until they are whole; it is on the
// same disk, so that a rename publishes them.
const incoming = "incoming"

// incomingKept is how long an unfinished file of a process that was killed stays.
const incomingKept = 24 * time.Hour

// reserveMost bounds the part of a large disk that is left alone.
const reserveMost = 2_000_000_000

// folder is the durable part of a store in a folder.
type folder struct {
	root     string
	reserved int64
}

func openFolder(dir string, reserved int64) (*folder, *blob.Bucket, error) {
	root, err := filepath.Abs(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("blob folder: %w", err)
	}
	if err := makeFolder(filepath.Join(root, incoming)); err != nil {
		return nil, nil, fmt.Errorf("blob folder: %w", err)
	}
	f := &folder{root: root, reserved: reserved}
	if err := f.sweep(); err != nil {
		return nil, nil, fmt.Errorf("blob folder: %w", err)
	}
	bucket, err := fileblob.OpenBucket(root, &fileblob.Options{
		DirFileMode: 0o700, NoTempDir: true, Metadata: fileblob.MetadataDontWrite,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("blob folder: %w", err)
	}
	return f, bucket, nil
}

// sweep removes unfinished files of processes that were killed long ago. Their
// age is measured against the newest file written now, so by the disk's clock.
func (f *folder) sweep() error {
	dir := filepath.Join(f.root, incoming)
	probe, err := os.CreateTemp(dir, "probe-*")
	if err != nil {
		return err
	}
	now, err := probe.Stat()
	if err := errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if isMissing(err) {
			continue // finished meanwhile
		}
		if err != nil {
			return err
		}
		if now.ModTime().Sub(info.ModTime()) > incomingKept {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !isMissing(err) {
				return err
			}
		}
	}
	return nil
}

// write: grow, sync the file, rename, sync the folder. Only then it returns.
func (f *folder) write(ctx context.Context, name func(string) string, r io.Reader) (sum string, size int64, err error) {
	tmp, err := os.CreateTemp(filepath.Join(f.root, incoming), "blob-*") // mode 0600
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, ignoreMissing(os.Remove(tmp.Name())))
		}
	}()
	h := sha256.New()
	size, err = io.Copy(io.MultiWriter(tmp, h), &stoppable{ctx, r})
	if err != nil {
		return "", 0, errors.Join(err, tmp.Close())
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return "", 0, err
	}
	sum = hex.EncodeToString(h.Sum(nil))
	path := f.path(name(sum))
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return "", 0, err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return "", 0, err
	}
	return sum, size, syncFolder(filepath.Dir(path))
}

func (f *folder) put(ctx context.Context, key string, file *os.File) error {
	_, _, err := f.write(ctx, func(string) string { return key }, file)
	return err
}

func (f *folder) open(_ context.Context, key string, offset, length int64) (io.ReadCloser, int64, error) {
	file, err := os.Open(f.path(key))
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err == nil && offset > 0 {
		_, err = file.Seek(offset, io.SeekStart)
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	if length < 0 {
		return file, info.Size(), nil
	}
	return &filePart{io.LimitReader(file, length), file}, info.Size(), nil
}

// filePart is a file of which only some is read.
type filePart struct {
	io.Reader
	io.Closer
}

func (f *folder) stage(_ context.Context, key string) (string, func(), error) {
	info, err := os.Stat(f.path(key))
	if err != nil {
		return "", nil, err
	}
	if !info.Mode().IsRegular() {
		return "", nil, fs.ErrNotExist
	}
	return f.path(key), func() {}, nil
}

func (f *folder) remove(_ context.Context, prefix string) error {
	path := f.path(prefix)
	if err := os.RemoveAll(path); err != nil {
		return err
	}
	return ignoreMissing(syncFolder(filepath.Dir(path)))
}

func (f *folder) room(context.Context) (total, free int64, err error) { return room(f.root) }

func (f *folder) reserve(total int64) int64 { return kept(f.reserved, total) }

func (f *folder) path(key string) string { return filepath.Join(f.root, filepath.FromSlash(key)) }

// makeFolder makes a folder with its parents and syncs each parent that got a
// new entry, so that the way to a blob survives a power cut, too.
func makeFolder(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	} else if !isMissing(err) {
		return err
	}
	if err := makeFolder(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// openFile opens a regular file for reading.
func openFile(path string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func ignoreMissing(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}

// stoppable ends a copy when ctx ends.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}
