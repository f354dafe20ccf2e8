package storage_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/storage"
)

func TestFolderIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "deep", "blobs")
	b := openBlobs(t, "file://"+dir)
	_, err := b.PutOriginal(t.Context(), flows.Sidecar{Case: "CC0001", Exhibit: "e1"}, strings.NewReader("x"))
	require.NoError(t, err)
	files := 0
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := d.Info()
		require.NoError(t, err)
		want := os.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		} else {
			files++
		}
		require.Equal(t, want, info.Mode().Perm(), path)
		return nil
	}))
	require.Equal(t, 2, files, "the original and its sidecar, nothing of ours beside them")
}

func TestOldUnfinishedFilesAreSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	openBlobs(t, dir)
	old, fresh := filepath.Join(dir, "incoming", "blob-1"), filepath.Join(dir, "incoming", "blob-2")
	for _, path := range []string{old, fresh} {
		require.NoError(t, os.WriteFile(path, []byte("half"), 0o600))
	}
	long := time.Now().Add(-25 * time.Hour)
	require.NoError(t, os.Chtimes(old, long, long))
	openBlobs(t, dir)
	require.NoFileExists(t, old)
	require.FileExists(t, fresh)
}

func TestReserveIsLeftAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	free := func(reserve int64) int64 {
		b, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: dir, Reserve: reserve})
		require.NoError(t, err)
		n, err := b.Free(t.Context())
		require.NoError(t, err)
		require.NoError(t, b.Close())
		return n
	}
	all := free(1)
	require.InDelta(t, all-1_000_000, free(1_000_000), 900_000) // others write to this disk, too
	require.Zero(t, free(1<<60))
	require.Less(t, free(0), all)
}
