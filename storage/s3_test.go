package storage_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/internal/s3test"
	"clipcase/storage"
	"clipcase/storage/storagetest"
)

// openS3 opens the bucket with a local folder of its own.
func openS3(t testing.TB, url string) (*storage.Blobs, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "transit")
	b, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: url, Dir: dir, Reserve: 1, Wait: time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, b.Close()) })
	return b, dir
}

// left are the files in the local folder.
func left(t testing.TB, dir string) []string {
	t.Helper()
	found := []string{}
	for _, sub := range []string{"incoming", "unsent"} {
		entries, err := os.ReadDir(filepath.Join(dir, sub))
		require.NoError(t, err)
		for _, e := range entries {
			found = append(found, sub+"/"+e.Name())
		}
	}
	return found
}

func TestBlobSuiteOnS3(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	n := 0
	storagetest.BlobSuite(t, func(t *testing.T) *storagetest.Fixture {
		n++
		b, dir := openS3(t, server.Bucket(fmt.Sprint("suite-", n), "")+[]string{"", "&prefix=deep/folder"}[n%2])
		t.Cleanup(func() { require.Empty(t, left(t, dir), "nothing stays on the local disk") })
		return &storagetest.Fixture{Blobs: b, Clock: storagetest.NewClock()}
	})
}
