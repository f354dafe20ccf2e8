package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/s3blob"
	"gocloud.dev/gcerrors"

	"clipcase/flows"
)

// BlobConfig says where blobs stand.
type BlobConfig struct {
	// URL is a folder or file:///folder, created with mode 0700, or
	// s3://bucket?endpoint=…&region=… with the options of gocloud's s3blob.
	URL string
	// Dir is a folder on the local disk for what is on its way to an S3 server or
	// from it; created with mode 0700. Not used with a folder of blobs.
	Dir string
	// Reserve is the number of bytes of the local disk that is never used; 0 =
	// 5 % of it, at most 2 GB.
	Reserve int64
	// Wait is the longest time between two tries to reach an S3 server; 0 = three
	// seconds.
	Wait time.Duration
	// Log hears of local copies that could not be removed; nil = nobody.
	Log *slog.Logger
}

// Blobs keeps originals, each written once under its hash, and pieces.
type Blobs struct {
	bucket *blob.Bucket // listing
	disk   durable      // everything else
}

// durable is what a blob.Bucket cannot promise: that a blob is kept when write
// returns, a path that ffmpeg can read, reading on after a cut, and how much room
// there is.
type durable interface {
	// write stores what r gives; name is called with its SHA-256 (hex) and gives
	// the key. An existing blob is replaced whole or not at all.
	write(ctx context.Context, name func(sha256 string) string, r io.Reader) (sha256 string, bytes int64, err error)
	// put stores a file that stays where it is.
	put(ctx context.Context, key string, f *os.File) error
	// open reads length bytes from offset on (-1 = to the end; less if it ends
	// before); size is that of the whole blob.
	open(ctx context.Context, key string, offset, length int64) (r io.ReadCloser, size int64, err error)
	// stage gives a path to read the blob from until release is called.
	stage(ctx context.Context, key string) (path string, release func(), err error)
	// remove deletes everything under a folder.
	remove(ctx context.Context, prefix string) error
	// room gives the bytes of the disk: all, and those that may still be written.
	room(ctx context.Context) (total, free int64, err error)
	// reserve is the number of bytes to be left alone.
	reserve(total int64) int64
}

// OpenBlobs opens the store: a folder, or a bucket on an S3 server, which it asks
// whether it can be written to. An error of class Invalid says what to mend, one
// of class Unavailable that the server does not answer.
func OpenBlobs(ctx context.Context, cfg BlobConfig) (*Blobs, error) {
	if strings.HasPrefix(cfg.URL, s3blob.Scheme+"://") {
		store, err := openS3(ctx, cfg)
		if err != nil {
			return nil, err
		}
		return &Blobs{bucket: store.bucket, disk: store}, nil
	}
	dir, err := folderOf(cfg.URL)
	if err != nil {
		return nil, err
	}
	disk, bucket, err := openFolder(dir, cfg.Reserve)
	if err != nil {
		return nil, err
	}
	return &Blobs{bucket: bucket, disk: disk}, nil
}

func folderOf(address string) (string, error) {
	if address == "" {
		return "", badAddress("empty")
	}
	scheme, _, ok := strings.Cut(address, "://")
	if !ok {
		return address, nil
	}
	if scheme != "file" {
		return "", badAddress("scheme", "scheme", scheme)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host != "" || !filepath.IsAbs(u.Path) || u.RawQuery != "" {
		return "", badAddress("file")
	}
	return filepath.FromSlash(u.Path), nil
}

// Close releases what Open took; blobs stay.
func (b *Blobs) Close() error { return b.bucket.Close() }

// PutPiece stores the file at path under key, synced; the key is new to each
// attempt.
func (b *Blobs) PutPiece(ctx context.Context, key, path string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	f, err := openFile(path)
	if err != nil {
		return fmt.Errorf("store a piece: %w", err)
	}
	return blobFail("store a piece", errors.Join(b.disk.put(ctx, key, f), f.Close()))
}

// Open reads a blob; the number is its size in bytes. NotFound if there is none.
func (b *Blobs) Open(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := checkKey(key); err != nil {
		return nil, 0, err
	}
	r, size, err := b.disk.open(ctx, key, 0, -1)
	return r, size, blobFail("open a blob", err)
}

// OpenRange reads length bytes of a blob from offset on, less if it ends before;
// length -1 = to the end. NotFound if there is none.
func (b *Blobs) OpenRange(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if offset < 0 || length < -1 {
		return nil, invalid(fmt.Errorf("part of a blob: %d bytes from %d on", length, offset))
	}
	r, _, err := b.disk.open(ctx, key, offset, length)
	return r, blobFail("open a part of a blob", err)
}

// Stage gives a path to read the blob from until release is called. NotFound if
// there is none.
func (b *Blobs) Stage(ctx context.Context, key string) (string, func(), error) {
	if err := checkKey(key); err != nil {
		return "", nil, err
	}
	path, release, err := b.disk.stage(ctx, key)
	return path, release, blobFail("stage a blob", err)
}

// List calls each for every blob under prefix (a folder; "" = all) in the order
// of keys; each's error ends it and is returned.
func (b *Blobs) List(ctx context.Context, prefix string, each func(key string, bytes int64) error) error {
	return b.each(ctx, prefix, func(object *blob.ListObject) error { return each(object.Key, object.Size) })
}

func (b *Blobs) each(ctx context.Context, prefix string, each func(*blob.ListObject) error) error {
	if prefix != "" {
		if err := checkKey(strings.TrimSuffix(prefix, "/")); err != nil {
			return err
		}
		prefix = strings.TrimSuffix(prefix, "/") + "/"
	}
	list := b.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return blobFail("list blobs", err)
		}
		if strings.HasPrefix(object.Key, incoming+"/") {
			continue // not a blob yet
		}
		if err := each(object); err != nil {
			return err
		}
	}
}

// DeletePrefix removes all blobs under prefix, which is taken as a folder:
// "cases/CC0042" does not touch "cases/CC00421". It may be repeated.
func (b *Blobs) DeletePrefix(ctx context.Context, prefix string) error {
	prefix = strings.TrimSuffix(prefix, "/")
	if err := checkKey(prefix); err != nil {
		return err
	}
	return blobFail("delete blobs", b.disk.remove(ctx, prefix))
}

// Free is the number of bytes that may still be written, reserve subtracted.
func (b *Blobs) Free(ctx context.Context) (int64, error) {
	total, free, err := b.disk.room(ctx)
	if err != nil {
		return 0, blobFail("measure the disk", err)
	}
	return max(0, free-b.disk.reserve(total)), nil
}

// Usage is the share of the disk that is in use, 0..1.
func (b *Blobs) Usage(ctx context.Context) (float64, error) {
	total, free, err := b.disk.room(ctx)
	if err != nil || total <= 0 {
		return 0, blobFail("measure the disk", err)
	}
	return 1 - float64(free)/float64(total), nil
}

// checkKey refuses keys that could leave the store or clash with its own names.
func checkKey(key string) error {
	bad := key == "" || len(key) > 512 || strings.HasPrefix(key, incoming+"/") || key == incoming
	for _, part := range strings.Split(key, "/") {
		bad = bad || !plain(part)
	}
	if bad {
		return invalid(fmt.Errorf("blob key %q: want names of letters, digits, dot, dash and underscore, parted by slashes", key))
	}
	return nil
}

// plain says whether a name may be one part of a key.
func plain(name string) bool {
	if name == "" || name[0] == '.' || len(name) > 200 {
		return false
	}
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	return strings.IndexFunc(name, func(r rune) bool { return !strings.ContainsRune(allowed, r) }) < 0
}

// blobFail sorts an error: what is missing is NotFound, anything else passes
// when the disk is well again.
func blobFail(op string, err error) error {
	var known *flows.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case gcerrors.Code(err) == gcerrors.NotFound || isMissing(err):
		return notFound("storage.no_blob", fmt.Errorf("%s: %w", op, err))
	default:
		return &flows.Error{Class: flows.Unavailable, Text: flows.T("storage.unavailable"), Err: fmt.Errorf("%s: %w", op, err)}
	}
}
