package storage

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"clipcase/flows/pass"
)

// uploads are files that no record names. Records come before files.
func (j *janitor) uploads(ctx context.Context, dir string) error {
	return eachEntry(dir, func(path string, info fs.FileInfo) error {
		id, _, _ := strings.Cut(info.Name(), ".")
		if !pass.IsCode(id) || info.IsDir() {
			return nil
		}
		unknown := func(ctx context.Context) (bool, error) {
			n, err := j.redis.client.Exists(ctx, keyUpload(id)).Result()
			return n == 0, fail("look for an upload", err)
		}
		if lost, err := unknown(ctx); err != nil || !lost {
			return err
		}
		j.found = append(j.found, Orphan{Kind: OrphanUpload, Name: path, Count: 1, Bytes: info.Size(), Young: j.young(info.ModTime()), remove: func(ctx context.Context) error {
			if lost, err := unknown(ctx); err != nil || !lost {
				return err
			}
			return ignoreMissing(os.Remove(path))
		}})
		return nil
	})
}

// folders are those of attempts that no worker holds.
func (j *janitor) folders(ctx context.Context, dir string) error {
	return eachEntry(dir, func(path string, info fs.FileInfo) error {
		id, token, ok := strings.Cut(info.Name(), "-")
		if !ok || !info.IsDir() {
			return nil
		}
		held := func(ctx context.Context) (bool, error) {
			holders, err := j.redis.client.MGet(ctx, leasePrefix+"process:"+id, leasePrefix+"early:"+id).Result()
			return slices.Contains(holders, any(token)), fail("look who works", err)
		}
		if busy, err := held(ctx); err != nil || busy {
			return err
		}
		o := Orphan{Kind: OrphanFolder, Name: path}
		newest := info.ModTime()
		err := filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return ignoreMissing(err)
			}
			in, err := d.Info()
			if err != nil {
				return ignoreMissing(err)
			}
			if in.ModTime().After(newest) {
				newest = in.ModTime()
			}
			if in.Mode().IsRegular() {
				o.Count, o.Bytes = o.Count+1, o.Bytes+in.Size()
			}
			return nil
		})
		if err != nil {
			return err
		}
		o.Young = j.young(newest)
		o.remove = func(ctx context.Context) error {
			if busy, err := held(ctx); err != nil || busy {
				return err
			}
			return os.RemoveAll(path)
		}
		j.found = append(j.found, o)
		return nil
	})
}

// eachEntry calls each for what is in a folder; one that is not there has nothing.
func eachEntry(dir string, each func(path string, info fs.FileInfo) error) error {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ignoreMissing(err)
	}
	for _, e := range entries {
		info, err := e.Info()
		if isMissing(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := each(filepath.Join(dir, e.Name()), info); err != nil {
			return err
		}
	}
	return nil
}
