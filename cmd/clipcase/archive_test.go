package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/storage"
)

// TestArchiveByClass lists cases by scenario, state and month, keeps people's words
// out unless asked, and exports bags that verify.
func TestArchiveByClass(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	env := []string{"DATA_DIR=" + dir, "LANG=en_US.UTF-8"}
	ban, order := "account-ban", "shop-dispute"
	begun := time.Date(2026, 10, 31, 16, 30, 0, 0, time.UTC) // November in Shanghai
	func() {
		r, err := storage.Open(t.Context(), storage.Config{DataDir: dir, Log: slog.New(slog.DiscardHandler), Clock: time.Now, IDs: newID})
		require.NoError(t, err)
		defer func() { require.NoError(t, r.Close()) }()
		blobs, err := storage.OpenBlobs(t.Context(), storage.BlobConfig{URL: filepath.Join(dir, "blobs")})
		require.NoError(t, err)
		defer func() { require.NoError(t, blobs.Close()) }()
		for _, c := range []flows.Case{
			{ID: "CC0001", Scenario: ban, Statement: "=cmd|'/c calc'!A1", Created: begun, Submitted: begun, Packs: []flows.Pack{{Channel: "email", State: flows.PackDelivered, Fate: flows.FateSent}}},
			{ID: "CC0002", Scenario: ban, Created: begun.AddDate(0, 0, -2)},
			{ID: "CC0003", Scenario: order, Created: begun, Cancelled: begun},
			{ID: "CC0004", Scenario: order, Created: begun, Quarantined: true},
		} {
			c.Actor, c.Chat, c.Lang = "tg:4242", "tg:4242", "zh"
			side := flows.Sidecar{Case: c.ID, Actor: c.Actor, Chat: c.Chat, Lang: c.Lang, Scenario: c.Scenario, Exhibit: "e1", File: flows.File{Ref: "tg:x", Name: "-secret.mp4"}, Received: begun}
			stored, err := blobs.PutOriginal(t.Context(), side, strings.NewReader("bytes of "+c.ID))
			require.NoError(t, err)
			c.Exhibits = []flows.Exhibit{{ID: "e1", State: flows.ExhibitRefused, File: side.File, Blob: stored.Blob, SHA256: stored.SHA256, Bytes: stored.Bytes, Received: begun}}
			_, err = r.Cases().Commit(t.Context(), flows.Commit{Case: &c, Now: begun})
			require.NoError(t, err)
		}
	}()
	obey := func(args ...string) answer { return clipcase(t, dir, env, append([]string{"archive"}, args...)...) }

	got := obey("--scenario", ban, "--month", "2026-11", "--csv", "-", "--bom")
	require.Equal(t, codeDone, got.code, got.err)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(got.out, "\uFEFF"))).ReadAll()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(got.out, "\uFEFF"))
	require.Len(t, rows, 2)
	require.Equal(t, []string{"CC0001", "2026-11", ban}, rows[1][:3])
	require.Equal(t, "open", rows[1][4])
	for _, secret := range []string{"calc", "secret", "4242"} {
		require.NotContains(t, got.out, secret)
	}

	list := filepath.Join(t.TempDir(), "list.csv")
	got = obey("--state", "open", "--csv", list, "--words")
	require.Equal(t, codeDone, got.code, got.err)
	raw, err := os.ReadFile(list)
	require.NoError(t, err)
	info, err := os.Stat(list)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	rows, err = csv.NewReader(bytes.NewReader(raw)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"'=cmd|'/c calc'!A1", "'-secret.mp4"}, rows[1][12:])

	out := filepath.Join(t.TempDir(), "out")
	got = obey("--json", "--out", out)
	require.Equal(t, codeDone, got.code, got.err)
	var listed []archived
	require.NoError(t, json.Unmarshal([]byte(got.out), &listed))
	require.Len(t, listed, 4)
	require.Equal(t, "cancelled", listed[2].State)
	require.NoFileExists(t, filepath.Join(out, "2026-11", order, "CC0004.zip"), "under quarantine")
	file := filepath.Join(out, "2026-11", ban, "CC0001.zip")
	z, err := zip.OpenReader(file)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	checked := clipcase(t, dir, env, "verify", file)
	require.Equal(t, codeDone, checked.code, checked.err)
	require.Equal(t, codeUsage, obey("--out", out).code, "not empty")

	for _, wrong := range [][]string{{"--state", "lost"}, {"--month", "2026-13"}, {"--scenario", "none"}, {"--bom"}, {"--csv", "-", "--json"}} {
		require.Equal(t, codeUsage, obey(wrong...).code, "%v", wrong)
	}
}

func TestCellsAreNotRun(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "words": "words", "1=1": "1=1", "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "  =1": "'  =1", "＝1": "'＝1",
	} {
		require.Equal(t, want, inert(cell))
	}
}
