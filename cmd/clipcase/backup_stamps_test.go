package main

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/casebag"
	"clipcase/flows/dossier/sign"
	"clipcase/flows/dossier/stamp"
	"clipcase/flows/dossier/verify"
	"clipcase/internal/flowstest"
	"clipcase/internal/tsatest"
	"clipcase/storage"
)

// A case that comes back from a backup has its time stamps and its small pictures,
// and its bag verifies with them.
func TestStampsComeBackFromABackup(t *testing.T) {
	t.Parallel()
	r, blobs := emptyStores(t)
	put := func(key string, content []byte) flows.StampFile {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		require.NoError(t, blobs.PutPiece(t.Context(), key, path))
		return flows.StampFile{Blob: key, SHA256: digestOf(content), Bytes: int64(len(content))}
	}
	id, err := r.Cases().ReserveCase(t.Context())
	require.NoError(t, err)
	now := time.Now()
	c := &flows.Case{ID: id, Actor: "web:me", Chat: "web:me", Lang: "en", Scenario: "account-ban", Created: now, Submitted: now, Expires: now.Add(time.Hour)}
	stored, err := blobs.PutOriginal(t.Context(), flows.Sidecar{Case: id, Actor: c.Actor, Chat: c.Chat, Exhibit: "e1", File: flows.File{Name: "a.mp4"}, Received: now}, strings.NewReader("original"))
	require.NoError(t, err)
	c.Exhibits = []flows.Exhibit{{ID: "e1", State: flows.ExhibitProbed, Blob: stored.Blob, SHA256: stored.SHA256, Bytes: stored.Bytes, File: flows.File{Name: "a.mp4"}, Received: now}}
	c.History = flows.AppendEntry(nil, now, "received", "exhibit", "e1", "sha256", stored.SHA256)
	piece, thumb := put("cases/"+id+"/attempts/a/1of1.mp4", []byte("piece")), put("cases/"+id+"/attempts/a/thumbs/1of1.jpg", []byte("small"))
	c.Packs = []flows.Pack{{Channel: "generic", State: flows.PackDelivered, Ready: now, Pieces: []flows.Piece{{Name: "1of1.mp4", Blob: piece.Blob, Thumb: thumb.Blob, SHA256: piece.SHA256, Bytes: piece.Bytes}}}}

	tsa := tsatest.New(t, "Test TSA")
	asker, err := stamp.New(stamp.Config{URLs: []string{tsa.URL}, Random: rand.Reader}, &http.Client{})
	require.NoError(t, err)
	over, err := stamp.OfOriginal(stored.SHA256)
	require.NoError(t, err)
	got, err := asker.Ask(t.Context(), tsa.URL, over.Digest)
	require.NoError(t, err)
	chain := put("cases/"+id+"/stamps/a/b.pem", got.Chain)
	c.AddStamp(flows.Stamp{
		Over: over.Name, Digest: hex.EncodeToString(over.Digest), Authority: asker.Name(tsa.URL), Name: got.Token.Authority, At: got.Token.Time,
		Reply: put("cases/"+id+"/stamps/a/b"+bag.StampEnding, got.Reply), Chain: &chain,
	}, now)
	_, err = r.Cases().Commit(t.Context(), flows.Commit{Case: c, Now: now})
	require.NoError(t, err)

	dir := filepath.Join(t.TempDir(), "backup")
	_, err = storage.MakeBackup(t.Context(), dir, r, blobs, nil)
	require.NoError(t, err)
	other, again := emptyStores(t)
	_, err = storage.RestoreBackup(t.Context(), dir, other, again, nil)
	require.NoError(t, err)
	back, err := other.Cases().Case(t.Context(), id)
	require.NoError(t, err)
	for _, key := range back.Blobs() {
		from, _, err := again.Open(t.Context(), key)
		require.NoError(t, err, key)
		require.NoError(t, from.Close())
	}
	key, err := sign.New(rand.Reader)
	require.NoError(t, err)
	maker, err := casebag.New(flowstest.Catalogue(t), again, key, "clipcase")
	require.NoError(t, err)
	made, err := maker.Bag(back, bag.KindMine, now)
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, made.WriteFolder(t.Context(), folder))
	report, err := verify.Run(t.Context(), folder, verify.Options{})
	require.NoError(t, err)
	require.True(t, report.OK, "%+v", report)
	require.Len(t, report.Stamps, 1)
	require.Equal(t, verify.OK, report.Stamps[0].State)

	require.NoError(t, blobs.DeletePrefix(t.Context(), thumb.Blob))
	_, err = storage.MakeBackup(t.Context(), dir, r, blobs, nil)
	require.ErrorContains(t, err, thumb.Blob, "a backup that lacks something says so")
}

// emptyStores are a Redis and a folder of blobs of their own.
func emptyStores(t *testing.T) (*storage.Redis, *storage.Blobs) {
	t.Helper()
	r, err := storage.Open(t.Context(), storage.Config{DataDir: t.TempDir(), Log: slog.New(slog.DiscardHandler), Clock: time.Now, IDs: newID})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	blobs, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: t.TempDir(), Reserve: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, blobs.Close()) })
	return r, blobs
}
