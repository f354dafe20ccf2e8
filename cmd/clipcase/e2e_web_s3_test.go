package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/verify"
	"clipcase/internal/browsertest"
	"clipcase/internal/s3test"
)

// TestPagesOnS3 is the whole way where files are kept on an S3 server: a recording
// from a browser, the files made of it saved one by one, and all of it as one archive.
func TestPagesOnS3(t *testing.T) {
	t.Parallel()
	server := s3test.New(t)
	h := newWebHouse(t, "BLOB_URL="+server.Bucket("evidence", ""), "AWS_ACCESS_KEY_ID="+s3test.AccessKey, "AWS_SECRET_ACCESS_KEY="+s3test.SecretKey)
	h.start()
	p := h.atExhibits(browsertest.Phone(), h.url(""))
	clip := tinyClip(t)
	p.Choose(".slot .upload-input", clip)
	p.AwaitTrue("document.querySelector('.slot .files .good')")
	p.Await("完全一样", "240×426")
	for browsertest.Eval[string](p, "document.querySelector('[data-page]').dataset.page") != "review" {
		onward(p)
	}
	onward(p)
	p.AwaitTrue("location.pathname.startsWith('/case/') && " + rested)

	original, err := os.ReadFile(clip)
	require.NoError(t, err)
	sum := sha256.Sum256(original)
	require.Contains(t, objects(t, server, "evidence"), hex.EncodeToString(sum[:]), "the original is on the server")
	require.Empty(t, h.kept(), "and nothing beside it")
	pieces := browsertest.Eval[[]string](p, "[...document.querySelectorAll('.piece code')].map((c) => c.textContent)")
	require.NotEmpty(t, pieces)
	saved, err := os.ReadFile(p.Save(func() { p.PressAt(".piece a[download]") }))
	require.NoError(t, err)
	sum = sha256.Sum256(saved)
	require.Equal(t, pieces[0], hex.EncodeToString(sum[:]))
	archive := p.Save(func() { p.PressAt("a[href$='all.zip']") })
	unzipped(t, archive)
	report, err := verify.Run(t.Context(), archive, verify.Options{})
	require.NoError(t, err)
	require.True(t, report.OK, "%+v", report)
}

// objects are the names of what is in a bucket, without their folders.
func objects(t *testing.T, server *s3test.Server, bucket string) []string {
	t.Helper()
	var names []string
	require.NoError(t, filepath.WalkDir(filepath.Join(server.Folder, bucket), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.Base(path))
		}
		return err
	}))
	slices.Sort(names)
	return names
}
