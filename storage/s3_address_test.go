package storage_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/s3test"
	"clipcase/storage"
)

func TestBadBlobAddressesAreNamed(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"":                        "",
		"/srv/blobs":              "",
		"file:///folder":          "",
		"s3://bucket?region=eu-1": "",
		"s3://my.bucket-1/?endpoint=https://s3.example.org&use_path_style=true&prefix=a/b/&ssetype=AES256&request_checksum_calculation=when_required": "",

		"mem://":                              "storage.url.scheme",
		"gs://bucket":                         "storage.url.scheme",
		"file://host/folder":                  "storage.url.file",
		"file:///folder?x=1":                  "storage.url.file",
		"s3://":                               "storage.url.bucket",
		"s3://Bucket":                         "storage.url.bucket",
		"s3://ab":                             "storage.url.bucket",
		"s3://key:hunter2@bucket":             "storage.url.keys",
		"s3://bucket/folder":                  "storage.url.path",
		"s3://bucket#x":                       "storage.url.s3",
		"s3://bucket%zz":                      "storage.url.s3",
		"s3://bucket?a;b":                     "storage.url.s3",
		"s3://bucket?endpoint=s3.example.org": "storage.url.endpoint",
		"s3://bucket?endpoint=https://k:hunter2@s3.example.org": "storage.url.endpoint",
		"s3://bucket?prefix=../x":                               "storage.url.prefix",
		"s3://bucket?use_path_style=maybe":                      "storage.url.option",
		"s3://bucket?anonymous=maybe":                           "storage.url.option",
		"s3://bucket?ssetype=rot13":                             "storage.url.option",
		"s3://bucket?region=":                                   "storage.url.option",
		"s3://bucket?region=a&region=b":                         "storage.url.option",
		"s3://bucket?secret=hunter2":                            "storage.url.unknown",
	} {
		err := storage.CheckBlobURL(url)
		if want == "" {
			require.NoError(t, err, url)
			continue
		}
		var told *flows.Error
		require.True(t, errors.As(err, &told), url)
		require.Equal(t, want, told.Text.Key, url)
		require.Equal(t, flows.Invalid, told.Class)
		require.NotContains(t, err.Error(), "hunter2")
		_, err = storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: url, Dir: t.TempDir()})
		require.ErrorAs(t, err, &told, url)
		require.Equal(t, want, told.Text.Key, url)
	}
	var told *flows.Error
	_, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{})
	require.ErrorAs(t, err, &told)
	require.Equal(t, "storage.url.empty", told.Text.Key)
	_, err = storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: "s3://bucket", Dir: t.TempDir()})
	require.ErrorAs(t, err, &told)
	require.Equal(t, "storage.url.region", told.Text.Key)
	_, err = storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: "s3://bucket?region=x&profile=absent", Dir: t.TempDir()})
	require.ErrorAs(t, err, &told)
	require.Equal(t, "storage.url.settings", told.Text.Key)
	for _, dir := range []string{"/proc/nothing/of/mine", "file:///proc/forbidden"} {
		_, err = storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: dir})
		require.ErrorContains(t, err, "blob folder", dir)
	}
}

// TestLeftoversOfTheDeadAreSwept: what a killed process had half goes at the next
// start, what a living one works with stays, whole files stay for a week.
func TestLeftoversOfTheDeadAreSwept(t *testing.T) {
	t.Parallel()
	url := s3test.New(t).Bucket("sweep", "")
	_, dir := openS3(t, url)
	file := func(name string, age time.Duration) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("half"), 0o600))
		at := time.Now().Add(-age)
		require.NoError(t, os.Chtimes(path, at, at))
		return path
	}
	dead, fresh := file("incoming/blob-1", time.Hour), file("incoming/blob-2", time.Second)
	old, kept := file("unsent/cases@CC0001@a", 8*24*time.Hour), file("unsent/cases@CC0001@b", 6*24*time.Hour)
	living := file("incoming/blob-3", time.Hour)
	f, err := os.Open(living)
	require.NoError(t, err)
	require.NoError(t, syscall.Flock(int(f.Fd()), syscall.LOCK_EX))
	again := func() {
		b, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: url, Dir: dir})
		require.NoError(t, err)
		require.NoError(t, b.Close())
	}
	again()
	require.NoFileExists(t, dead)
	require.NoFileExists(t, old)
	for _, path := range []string{fresh, kept, living} {
		require.FileExists(t, path)
	}
	require.NoError(t, f.Close())
	again()
	require.NoFileExists(t, living)
	info, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
}
