package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/internal/telegramtest"
	"clipcase/storage"
)

// TestJanitorBesideTheService removes what a killed process left and nothing else,
// while the service runs.
func TestJanitorBesideTheService(t *testing.T) {
	t.Parallel()
	h := newHouse(t, telegramtest.New(t))
	work := filepath.Join(h.dir, "work")
	h.start()
	old, young := filepath.Join(h.dir, "blobs", "cases", "CC0002", "attempts", "x", "a.mp4"), filepath.Join(work, "CC0002-x")
	require.NoError(t, os.MkdirAll(filepath.Dir(old), 0o700))
	require.NoError(t, os.WriteFile(old, []byte("x"), 0o600))
	past := time.Now().Add(-storage.OrphanAge - time.Hour)
	require.NoError(t, os.Chtimes(old, past, past))
	require.NoError(t, os.MkdirAll(young, 0o700))
	obey := func(args ...string) answer {
		return clipcase(t, h.dir, h.env, append([]string{"janitor"}, args...)...)
	}
	got := obey()
	require.Equal(t, codeFailed, got.code, "a case no number was given for")
	require.FileExists(t, old)
	cases := beside(t, h.dir).Cases()
	require.NoError(t, cases.RaiseCounter(t.Context(), 2))
	got = obey()
	require.Equal(t, codeFailed, got.code, "none of the files is of a case that is known")
	require.FileExists(t, old)
	blobs, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: filepath.Join(h.dir, "blobs")})
	require.NoError(t, err)
	defer func() { require.NoError(t, blobs.Close()) }()
	stored, err := blobs.PutOriginal(t.Context(), flows.Sidecar{Case: "CC0001", Actor: "tg:42", Chat: "tg:42", Lang: "zh", Scenario: "bug-report", Exhibit: "e1", Slot: "screen", Received: past}, strings.NewReader("a recording"))
	require.NoError(t, err)
	now := time.Now()
	_, err = cases.Commit(t.Context(), flows.Commit{Event: "test:1", Now: now, Case: &flows.Case{
		Schema: flows.CaseSchema, ID: "CC0001", Actor: "tg:42", Chat: "tg:42", Lang: "zh", Scenario: "bug-report", Created: now, Cancelled: now, Expires: now.Add(time.Hour),
		Exhibits: []flows.Exhibit{{ID: "e1", State: flows.ExhibitStored, Blob: stored.Blob, SHA256: stored.SHA256, Bytes: stored.Bytes}},
	}})
	require.NoError(t, err)
	got = obey("--dry-run")
	require.Equal(t, codeDone, got.code, got.err)
	require.Contains(t, got.err, "会清理  没有归属的文件 cases/CC0002/attempts/x")
	require.Contains(t, got.err, "还太新  没人用的工作文件夹")
	require.FileExists(t, old)
	got = obey()
	require.Equal(t, codeDone, got.code, got.err)
	require.Contains(t, got.err, "清理了 1 项")
	require.NoFileExists(t, old)
	require.DirExists(t, young)
}
