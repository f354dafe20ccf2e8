package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/verify"
	"clipcase/internal/tsatest"
)

// What is wrong with the authorities is told before any work.
func TestAuthoritiesAreCheckedFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, dir, "a.mp4", "not a film")
	got := clipcase(t, dir, []string{"TSA_URLS=https://a.example.org,ftp://b.example.org/?key=hidden"}, "prepare", "a.mp4")
	require.Equal(t, codeUsage, got.code, got.err)
	require.Contains(t, got.err, "TSA_URLS")
	require.NotContains(t, got.err, "hidden")
	require.NoDirExists(t, filepath.Join(dir, "CC0001"))
}

// A second bag for others has the files to hand in and the proof, and no original:
// each of both holds by itself.
func TestABagForOthers(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip, err := os.ReadFile(tinyClip(t))
	require.NoError(t, err)
	write(t, dir, "a.mp4", string(clip))
	write(t, dir, "list.txt", "what happened, line by line")
	tsa, away := tsatest.New(t, "Test TSA"), tsatest.New(t, "Away")
	away.Down.Store(true)
	got := clipcase(t, dir, []string{"TSA_URLS=" + tsa.URL + "," + away.URL}, "prepare", "--lang", "en", "--scenario", "copyright", "--channel", "douyin-copyright", "--out", "mine", "--hand-over", "others", "--exhibit", "own=a.mp4", "--exhibit", "script=list.txt")
	require.Equal(t, codeDone, got.code, got.err)
	require.EqualValues(t, 4, tsa.Asked.Load(), "of both originals, once, and of both signatures")
	require.EqualValues(t, 1, away.Asked.Load(), "who does not answer is asked once")
	require.Contains(t, got.err, "list.txt", "it stands in the bag for others as it was given")
	records := map[string]dossier.Record{}
	for folder, kind := range map[string]string{"mine": bag.KindMine, "others": bag.KindHandOver} {
		report, err := verify.Run(t.Context(), filepath.Join(dir, folder), verify.Options{})
		require.NoError(t, err)
		require.True(t, report.OK, "%s: %+v", folder, report)
		require.Equal(t, verify.OK, report.Signature.State, folder)
		require.Len(t, report.Stamps, 3, folder)
		info, err := os.ReadFile(filepath.Join(dir, folder, "bag-info.txt"))
		require.NoError(t, err)
		require.Contains(t, string(info), ": "+kind+"\n")
		raw, err := os.ReadFile(filepath.Join(dir, folder, "data", "case.json"))
		require.NoError(t, err)
		var r dossier.Record
		require.NoError(t, json.Unmarshal(raw, &r))
		records[folder] = r
	}
	mine, others := records["mine"], records["others"]
	require.NoDirExists(t, filepath.Join(dir, "others", "data", "original"))
	require.Len(t, others.Originals, 2)
	for i, o := range others.Originals {
		require.True(t, o.Absent)
		require.False(t, mine.Originals[i].Absent)
		require.Equal(t, mine.Originals[i].SHA256, o.SHA256)
	}
	require.Len(t, others.Pieces, len(mine.Pieces))
	for i, p := range others.Pieces {
		require.Equal(t, mine.Pieces[i].SHA256, p.SHA256)
		require.FileExists(t, filepath.Join(dir, "others", filepath.FromSlash(p.File)))
		if p.Recipe != nil {
			require.Empty(t, p.Recipe.Plan.Caption)
		}
	}

	// Nothing can be made from what is not there: the answer says so all the same.
	got = clipcase(t, dir, nil, "verify", "--rederive", "--json", "others")
	require.Equal(t, codeInput, got.code, got.err)
	var answer checked
	require.NoError(t, json.Unmarshal([]byte(got.out), &answer), got.out)
	require.True(t, answer.OK)
	require.False(t, answer.Again.OK)
	require.Len(t, answer.Again.Originals, 2)
	require.Empty(t, answer.Again.Files)
}
