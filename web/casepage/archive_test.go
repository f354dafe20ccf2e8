package casepage

import (
	"archive/zip"
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/verify"
)

// Both archives are bags that hold; the one for others has no original.
func TestArchivesAreBags(t *testing.T) {
	t.Parallel()
	m, h := setup(t)
	const piece, words, one, two = "data/douyin-app/20261122-CC0001-1of1.jpg", "data/douyin-app/message.txt", "data/original/e1-84d89877.mp4", "data/original/e2-5c140d35.html"
	for name, kind := range map[string]string{"all": bag.KindMine, "handover": bag.KindHandOver} {
		w := get(t, h, "/dl/"+token+"/"+name+".zip")
		z, err := zip.NewReader(bytes.NewReader(w.Body.Bytes()), int64(w.Body.Len()))
		require.NoError(t, err)
		for _, f := range z.File {
			require.Equal(t, zip.Store, f.Method)
		}
		file := filepath.Join(t.TempDir(), name+".zip")
		require.NoError(t, os.WriteFile(file, w.Body.Bytes(), 0o600))
		r, err := verify.Run(t.Context(), file, verify.Options{Unsigned: true}) // these pages have no key
		require.NoError(t, err)
		require.True(t, r.OK, "%+v", r)
		require.Equal(t, []string{"CC0001", kind}, []string{r.Case, r.Kind})
		var payload []string
		for _, f := range r.Files {
			if f.Path[:5] == bag.Payload {
				payload = append(payload, f.Path)
			}
		}
		want := []string{"data/case.json", piece, words}
		if kind == bag.KindMine {
			want = append(want, one, two)
		}
		require.ElementsMatch(t, append(want, "data/summary.html", "data/summary.md"), payload)
	}
	m.cases["CC0001"].Packs[0].Pieces[0].SHA256 = "not one"
	for _, name := range []string{"all", "handover"} {
		w := get(t, h, "/dl/"+token+"/"+name+".zip")
		require.Equal(t, http.StatusInternalServerError, w.Code, "nothing was sent yet: people are told")
		require.Empty(t, w.Header().Get("Content-Disposition"))
	}
	m.cases["CC0001"].Packs[0].Pieces[0].SHA256 = digest("jpeg!")
	m.blobs["cases/CC0001/a/1.jpg"] = []byte("gpej!")
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { get(t, h, "/dl/"+token+"/handover.zip") }, "not what was made")
	m.blobs["cases/CC0001/originals/bb"] = []byte("short")
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { get(t, h, "/dl/"+token+"/all.zip") }, "half an archive never looks whole")
}
