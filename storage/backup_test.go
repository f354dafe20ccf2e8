package storage_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/storage"
)

// open reads a blob that must be there.
func content(t *testing.T, b *storage.Blobs, key string) string {
	t.Helper()
	r, _, err := b.Open(t.Context(), key)
	require.NoError(t, err)
	body, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return string(body)
}

func (e *evidence) backup(dir string) storage.Backup {
	e.t.Helper()
	b, err := storage.MakeBackup(e.t.Context(), dir, e.r, e.blobs, map[string]string{"key": filepath.Join(e.dir, "..", "key"), "none": filepath.Join(e.dir, "none")})
	require.NoError(e.t, err)
	return b
}

// holding makes a case that names the original.
func (e *evidence) holding(id, owner, text string) flows.Stored {
	e.t.Helper()
	stored := e.receive(id, owner, "e1", text)
	now := e.clock.Now()
	_, err := e.r.Cases().Commit(e.t.Context(), flows.Commit{Now: now, Case: &flows.Case{
		Schema: flows.CaseSchema, ID: id, Actor: owner, Chat: owner, Lang: "zh", Statement: "words of " + id, Created: now, Expires: now.Add(retention),
		Exhibits: []flows.Exhibit{{ID: "e1", State: flows.ExhibitStored, Blob: stored.Blob, SHA256: stored.SHA256, Bytes: stored.Bytes}},
	}})
	require.NoError(e.t, err)
	return stored
}

func TestBackupComesBackWhole(t *testing.T) {
	t.Parallel()
	e, dir := newEvidence(t), filepath.Join(t.TempDir(), "backup")
	for range 2 {
		_, err := e.r.Cases().ReserveCase(t.Context())
		require.NoError(t, err)
	}
	first, second := e.holding("CC0001", "tg:1", "one"), e.holding("CC0002", "tg:2", "two")
	require.NoError(t, e.r.Notes().SetNote(t.Context(), "short", "lived", time.Hour))
	require.NoError(t, os.WriteFile(filepath.Join(e.dir, "..", "key"), []byte("secret"), 0o600))
	made := e.backup(dir)
	require.Equal(t, 2, made.Cases)
	require.Equal(t, made.Copied, len(made.Blobs))
	again := e.backup(dir)
	require.Zero(t, again.Copied, "what is there is not copied again")

	other := newEvidence(t)
	back, err := storage.RestoreBackup(t.Context(), dir, other.r, other.blobs, map[string]string{"key": filepath.Join(other.dir, "..", "key")})
	require.NoError(t, err)
	require.Equal(t, 2, back.Cases)
	for id, stored := range map[string]flows.Stored{"CC0001": first, "CC0002": second} {
		want, err := e.r.Cases().Case(t.Context(), id)
		require.NoError(t, err)
		got, err := other.r.Cases().Case(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Equal(t, content(t, e.blobs, stored.Blob), content(t, other.blobs, stored.Blob))
	}
	left, err := other.r.Client().Keys(t.Context(), "clipcase:note:short").Result()
	require.NoError(t, err)
	require.Len(t, left, 1)
	ttl, err := other.r.Client().TTL(t.Context(), left[0]).Result()
	require.NoError(t, err)
	require.Positive(t, ttl, "what was to end still ends")
	key, err := os.ReadFile(filepath.Join(other.dir, "..", "key"))
	require.NoError(t, err)
	require.Equal(t, "secret", string(key))
	next, err := other.r.Cases().ReserveCase(t.Context())
	require.NoError(t, err)
	require.Equal(t, "CC0003", next)

	_, err = storage.RestoreBackup(t.Context(), dir, other.r, other.blobs, map[string]string{"key": filepath.Join(other.dir, "..", "key")})
	require.ErrorIs(t, err, storage.ErrNotEmpty, "nothing is overwritten")
}

func TestBackupForgetsWhatWasDeleted(t *testing.T) {
	t.Parallel()
	e, dir := newEvidence(t), t.TempDir()
	e.holding("CC0001", "tg:1", "the words nobody must find again")
	e.holding("CC0002", "tg:2", "two")
	e.backup(dir)
	require.NoError(t, e.r.Cases().Forget(t.Context(), "CC0001"))
	require.NoError(t, e.blobs.DeletePrefix(t.Context(), "cases/CC0001"))
	require.Equal(t, 1, e.backup(dir).Cases)
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		require.NotContains(t, string(raw), "nobody must find")
		require.NotContains(t, string(raw), "CC0001")
		require.NotContains(t, path, "CC0001")
		return err
	})
	require.NoError(t, err)
}

// A case deleted while its files are copied does not come back.
func TestBackupWhileCasesComeAndGo(t *testing.T) {
	t.Parallel()
	e, dir := newEvidence(t), t.TempDir()
	for i := range 20 {
		e.holding(fmt.Sprintf("CC%04d", i+1), "tg:1", strings.Repeat("x", i+1))
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := 0; ctx.Err() == nil; i++ {
			id := fmt.Sprintf("CC%04d", i%20+1)
			_ = e.r.Cases().Forget(ctx, id) // ends with ctx
			_ = e.blobs.DeletePrefix(ctx, "cases/"+id)
		}
	}()
	made := e.backup(dir)
	stop()
	<-done
	other := newEvidence(t)
	_, err := storage.RestoreBackup(t.Context(), dir, other.r, other.blobs, map[string]string{"key": filepath.Join(other.dir, "..", "key")})
	require.NoError(t, err)
	ids, err := other.r.Client().Keys(t.Context(), "clipcase:case:*").Result()
	require.NoError(t, err)
	require.Len(t, ids, made.Cases)
	for _, key := range ids {
		c, err := other.r.Cases().Case(t.Context(), strings.TrimPrefix(key, "clipcase:case:"))
		require.NoError(t, err)
		content(t, other.blobs, c.Exhibits[0].Blob)
	}
}

func TestRestoreRefusesWhatWasChanged(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	stored := e.holding("CC0001", "tg:1", "one")
	for name, change := range map[string]func(t *testing.T, dir string){
		"a blob": func(t *testing.T, dir string) { flip(t, filepath.Join(dir, "blobs", stored.Blob)) },
		"no blob": func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "blobs", stored.Blob)))
		},
		"the state": func(t *testing.T, dir string) { flip(t, filepath.Join(dir, "state.jsonl")) },
		"the list": func(t *testing.T, dir string) {
			require.NoError(t, os.WriteFile(filepath.Join(dir, "backup.json"), []byte("{"), 0o600))
		},
		"a way out": func(t *testing.T, dir string) {
			list := `{"format":1,"state":"","blobs":{"../../etc/passwd":{"bytes":1,"sha256":"x"}}}`
			require.NoError(t, os.WriteFile(filepath.Join(dir, "backup.json"), []byte(list), 0o600))
		},
		"nothing": func(t *testing.T, dir string) { require.NoError(t, os.RemoveAll(dir)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "b")
			_, err := storage.MakeBackup(t.Context(), dir, e.r, e.blobs, nil)
			require.NoError(t, err)
			change(t, dir)
			other := newEvidence(t)
			_, err = storage.RestoreBackup(t.Context(), dir, other.r, other.blobs, map[string]string{"key": filepath.Join(other.dir, "..", "key")})
			require.ErrorIs(t, err, storage.ErrNotBackup)
			keys, err := other.r.Client().Keys(t.Context(), "clipcase:*").Result()
			require.NoError(t, err)
			require.Empty(t, keys, "nothing was begun")
		})
	}
	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "holiday.jpg"), []byte("x"), 0o600))
	_, err := storage.MakeBackup(t.Context(), full, e.r, e.blobs, nil)
	require.ErrorIs(t, err, storage.ErrNotEmpty)
}

// flip changes one bit in the middle of a file.
func flip(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	raw[len(raw)/2] ^= 1
	require.NoError(t, os.WriteFile(path, raw, 0o600))
}

func TestBesideARunningService(t *testing.T) {
	t.Parallel()
	e := newEvidence(t)
	cfg := config(t, e.clock)
	service := open(t, cfg)
	mustSave(t, service, "CC0007")
	beside, err := storage.OpenBeside(t.Context(), cfg)
	require.NoError(t, err)
	_, err = beside.Cases().Case(t.Context(), "CC0007")
	require.NoError(t, err)
	require.NoError(t, beside.Close())
	require.NoError(t, service.Ping(t.Context()), "it is left running")
}
