package main

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/rederive"
	"clipcase/flows/dossier/sign"
	"clipcase/internal/testclips"
)

// A case as it was made gives the same files again. One in which a file was
// exchanged is caught, even if its lists and its signature were made anew by
// whoever exchanged it: these then hold.
func TestFilesAreMadeAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip := testclips.Make(t, testclips.Spec{Seconds: 4, Width: 240, Height: 426, FPS: 8, Words: true})
	other := testclips.Make(t, testclips.Spec{Seconds: 4, Width: 240, Height: 426, FPS: 8})
	got := clipcase(t, dir, nil, "prepare", "--scenario", "account-ban", "--channel", "douyin-app,douyin-dm,email", "--key", "00:01-00:03", "--statement", "突然被封禁", "--out", "made", clip)
	require.Equal(t, codeDone, got.code, got.err)

	said, again := rederived(t, dir, "made", codeDone)
	require.True(t, again.OK, said)
	require.True(t, again.Exact)
	kinds := map[string]int{}
	for _, f := range again.Files {
		if path.Dir(f.File) == "data" { // the summary
			require.Equal(t, rederive.Unchecked, f.State, f.Why)
			require.Contains(t, f.Why, "its fingerprints are those of the record")
		} else if filepath.Ext(f.File) == ".eml" {
			require.Equal(t, rederive.Alike, f.State, f.Why)
		} else if filepath.Ext(f.File) != ".mp4" || f.State != rederive.Alike { // encoders with several threads differ from one time to the next
			require.Equal(t, rederive.Same, f.State, "%s: %s", f.File, f.Why)
			require.Equal(t, rederive.Same, f.Recipe, f.File)
		}
		kinds[filepath.Ext(f.File)]++
	}
	for _, ext := range []string{".jpg", ".gif", ".mp4", ".eml", ".md", ".html"} {
		require.Positive(t, kinds[ext], ext)
	}

	piece := ""
	for _, f := range again.Files {
		if strings.HasPrefix(f.File, "data/douyin-dm/") && piece == "" {
			piece = f.File
		}
	}
	for name, spoil := range map[string]func(t *testing.T, folder string){
		// The same words burnt in, the same length, a second later.
		"another second": func(t *testing.T, folder string) {
			got := clipcase(t, dir, nil, "prepare", "--scenario", "account-ban", "--channel", "douyin-dm", "--key", "00:02-00:04", "--out", "later", clip)
			require.Equal(t, codeDone, got.code, got.err)
			exchange(t, folder, piece, filepath.Join(dir, "later", piece))
		},
		// One letter painted over.
		"a spot": func(t *testing.T, folder string) {
			to := filepath.Join(t.TempDir(), "painted.mp4")
			said, err := exec.Command("ffmpeg", "-v", "error", "-i", filepath.Join(folder, piece), "-vf", "drawbox=x=40:y=100:w=10:h=10:color=black:t=fill", "-c:v", "libx265", "-x265-params", "log-level=error", "-crf", "18", "-tag:v", "hvc1", "-c:a", "copy", to).CombinedOutput()
			require.NoError(t, err, "%s", said)
			exchange(t, folder, piece, to)
			edit(t, folder, "fps=fps=100", "fps=fps=50") // and, of the pictures, another way of making them
		},
		"another original": func(t *testing.T, folder string) {
			record := recordOf(t, folder)
			exchange(t, folder, record.Originals[0].File, other)
			write(t, folder, "data/email/more.txt", "put in beside the record")
		},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
			require.NoError(t, os.CopyFS(filepath.Join(folder, "data"), os.DirFS(filepath.Join(dir, "made", "data"))))
			spoil(t, folder)
			resign(t, folder)
			held := clipcase(t, dir, nil, "verify", folder)
			require.Equal(t, codeDone, held.code, held.err)
			said, again := rederived(t, dir, folder, codeFailed)
			require.False(t, again.OK, said)
			if name == "a spot" {
				require.Contains(t, said, "another way of making it")
			}
			if name == "another original" {
				require.Contains(t, said, "data/summary.html (it does not name every fingerprint of the record")
				require.Contains(t, held.err, "data/email/more.txt  (in the bag, but the record does not name it)")
				require.True(t, slices.ContainsFunc(again.Files, func(f rederive.File) bool { return f.File == "data/email/more.txt" && f.State == rederive.Unnamed }))
				require.Contains(t, said, "the record does not name it: nobody knows how it came to be  data/email/more.txt")
			}
		})
	}
}

func rederived(t *testing.T, dir, folder string, code int) (string, *rederive.Report) {
	t.Helper()
	got := clipcase(t, dir, []string{"LANG=en"}, "verify", "--rederive", "--json", folder)
	require.Equal(t, code, got.code, got.err)
	var answer checked
	require.NoError(t, json.Unmarshal([]byte(got.out), &answer))
	require.NotNil(t, answer.Again)
	return got.err, answer.Again
}

func recordOf(t *testing.T, folder string) dossier.Record {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "data", "case.json"))
	require.NoError(t, err)
	var record dossier.Record
	require.NoError(t, json.Unmarshal(raw, &record))
	return record
}

// exchange puts another file in the place of one and tells the record of it.
func exchange(t *testing.T, folder, file, by string) {
	t.Helper()
	was, err := os.ReadFile(filepath.Join(folder, file))
	require.NoError(t, err)
	is, err := os.ReadFile(by)
	require.NoError(t, err)
	require.NotEqual(t, was, is)
	require.NoError(t, os.WriteFile(filepath.Join(folder, file), is, 0o600))
	edit(t, folder, digestOf(was), digestOf(is))
}

func edit(t *testing.T, folder, was, is string) {
	t.Helper()
	path := filepath.Join(folder, "data", "case.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(raw), was)
	require.NoError(t, os.WriteFile(path, bytes.ReplaceAll(raw, []byte(was), []byte(is)), 0o600))
}

func digestOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// resign makes lists and signature anew, with a key of one's own.
func resign(t *testing.T, folder string) {
	t.Helper()
	now := time.Now()
	key, err := sign.Open(filepath.Join(t.TempDir(), keyFile), rand.Reader)
	require.NoError(t, err)
	if was := recordOf(t, folder).Signer; was != "" {
		edit(t, folder, was, key.Fingerprint())
	}
	payload, err := bag.Payloads(t.Context(), folder, now)
	require.NoError(t, err)
	made, err := bag.New(bag.Contents{Case: "CC0001", Kind: bag.KindMine, Agent: "somebody", Date: now, Payload: payload, Signer: key})
	require.NoError(t, err)
	require.NoError(t, made.WriteFolder(t.Context(), folder))
}
