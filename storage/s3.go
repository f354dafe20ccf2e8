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
	"path"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Uploads go in parts, a few at a time: each takes its memory.
const (
	s3Part     = 8 << 20
	s3Parallel = 3
)

// s3Tries is how often a whole upload is tried before its caller hears of it.
const (
	s3Tries = 3
	s3Wait  = 3 * time.Second
)

// s3Deletes is how many blobs are deleted at once.
const s3Deletes = 8

// hashField is the field of an object's metadata that holds its SHA-256 (hex).
const hashField = "sha256"

// bucketStore is the durable part of a store on an S3 server. What is written
// goes over the local disk, because its key is known only when it is whole; the
// copy there is removed when the server gave back the same bytes.
type bucketStore struct {
	address  address
	bucket   *blob.Bucket
	transit  *transit
	reserved int64
	wait     time.Duration
	log      *slog.Logger

	mu     sync.Mutex
	staged map[string]*staged
}

func openS3(ctx context.Context, cfg BlobConfig) (*bucketStore, error) {
	a, err := readAddress(cfg.URL)
	if err != nil {
		return nil, err
	}
	if cfg.Dir == "" {
		return nil, errors.New("storage: BlobConfig needs Dir with an S3 server")
	}
	t, err := openTransit(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("folder for files on their way: %w", err)
	}
	if cfg.Wait <= 0 {
		cfg.Wait = s3Wait
	}
	bucket, err := a.open(ctx, cfg.Wait)
	if err != nil {
		return nil, err
	}
	s := &bucketStore{address: a, bucket: bucket, transit: t, reserved: cfg.Reserve, wait: cfg.Wait, log: cfg.Log, staged: map[string]*staged{}}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if err := s.check(ctx); err != nil {
		return nil, errors.Join(err, bucket.Close())
	}
	return s, nil
}

// write: to the local disk, synced; to the server; read back; only then the local
// copy goes and write returns. If the server fails, the copy stays for a while.
func (s *bucketStore) write(ctx context.Context, name func(string) string, r io.Reader) (string, int64, error) {
	whole, err := s.transit.spool(ctx, name, r)
	if err != nil {
		return "", 0, err
	}
	if err := s.send(ctx, whole.key, whole.file, whole.sum, whole.size); err != nil {
		return "", 0, errors.Join(err, whole.file.Close())
	}
	return whole.sum, whole.size, whole.done()
}

// put is write for a file that somebody else keeps until it returns.
func (s *bucketStore) put(ctx context.Context, key string, f *os.File) error {
	h := sha256.New()
	size, err := io.Copy(h, &stoppable{ctx, f})
	if err != nil {
		return err
	}
	return s.send(ctx, key, f, hex.EncodeToString(h.Sum(nil)), size)
}

// send uploads the file and reads it back, and does so again when that failed.
func (s *bucketStore) send(ctx context.Context, key string, f io.ReadSeeker, sum string, size int64) error {
	for try := 1; ; try++ {
		err := s.upload(ctx, key, f, sum)
		if err == nil {
			err = s.compare(ctx, key, sum, size)
		}
		if err == nil {
			return nil
		}
		if try == s3Tries || ctx.Err() != nil {
			return err
		}
		if stopped := pause(ctx, s.wait); stopped != nil {
			return errors.Join(stopped, err)
		}
	}
}

func (s *bucketStore) upload(ctx context.Context, key string, f io.ReadSeeker, sum string) error {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return s.sort(s.bucket.Upload(ctx, key, f, &blob.WriterOptions{
		ContentType: "application/octet-stream", Metadata: map[string]string{hashField: sum},
		BufferSize: s3Part, MaxConcurrency: s3Parallel,
	}))
}

// compare reads a blob back.
func (s *bucketStore) compare(ctx context.Context, key, sum string, size int64) error {
	r, at, err := s.open(ctx, key, 0, -1)
	if err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	h := sha256.New()
	_, err = io.Copy(h, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return fmt.Errorf("read back: %w", err)
	}
	if at != size || hex.EncodeToString(h.Sum(nil)) != sum {
		return errors.New("the server gave back other bytes than it was sent")
	}
	return nil
}

// open reads length bytes from offset on; length -1 = to the end.
func (s *bucketStore) open(ctx context.Context, key string, offset, length int64) (io.ReadCloser, int64, error) {
	r, size, _, err := s.reader(ctx, key, offset, length)
	return r, size, err
}

// reader is open with the hash the blob was stored with, "" if none is known.
func (s *bucketStore) reader(ctx context.Context, key string, offset, length int64) (_ io.ReadCloser, size int64, sum string, err error) {
	open := func(ctx context.Context, offset, length int64) (*blob.Reader, error) {
		r, err := s.bucket.NewRangeReader(ctx, key, offset, length, nil)
		return r, s.sort(err)
	}
	first, err := open(ctx, offset, length)
	if beyond(err) {
		return s.nothing(ctx, key)
	}
	if err != nil {
		return nil, 0, "", err
	}
	size = first.Size()
	end := size
	if length >= 0 {
		end = min(size, offset+length)
	}
	var raw s3.GetObjectOutput
	if first.As(&raw) {
		sum = raw.Metadata[hashField]
	}
	return &steady{ctx: ctx, at: offset, end: end, body: first, open: func(ctx context.Context, offset, length int64) (io.ReadCloser, error) {
		return open(ctx, offset, length)
	}}, size, sum, nil
}

// nothing is a read behind the end of a blob that exists.
func (s *bucketStore) nothing(ctx context.Context, key string) (io.ReadCloser, int64, string, error) {
	attrs, err := s.bucket.Attributes(ctx, key)
	if err != nil {
		return nil, 0, "", s.sort(err)
	}
	return io.NopCloser(strings.NewReader("")), attrs.Size, attrs.Metadata[hashField], nil
}

func (s *bucketStore) remove(ctx context.Context, prefix string) error {
	if err := s.transit.forget(prefix); err != nil {
		return err
	}
	list := s.bucket.List(&blob.ListOptions{Prefix: prefix + "/"})
	keys := []string{prefix} // one that is called as the folder is goes, too, as it does on a disk
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return s.sort(err)
		}
		keys = append(keys, object.Key)
	}
	var wg sync.WaitGroup
	errs := make([]error, s3Deletes)
	for worker := range s3Deletes {
		wg.Go(func() {
			for i := worker; i < len(keys); i += s3Deletes {
				if err := s.bucket.Delete(ctx, keys[i]); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
					errs[worker] = s.sort(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (s *bucketStore) room(context.Context) (total, free int64, err error) {
	return room(s.transit.root)
}

func (s *bucketStore) reserve(total int64) int64 { return kept(s.reserved, total) }

// wanted is the hash a blob must have: the one it was stored with, and for an
// original the one it is called after.
func wanted(key, stored string) string {
	if _, name, ok := original(key); ok && !strings.Contains(name, ".") {
		return path.Base(key)
	}
	return stored
}
