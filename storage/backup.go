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
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"clipcase/flows"
)

// A backup is a folder: backup.json (what it holds, written last), state.jsonl
// (Redis' keys) and blobs/<key>. Everything in it is as secret as the service.
const (
	backupFormat = 1
	backupFile   = "backup.json"
	backupState  = "state.jsonl"
	backupBlobs  = "blobs"
	backupKeys   = "secrets"
	backupTries  = 5 // copies until state and blobs belong together
	leasePrefix  = prefix + "jobs:lease:"
)

// ErrNotBackup says that a folder is none, or not a whole one.
var ErrNotBackup = errors.New("the folder holds no whole backup")

// ErrNotEmpty says that something stands where a backup should go.
var ErrNotEmpty = errors.New("it is not empty")

// Backup tells what a backup holds.
type Backup struct {
	Format  int               `json:"format"`
	Made    time.Time         `json:"made"`
	State   string            `json:"state"` // SHA-256 of state.jsonl, hex
	Keys    int               `json:"keys"`
	Cases   int               `json:"cases"`
	Blobs   map[string]Stored `json:"blobs"`             // by key
	Secrets map[string]Stored `json:"secrets,omitempty"` // files of the service's own, by name
	Gone    []string          `json:"gone,omitempty"`    // cases deleted while the backup was made: not to be brought back
	Copied  int               `json:"-"`                 // blobs that were not in the folder before
}

// Stored is one blob in a backup.
type Stored struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// record is one key of Redis.
type record struct {
	Key     string    `json:"key"`
	Expires time.Time `json:"expires,omitzero"`
	Value   []byte    `json:"value"` // as DUMP gives it
}

// MakeBackup copies everything to dir, which is empty or holds an earlier backup:
// then only what is new is copied, and what was deleted since is deleted there,
// too. The service may go on working: the blobs are copied first, then Redis'
// keys in one moment, then the blobs that came meanwhile. secrets are paths by
// name of the service's own files, such as its signing key; those that do not
// exist are left out. Until it returns, the earlier backup counts.
func MakeBackup(ctx context.Context, dir string, r *Redis, blobs *Blobs, secrets map[string]string) (Backup, error) {
	earlier, err := readBackup(dir)
	if errors.Is(err, os.ErrNotExist) {
		err = empty(dir)
	}
	if err != nil {
		return Backup{}, err
	}
	b := &backing{dir: dir, redis: r, blobs: blobs, known: earlier.Blobs}
	b.Format, b.Blobs = backupFormat, map[string]Stored{}
	if err := makeFolder(filepath.Join(dir, backupBlobs)); err != nil {
		return Backup{}, fmt.Errorf("backup: %w", err)
	}
	if err := b.copyBlobs(ctx); err != nil {
		return Backup{}, err
	}
	for try := 1; ; try++ {
		missing, err := b.round(ctx)
		if err != nil {
			return Backup{}, err
		}
		if len(missing) == 0 {
			break
		}
		if try == backupTries {
			return Backup{}, fmt.Errorf("backup: the store lacks %d files that cases name, first %s", len(missing), missing[0])
		}
	}
	if err := errors.Join(b.takeSecrets(secrets), ctx.Err()); err != nil {
		return Backup{}, fmt.Errorf("backup: %w", err)
	}
	if err := b.finish(); err != nil {
		return Backup{}, fmt.Errorf("backup: %w", err)
	}
	return b.Backup, nil
}

// backing is a backup in the making.
type backing struct {
	Backup
	dir     string
	redis   *Redis
	blobs   *Blobs
	known   map[string]Stored // in the folder from before
	records []record
}

// round takes the state and the blobs that came since the last round. It returns
// the blobs that cases of the state name and the folder lacks.
func (b *backing) round(ctx context.Context) (missing []string, err error) {
	if err := b.takeState(ctx); err != nil {
		return nil, err
	}
	if err := b.copyBlobs(ctx); err != nil {
		return nil, err
	}
	b.Gone, b.Cases = nil, 0
	for _, rec := range b.records {
		id, ok := strings.CutPrefix(rec.Key, keyCase(""))
		if !ok {
			continue
		}
		c, err := b.redis.Cases().Case(ctx, id)
		if flows.ClassOf(err) == flows.NotFound {
			b.Gone = append(b.Gone, id)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("backup: %w", err)
		}
		b.Cases++
		for _, key := range c.Blobs() {
			if _, ok := b.Blobs[key]; !ok {
				missing = append(missing, key)
			}
		}
	}
	maps.DeleteFunc(b.Blobs, func(key string, _ Stored) bool {
		return slices.ContainsFunc(b.Gone, func(id string) bool { return strings.HasPrefix(key, "cases/"+id+"/") })
	})
	return missing, nil
}

func (b *backing) takeState(ctx context.Context) error {
	now := b.redis.cfg.Clock()
	flat, err := snapshotScript.Run(ctx, b.redis.client, nil, prefix, leasePrefix).Slice()
	if err != nil {
		return fail("take the state", err)
	}
	b.Made, b.records = now, nil
	for i := 0; i+2 < len(flat); i += 3 {
		key, _ := flat[i].(string)
		left, _ := flat[i+1].(int64)
		value, ok := flat[i+2].(string)
		if !ok {
			continue // it ran out in between
		}
		rec := record{Key: key, Value: []byte(value)}
		if left >= 0 {
			rec.Expires = now.Add(time.Duration(left) * time.Millisecond)
		}
		b.records = append(b.records, rec)
	}
	b.Keys = len(b.records)
	return nil
}

// copyBlobs copies what the folder does not have. A blob's key is never given
// to other content, so that what is there is the same.
func (b *backing) copyBlobs(ctx context.Context) error {
	there := map[string]bool{}
	err := b.blobs.List(ctx, "", func(key string, bytes int64) error {
		if _, ok := b.Blobs[key]; ok {
			there[key] = true
			return nil
		}
		if old, ok := b.known[key]; ok && old.Bytes == bytes && b.holds(key, bytes) {
			b.Blobs[key], there[key] = old, true
			return nil
		}
		stored, err := b.copyBlob(ctx, key)
		switch {
		case err == nil:
			b.Blobs[key], there[key] = stored, true
			b.Copied++
		case flows.ClassOf(err) != flows.NotFound: // else it was deleted in between
			return err
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	maps.DeleteFunc(b.Blobs, func(key string, _ Stored) bool { return !there[key] })
	return nil
}

func (b *backing) path(key string) string {
	return filepath.Join(b.dir, backupBlobs, filepath.FromSlash(key))
}

func (b *backing) holds(key string, bytes int64) bool {
	info, err := os.Lstat(b.path(key))
	return err == nil && info.Mode().IsRegular() && info.Size() == bytes
}

func (b *backing) copyBlob(ctx context.Context, key string) (Stored, error) {
	from, _, err := b.blobs.Open(ctx, key)
	if err != nil {
		return Stored{}, err
	}
	sum, bytes, err := publishFile(b.path(key), &stoppable{ctx, from})
	if err := errors.Join(err, from.Close()); err != nil {
		return Stored{}, err
	}
	return Stored{Bytes: bytes, SHA256: sum}, nil
}

func (b *backing) takeSecrets(secrets map[string]string) error {
	b.Secrets = map[string]Stored{}
	for name, path := range secrets {
		f, err := openFile(path)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return err
		}
		sum, bytes, err := publishFile(filepath.Join(b.dir, backupKeys, name), f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		b.Secrets[name] = Stored{Bytes: bytes, SHA256: sum}
	}
	return nil
}

// finish writes the state and the list, then drops what neither names.
func (b *backing) finish() error {
	slices.SortFunc(b.records, func(x, y record) int { return strings.Compare(x.Key, y.Key) })
	in, out := io.Pipe()
	go func() {
		w := bufio.NewWriter(out)
		enc := json.NewEncoder(w)
		var err error
		for _, rec := range b.records {
			if err = enc.Encode(rec); err != nil {
				break
			}
		}
		_ = out.CloseWithError(errors.Join(err, w.Flush())) // never fails
	}()
	sum, _, err := publishFile(filepath.Join(b.dir, backupState), in)
	if err := errors.Join(err, in.Close()); err != nil {
		return err
	}
	b.State = sum
	list, err := json.MarshalIndent(b.Backup, "", " ")
	if err != nil {
		return err
	}
	if _, _, err := publishFile(filepath.Join(b.dir, backupFile), strings.NewReader(string(list))); err != nil {
		return err
	}
	return b.prune()
}

// prune deletes the blobs of an earlier backup that are gone from the service.
func (b *backing) prune() error {
	root, err := os.OpenRoot(filepath.Join(b.dir, backupBlobs))
	if err != nil {
		return err
	}
	err = fs.WalkDir(root.FS(), ".", func(key string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if _, ok := b.Blobs[key]; ok {
			return nil
		}
		return root.Remove(key)
	})
	return errors.Join(err, root.Close())
}

// publishFile writes what r gives beside path and puts it there when it is whole
// and synced. It returns the SHA-256 (hex) and the size.
func publishFile(path string, r io.Reader) (sum string, size int64, err error) {
	dir := filepath.Dir(path)
	if err := makeFolder(dir); err != nil {
		return "", 0, err
	}
	f, err := os.CreateTemp(dir, ".part-*") // mode 0600
	if err != nil {
		return "", 0, err
	}
	hash := sha256.New()
	size, err = io.Copy(io.MultiWriter(f, hash), r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", 0, errors.Join(err, os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return "", 0, errors.Join(err, os.Remove(f.Name()))
	}
	return hex.EncodeToString(hash.Sum(nil)), size, syncFolder(dir)
}

// empty says whether dir can take a first backup; it is made if missing.
func empty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return makeFolder(dir)
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != backupBlobs && e.Name() != backupKeys && e.Name() != backupState && !strings.HasPrefix(e.Name(), ".part-") { // of a first backup that broke off
			return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
		}
	}
	return nil
}
