package storage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// RestoreBackup brings everything of a backup into a Redis and a store that hold
// nothing of ours yet. Every hash is checked before the first byte is written;
// ErrNotBackup says what is wrong with the folder, ErrNotEmpty that the place is
// taken. Blobs come first, so that no case stands without its files. secrets are
// the paths of the service's own files by name: where one stands already, it must
// be the same. The service must not run.
func RestoreBackup(ctx context.Context, dir string, r *Redis, blobs *Blobs, secrets map[string]string) (Backup, error) {
	b, err := readBackup(dir)
	if err != nil {
		return b, errors.Join(ErrNotBackup, err)
	}
	if err := vacant(ctx, r, blobs); err != nil {
		return b, err
	}
	records, err := readState(dir, b)
	if err != nil {
		return b, errors.Join(ErrNotBackup, err)
	}
	for key, want := range b.Blobs {
		if err := checkKey(key); err != nil {
			return b, errors.Join(ErrNotBackup, err)
		}
		if err := same(ctx, filepath.Join(dir, backupBlobs, filepath.FromSlash(key)), want); err != nil {
			return b, errors.Join(ErrNotBackup, fmt.Errorf("%s: %w", key, err))
		}
	}
	for name, want := range b.Secrets {
		to, known := secrets[name]
		if !known {
			return b, errors.Join(ErrNotBackup, fmt.Errorf("%q is none of our files", name))
		}
		if err := same(ctx, filepath.Join(dir, backupKeys, name), want); err != nil {
			return b, errors.Join(ErrNotBackup, fmt.Errorf("%s: %w", name, err))
		}
		if err := same(ctx, to, want); err != nil && !isMissing(err) {
			return b, fmt.Errorf("%s: %w", to, ErrNotEmpty)
		}
	}
	for name := range b.Secrets {
		f, err := openFile(filepath.Join(dir, backupKeys, name))
		if err != nil {
			return b, err
		}
		_, _, err = publishFile(secrets[name], f)
		if err := errors.Join(err, f.Close()); err != nil {
			return b, err
		}
	}
	for key := range b.Blobs {
		if err := blobs.PutPiece(ctx, key, filepath.Join(dir, backupBlobs, filepath.FromSlash(key))); err != nil {
			return b, err
		}
	}
	if err := r.restore(ctx, records); err != nil {
		return b, err
	}
	for _, id := range b.Gone {
		if err := r.Cases().Forget(ctx, id); err != nil {
			return b, err
		}
	}
	return b, nil
}

// vacant makes sure that nothing is overwritten.
func vacant(ctx context.Context, r *Redis, blobs *Blobs) error {
	keys, _, err := r.client.Scan(ctx, 0, prefix+"case:*", 1_000_000).Result()
	if err != nil {
		return fail("look into Redis", err)
	}
	if len(keys) > 0 {
		return fmt.Errorf("Redis: %w", ErrNotEmpty)
	}
	errFound := errors.New("found")
	err = blobs.List(ctx, "", func(string, int64) error { return errFound })
	if errors.Is(err, errFound) {
		return fmt.Errorf("the store of files: %w", ErrNotEmpty)
	}
	return err
}

func (r *Redis) restore(ctx context.Context, records []record) error {
	now := r.cfg.Clock()
	for _, rec := range records {
		ttl := time.Duration(0)
		if !rec.Expires.IsZero() {
			if ttl = rec.Expires.Sub(now); ttl <= 0 {
				continue
			}
		}
		if err := r.client.RestoreReplace(ctx, rec.Key, ttl, string(rec.Value)).Err(); err != nil {
			var answer redis.Error
			if errors.As(err, &answer) && strings.Contains(answer.Error(), "DUMP payload version") {
				return fmt.Errorf("this Redis is older than the one of the backup: %w", err)
			}
			return fail("bring a key back", err)
		}
	}
	return nil
}

func readBackup(dir string) (Backup, error) {
	var b Backup
	raw, err := os.ReadFile(filepath.Join(dir, backupFile))
	if err != nil {
		return b, err
	}
	if err := json.Unmarshal(raw, &b); err != nil {
		return b, fmt.Errorf("%s: %w", backupFile, err)
	}
	if b.Format != backupFormat {
		return b, fmt.Errorf("%s: format %d; this program knows %d", backupFile, b.Format, backupFormat)
	}
	return b, nil
}

func readState(dir string, b Backup) ([]record, error) {
	f, err := openFile(filepath.Join(dir, backupState))
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read
	sum := sha256.New()
	dec := json.NewDecoder(io.TeeReader(bufio.NewReader(f), sum))
	var records []record
	for {
		var rec record
		err := dec.Decode(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", backupState, err)
		}
		if !strings.HasPrefix(rec.Key, prefix) {
			return nil, fmt.Errorf("%s: a key that is not ours", backupState)
		}
		records = append(records, rec)
	}
	if hex.EncodeToString(sum.Sum(nil)) != b.State || len(records) != b.Keys {
		return nil, fmt.Errorf("%s: it was changed", backupState)
	}
	return records, nil
}

// same says whether a file is what the list says.
func same(ctx context.Context, path string, want Stored) error {
	f, err := openFile(path)
	if err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, &stoppable{ctx, f})
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if n != want.Bytes || hex.EncodeToString(sum.Sum(nil)) != want.SHA256 {
		return errors.New("it was changed")
	}
	return nil
}
