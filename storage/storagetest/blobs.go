package storagetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
)

func blobChecks() []check {
	return []check{
		{"an original stands under its hash with a sidecar", putOriginal},
		{"the same bytes again are no error", func(t *testing.T, f *Fixture) {
			first, err := f.Blobs.PutOriginal(t.Context(), side("e1"), strings.NewReader("recording"))
			require.NoError(t, err)
			second, err := f.Blobs.PutOriginal(t.Context(), side("e2"), strings.NewReader("recording"))
			require.NoError(t, err)
			require.Equal(t, first, second)
			require.Equal(t, []string{first.Blob, first.Blob + ".e1.json", first.Blob + ".e2.json"}, keys(t, f, "cases/CC0042"))
		}},
		{"a source that breaks leaves nothing", func(t *testing.T, f *Fixture) {
			cut := errors.New("cut")
			_, err := f.Blobs.PutOriginal(t.Context(), side("e1"), io.MultiReader(strings.NewReader("half"), &broken{cut}))
			require.ErrorIs(t, err, cut)
			gone := &flows.Error{Class: flows.UserMedia}
			_, err = f.Blobs.PutOriginal(t.Context(), side("e1"), &broken{gone})
			class(t, flows.UserMedia, err)
			require.Empty(t, keys(t, f, ""))
		}},
		{"the end of the context ends a write and leaves nothing", func(t *testing.T, f *Fixture) {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			_, err := f.Blobs.PutOriginal(ctx, side("e1"), strings.NewReader("recording"))
			require.ErrorIs(t, err, context.Canceled)
			require.Empty(t, keys(t, f, ""))
		}},
		{"a piece can be opened and staged", func(t *testing.T, f *Fixture) {
			path := filepath.Join(t.TempDir(), "piece.mp4")
			require.NoError(t, os.WriteFile(path, []byte("piece"), 0o600))
			const key = "cases/CC0042/attempts/abc/douyin-dm/20261122-CC0042-1of3.mp4"
			require.NoError(t, f.Blobs.PutPiece(t.Context(), key, path))
			require.Equal(t, "piece", read(t, f, key))
			staged, release, err := f.Blobs.Stage(t.Context(), key)
			require.NoError(t, err)
			defer release()
			got, err := os.ReadFile(staged)
			require.NoError(t, err)
			require.Equal(t, "piece", string(got))
			require.FileExists(t, path)
			require.Error(t, f.Blobs.PutPiece(t.Context(), key, filepath.Dir(path)), "a folder is no piece")
			require.ErrorIs(t, f.Blobs.PutPiece(t.Context(), key, path+".absent"), os.ErrNotExist)
		}},
		{"a part of a blob can be read", parts},
		{"a staged copy is there until the last has released it", func(t *testing.T, f *Fixture) {
			stored, err := f.Blobs.PutOriginal(t.Context(), side("e1"), strings.NewReader("recording"))
			require.NoError(t, err)
			const users = 8
			var wg sync.WaitGroup
			paths, errs := make([]string, users), make([]error, users)
			releases := make([]func(), users)
			for i := range users {
				wg.Go(func() { paths[i], releases[i], errs[i] = f.Blobs.Stage(t.Context(), stored.Blob) })
			}
			wg.Wait()
			for i := range users {
				require.NoError(t, errs[i])
				got, err := os.ReadFile(paths[i])
				require.NoError(t, err)
				require.Equal(t, "recording", string(got))
				releases[i]()
				releases[i]() // again is no error
			}
		}},
		{"what is absent is not found", func(t *testing.T, f *Fixture) {
			for _, key := range []string{"cases/CC0001/none", "cases"} {
				_, _, err := f.Blobs.Open(t.Context(), key)
				class(t, flows.NotFound, err)
				_, err = f.Blobs.OpenRange(t.Context(), key, 1, 1)
				class(t, flows.NotFound, err)
				_, _, err = f.Blobs.Stage(t.Context(), key)
				class(t, flows.NotFound, err)
			}
		}},
		{"keys stay in the store", hostileKeys},
		{"deleting one case leaves its neighbours", func(t *testing.T, f *Fixture) {
			neighbour := side("e1")
			neighbour.Case = "CC00421"
			kept, err := f.Blobs.PutOriginal(t.Context(), neighbour, strings.NewReader("other"))
			require.NoError(t, err)
			_, err = f.Blobs.PutOriginal(t.Context(), side("e1"), strings.NewReader("recording"))
			require.NoError(t, err)
			for _, prefix := range []string{"cases/CC0042", "cases/CC0042/", "cases/CC9999"} {
				require.NoError(t, f.Blobs.DeletePrefix(t.Context(), prefix))
			}
			require.Equal(t, []string{kept.Blob, kept.Blob + ".e1.json"}, keys(t, f, ""))
		}},
		{"there is room, and a share in use", func(t *testing.T, f *Fixture) {
			free, err := f.Blobs.Free(t.Context())
			require.NoError(t, err)
			require.Positive(t, free)
			used, err := f.Blobs.Usage(t.Context())
			require.NoError(t, err)
			require.Greater(t, used, 0.0)
			require.Less(t, used, 1.0)
		}},
	}
}

func side(exhibit string) flows.Sidecar {
	return flows.Sidecar{Case: "CC0042", Actor: actor, Chat: actor, Lang: "zh", Scenario: "account-ban", Exhibit: exhibit, Slot: "screen", File: flows.File{Name: "../../录屏.mp4"}}
}

func putOriginal(t *testing.T, f *Fixture) {
	stored, err := f.Blobs.PutOriginal(t.Context(), side("e1"), strings.NewReader("recording"))
	require.NoError(t, err)
	sum := sha256.Sum256([]byte("recording"))
	want := hex.EncodeToString(sum[:])
	require.Equal(t, flows.Stored{Blob: "cases/CC0042/originals/" + want, SHA256: want, Bytes: 9}, stored)
	require.Equal(t, "recording", read(t, f, stored.Blob))

	var got flows.Sidecar
	require.NoError(t, json.Unmarshal([]byte(read(t, f, stored.Blob+".e1.json")), &got))
	wantSide := side("e1")
	wantSide.SHA256, wantSide.Bytes = want, 9
	require.Equal(t, wantSide, got)
}

func parts(t *testing.T, f *Fixture) {
	stored, err := f.Blobs.PutOriginal(t.Context(), side("e1"), strings.NewReader("recording"))
	require.NoError(t, err)
	empty, err := f.Blobs.PutOriginal(t.Context(), side("e2"), strings.NewReader(""))
	require.NoError(t, err)
	for _, c := range []struct {
		key            string
		offset, length int64
		want           string
	}{
		{stored.Blob, 0, -1, "recording"}, {stored.Blob, 0, 9, "recording"}, {stored.Blob, 3, 2, "or"}, {stored.Blob, 3, -1, "ording"},
		{stored.Blob, 8, 100, "g"}, {stored.Blob, 9, -1, ""}, {stored.Blob, 100, 5, ""}, {stored.Blob, 4, 0, ""},
		{empty.Blob, 0, -1, ""}, {empty.Blob, 0, 1, ""}, {empty.Blob, 1, -1, ""},
	} {
		r, err := f.Blobs.OpenRange(t.Context(), c.key, c.offset, c.length)
		require.NoError(t, err, c)
		got, err := io.ReadAll(r)
		require.NoError(t, err, c)
		require.NoError(t, r.Close())
		require.Equal(t, c.want, string(got), c)
	}
	for _, bad := range [][2]int64{{-1, 1}, {0, -2}} {
		_, err := f.Blobs.OpenRange(t.Context(), stored.Blob, bad[0], bad[1])
		class(t, flows.Invalid, err)
	}
}

func hostileKeys(t *testing.T, f *Fixture) {
	path := filepath.Join(t.TempDir(), "piece")
	require.NoError(t, os.WriteFile(path, []byte("piece"), 0o600))
	for _, key := range []string{
		"", ".", "..", "/etc/passwd", "a/../b", "a//b", "a/", "./a", `a\b`, "a/.hidden", "a b", "a\x00b", "a%2f..", "录屏", "incoming/x",
		strings.Repeat("a", 600),
	} {
		class(t, flows.Invalid, f.Blobs.PutPiece(t.Context(), key, path))
		_, _, err := f.Blobs.Open(t.Context(), key)
		class(t, flows.Invalid, err)
		_, err = f.Blobs.OpenRange(t.Context(), key, 0, -1)
		class(t, flows.Invalid, err)
		_, _, err = f.Blobs.Stage(t.Context(), key)
		class(t, flows.Invalid, err)
	}
	for _, prefix := range []string{"", "/", "..", "cases/../x", "incoming"} {
		class(t, flows.Invalid, f.Blobs.DeletePrefix(t.Context(), prefix))
	}
	for _, bad := range []flows.Sidecar{{Case: "../CC0042", Exhibit: "e1"}, {Case: "CC0042", Exhibit: "../e1"}, {Case: "CC0042"}, {Case: "CC42", Exhibit: "e1"}} {
		_, err := f.Blobs.PutOriginal(t.Context(), bad, strings.NewReader("x"))
		class(t, flows.Invalid, err)
	}
}

func read(t *testing.T, f *Fixture, key string) string {
	t.Helper()
	r, size, err := f.Blobs.Open(t.Context(), key)
	require.NoError(t, err)
	body, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	require.Len(t, body, int(size))
	return string(body)
}

func keys(t *testing.T, f *Fixture, prefix string) []string {
	t.Helper()
	out := []string{}
	require.NoError(t, f.Blobs.List(t.Context(), prefix, func(key string, _ int64) error {
		out = append(out, key)
		return nil
	}))
	return out
}

type broken struct{ err error }

func (b *broken) Read([]byte) (int, error) { return 0, b.err }
