package main

import (
	"crypto/rand"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/stamp"
	"clipcase/internal/tsatest"
	"clipcase/storage"
)

// A case made anew from the store has the time stamps of its originals again, once,
// and none that are not of them.
func TestRecoverFindsTimeStamps(t *testing.T) {
	t.Parallel()
	r, blobs := emptyStores(t)
	put := func(key string, content []byte) {
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		require.NoError(t, blobs.PutPiece(t.Context(), key, path))
	}
	stored, err := blobs.PutOriginal(t.Context(), flows.Sidecar{Case: "CC0001", Actor: "web:me", Chat: "web:me", Exhibit: "e1", File: flows.File{Name: "a.mp4"}, Received: time.Now()}, strings.NewReader("original"))
	require.NoError(t, err)
	tsa := tsatest.New(t, "Test TSA")
	asker, err := stamp.New(stamp.Config{URLs: []string{tsa.URL}, Random: rand.Reader}, &http.Client{})
	require.NoError(t, err)
	over, err := stamp.OfOriginal(stored.SHA256)
	require.NoError(t, err)
	got, err := asker.Ask(t.Context(), tsa.URL, over.Digest)
	require.NoError(t, err)
	at := "cases/CC0001/stamps/" + stored.SHA256[:32] + "/" + asker.Name(tsa.URL)
	put(at+bag.StampEnding, got.Reply)
	put(at+".pem", got.Chain)
	put("cases/CC0001/stamps/"+strings.Repeat("0", 32)+"/other"+bag.StampEnding, got.Reply)                // in the place of something else
	put("cases/CC0001/stamps/"+stored.SHA256[:32]+"/broken"+bag.StampEnding, got.Reply[:len(got.Reply)-5]) // not whole
	put("cases/CC0099/stamps/"+stored.SHA256[:32]+"/"+asker.Name(tsa.URL)+bag.StampEnding, got.Reply)      // of a case that is gone

	_, err = storage.Recover(t.Context(), blobs, r.Cases(), time.Hour)
	require.NoError(t, err)
	given, err := restamp(t.Context(), blobs, r.Cases(), nil, time.Now)
	require.NoError(t, err)
	require.Equal(t, 1, given)
	c, err := r.Cases().Case(t.Context(), "CC0001")
	require.NoError(t, err)
	require.Len(t, c.Stamps, 1)
	s := c.Stamps[0]
	require.True(t, c.Stamped(stored.SHA256, asker.Name(tsa.URL)))
	require.Equal(t, over.Name, s.Over)
	require.Equal(t, flows.StampFile{Blob: at + bag.StampEnding, SHA256: digestOf(got.Reply), Bytes: int64(len(got.Reply))}, s.Reply)
	require.Equal(t, digestOf(got.Chain), s.Chain.SHA256)
	require.True(t, s.At.Equal(got.Token.Time))

	given, err = restamp(t.Context(), blobs, r.Cases(), nil, time.Now)
	require.NoError(t, err)
	require.Zero(t, given, "again it has nothing to do")
}
