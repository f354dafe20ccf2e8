package verify_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/sign"
	"clipcase/flows/dossier/verify"
)

var noon = time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC)

func newKey(t *testing.T, b byte) *sign.Key {
	t.Helper()
	k, err := sign.New(bytes.NewReader(bytes.Repeat([]byte{b}, 64)))
	require.NoError(t, err)
	return k
}

// contents is a small case with one original and two pieces.
func contents(t *testing.T, signer bag.Signer) bag.Contents {
	t.Helper()
	original := bag.Text("data/original/录屏.mp4", bytes.Repeat([]byte("original"), 100), noon)
	pieces := []bag.File{bag.Text("data/email/1of2.mp4", []byte("piece one"), noon), bag.Text("data/email/2of2.mp4", []byte("piece two"), noon)}
	record := &dossier.Record{Case: "CC0042", Originals: []dossier.Original{{File: original.Path, SHA256: original.SHA256}}}
	for _, p := range pieces {
		record.Pieces = append(record.Pieces, dossier.Piece{File: p.Path, SHA256: p.SHA256})
	}
	doc, err := record.JSON()
	require.NoError(t, err)
	var history []flows.Entry
	for _, what := range []string{"received", "ready", "delivered"} {
		history = flows.AppendEntry(history, noon, what, "channel", "email", "bytes", int64(120_000_000))
	}
	lines := flows.HistoryLines(history)
	_, _, head, err := flows.CheckHistory(lines)
	require.NoError(t, err)
	return bag.Contents{
		Case: "CC0042", Kind: bag.KindMine, Agent: "clipcase", Date: noon, Signer: signer,
		Payload: append([]bag.File{original, bag.Text("data/case.json", doc, noon)}, pieces...),
		Info:    []bag.Field{{Label: bag.LabelHistory, Value: "3 " + head}},
		Tags:    []bag.File{bag.Text(bag.HistoryFile, lines, noon)},
	}
}

func folder(t *testing.T, c bag.Contents) string {
	t.Helper()
	dir := t.TempDir()
	b, err := bag.New(c)
	require.NoError(t, err)
	require.NoError(t, b.WriteFolder(t.Context(), dir))
	return dir
}

func check(t *testing.T, path string) *verify.Report {
	t.Helper()
	r, err := verify.Run(t.Context(), path, verify.Options{})
	require.NoError(t, err)
	return r
}

func states(r *verify.Report) map[string]verify.State {
	out := map[string]verify.State{}
	for _, f := range r.Files {
		out[f.Path] = f.State
	}
	return out
}

func TestAGoodBagHolds(t *testing.T) {
	t.Parallel()
	key := newKey(t, 1)
	dir := folder(t, contents(t, key))
	r := check(t, dir)
	require.True(t, r.OK, "%+v", r)
	require.Equal(t, "CC0042", r.Case)
	require.Equal(t, verify.Signature{State: verify.OK, Key: key.Fingerprint(), Comment: "clipcase CC0042 mine oxum:" + oxum(t, dir)}, r.Signature)
	require.Equal(t, 3, r.History.Entries)
	for _, f := range r.Files {
		require.Equal(t, verify.OK, f.State, f.Path)
	}
	for want, ok := range map[string]bool{key.Fingerprint(): true, strings.ReplaceAll(key.Fingerprint(), " ", ""): true, newKey(t, 2).Fingerprint(): false, "x": false} {
		r, err := verify.Run(t.Context(), dir, verify.Options{Key: want})
		require.NoError(t, err)
		require.Equal(t, ok, r.OK, want)
		require.Equal(t, ok, r.Known.Key, want)
	}
	require.True(t, r.Signed)
	require.Equal(t, verify.Known{}, r.Known, "nobody said who should have signed")
}

func oxum(t *testing.T, dir string) string {
	t.Helper()
	bytes, count := int64(0), 0
	require.NoError(t, filepath.WalkDir(filepath.Join(dir, "data"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		bytes, count = bytes+info.Size(), count+1
		return err
	}))
	return fmt.Sprintf("%d.%d", bytes, count)
}

// remake writes both manifests anew, as someone without the key would.
func remake(t *testing.T, dir string) {
	t.Helper()
	var payload, tags []bag.Sum
	sum := func(rel string) bag.Sum {
		raw, err := os.ReadFile(filepath.Join(dir, rel))
		require.NoError(t, err)
		digest := sha256.Sum256(raw)
		return bag.Sum{Path: filepath.ToSlash(rel), Digest: hex.EncodeToString(digest[:])}
	}
	walk := func(want bool) (out []bag.Sum) {
		require.NoError(t, filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
			rel, _ := filepath.Rel(dir, p)
			if err == nil && !d.IsDir() && strings.HasPrefix(rel, "data/") == want && !strings.HasPrefix(rel, bag.TagManifest) {
				out = append(out, sum(rel))
			}
			return err
		}))
		return out
	}
	payload = walk(true)
	require.NoError(t, os.WriteFile(filepath.Join(dir, bag.Manifest), bag.Format(payload), 0o600))
	tags = walk(false)
	require.NoError(t, os.WriteFile(filepath.Join(dir, bag.TagManifest), bag.Format(tags), 0o600))
}

// These change a bag in its folder.
func write(t *testing.T, dir, name, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
}

func rename(t *testing.T, dir, from, to string) {
	t.Helper()
	require.NoError(t, os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)))
}

func lines(t *testing.T, dir, name string, keep func([]string) []string) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	write(t, dir, name, strings.Join(keep(strings.SplitAfter(strings.TrimSuffix(string(raw), "\n"), "\n")), ""))
}

func TestWhatWasDoneToTheBagIsFound(t *testing.T) {
	t.Parallel()
	const one, two = "data/email/1of2.mp4", "data/email/2of2.mp4"
	for name, test := range map[string]struct {
		do    func(t *testing.T, dir string)
		state map[string]verify.State
		sign  verify.State // "" = ok
		code  string
	}{
		"payload added":   {do: func(t *testing.T, dir string) { write(t, dir, "data/new.txt", "x") }, state: map[string]verify.State{"data/new.txt": verify.Extra}},
		"tag file added":  {do: func(t *testing.T, dir string) { write(t, dir, "readme.txt", "x") }, state: map[string]verify.State{"readme.txt": verify.Extra}},
		"payload removed": {do: func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, one))) }, state: map[string]verify.State{one: verify.Missing}},
		"history removed": {do: func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, "history.jsonl"))) }, state: map[string]verify.State{"history.jsonl": verify.Missing}},
		"renamed":         {do: func(t *testing.T, dir string) { rename(t, dir, one, "data/email/x.mp4") }, state: map[string]verify.State{one: verify.Missing, "data/email/x.mp4": verify.Extra}},
		"swapped": {do: func(t *testing.T, dir string) {
			rename(t, dir, one, "data/x")
			rename(t, dir, two, one)
			rename(t, dir, "data/x", two)
		}, state: map[string]verify.State{one: verify.Changed, two: verify.Changed}},
		"a link in its place": {do: func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, one)))
			require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, one)))
		}, state: map[string]verify.State{one: verify.Refused}},
		"changed, manifests made anew": {do: func(t *testing.T, dir string) {
			write(t, dir, one, "another piece")
			remake(t, dir)
		}, sign: verify.Bad},
		"description changed, manifests made anew": {do: func(t *testing.T, dir string) {
			lines(t, dir, bag.InfoFile, func(all []string) []string { all[2] = "External-Identifier: CC0043\n"; return all })
			remake(t, dir)
		}, sign: verify.Bad},
		"signature removed": {do: func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, bag.TagSignature))) }, sign: verify.Missing},
		"key changed for another": {do: func(t *testing.T, dir string) {
			write(t, dir, bag.KeyFile, string(newKey(t, 2).Public()))
			remake(t, dir)
		}, sign: verify.Bad},
		"history cut at its end": {do: func(t *testing.T, dir string) {
			lines(t, dir, bag.HistoryFile, func(all []string) []string { return all[:2] })
		}, state: map[string]verify.State{"history.jsonl": verify.Changed}},
		"history cut at its beginning, manifests made anew": {do: func(t *testing.T, dir string) {
			lines(t, dir, bag.HistoryFile, func(all []string) []string { return all[1:] })
			remake(t, dir)
		}, sign: verify.Bad},
		"no tag manifest":   {do: func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, bag.TagManifest))) }, code: verify.ProblemManifest, sign: verify.Bad},
		"no manifest":       {do: func(t *testing.T, dir string) { require.NoError(t, os.Remove(filepath.Join(dir, bag.Manifest))) }, code: verify.ProblemManifest, sign: verify.Bad},
		"payload elsewhere": {do: func(t *testing.T, dir string) { write(t, dir, "fetch.txt", "http://x.example/a 1 data/a\n") }, code: verify.ProblemFetch},
		"another version": {do: func(t *testing.T, dir string) {
			write(t, dir, bag.Declaration, "BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n")
		}, code: verify.ProblemDeclaration},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := folder(t, contents(t, newKey(t, 1)))
			test.do(t, dir)
			r := check(t, dir)
			require.False(t, r.OK)
			got := states(r)
			for path, want := range test.state {
				require.Equal(t, want, got[path], path)
			}
			if test.sign != "" {
				require.Equal(t, test.sign, r.Signature.State, r.Signature.Why)
			}
			if test.code != "" {
				require.Contains(t, fmt.Sprint(r.Problems), test.code)
			}
		})
	}
}

// Lines of a history that was changed do not follow each other, whoever signs.
func TestHistoryThatDoesNotFollow(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(all []string) []string{
		"first taken out":  func(all []string) []string { return all[1:] },
		"middle taken out": func(all []string) []string { return append(all[:1:1], all[2]) },
		"last taken out":   func(all []string) []string { return all[:2] },
		"one changed":      func(all []string) []string { all[0] = strings.Replace(all[0], "received", "reveived", 1); return all },
		"not finished":     func(all []string) []string { all[2] = strings.TrimSuffix(all[2], "\n"); return all },
		"not JSON":         func(all []string) []string { all[1] = "x\n"; return all },
	} {
		c := contents(t, newKey(t, 1))
		r, err := c.Tags[0].Open(t.Context())
		require.NoError(t, err)
		var raw bytes.Buffer
		_, err = raw.ReadFrom(r)
		require.NoError(t, err)
		all := change(strings.SplitAfter(strings.TrimSuffix(raw.String(), "\n"), "\n"))
		text := strings.Join(all, "")
		if name != "not finished" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		c.Tags[0] = bag.Text(bag.HistoryFile, []byte(text), noon)
		report := check(t, folder(t, c))
		require.False(t, report.OK, name)
		require.Equal(t, verify.Bad, report.History.State, name)
	}
}

func TestRecordMustSpeakOfTheSameFiles(t *testing.T) {
	t.Parallel()
	c := contents(t, newKey(t, 1))
	c.Payload = c.Payload[:3] // the second piece was never put in
	r := check(t, folder(t, c))
	require.False(t, r.OK)
	require.Equal(t, []verify.Problem{{Code: verify.ProblemRecord, What: "data/email/2of2.mp4"}}, r.Problems)
}

// Names that look the same and are not: which one the list means nobody can say.
// What only the lists know holds, since whoever signed put it there, but it is told.
func TestFilesTheRecordDoesNotName(t *testing.T) {
	t.Parallel()
	c := contents(t, newKey(t, 1))
	c.Payload = append(c.Payload, bag.Text("data/email/more.mp4", []byte("piece three"), noon), bag.Text("data/summary.md", []byte("words"), noon))
	r := check(t, folder(t, c))
	require.True(t, r.OK, "%+v", r)
	why := map[string]string{}
	for _, f := range r.Files {
		if f.Why != "" {
			why[f.Path] = f.Why
		}
	}
	require.Equal(t, map[string]string{"data/email/more.mp4": verify.Unnamed}, why)
}

func TestNamesThatLookTheSame(t *testing.T) {
	t.Parallel()
	c := contents(t, nil)
	const composed, apart = "data/caf\u00e9.txt", "data/cafe\u0301.txt"
	c.Payload = append(c.Payload, bag.Text(composed, []byte("what was put in"), noon))
	dir := folder(t, c)
	require.NotContains(t, fmt.Sprint(check(t, dir).Files), verify.Refused)
	require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(apart)), []byte("what was added"), 0o600))
	r := check(t, dir)
	require.False(t, r.OK)
	for _, path := range []string{composed, apart} {
		require.Contains(t, r.Files, verify.File{Path: path, State: verify.Refused, Why: "a name that stands twice"})
	}
}

// Nobody writes into the pipe: it must not be waited for.
func TestPipesAreNoBags(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "x.zip")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	done := make(chan error, 1)
	go func() {
		_, err := verify.Run(context.WithoutCancel(t.Context()), pipe, verify.Options{})
		done <- err
	}()
	select {
	case err := <-done:
		require.ErrorIs(t, err, verify.ErrNotBag)
	case <-time.After(30 * time.Second):
		t.Fatal("it waits")
	}
}

func TestWhatIsNoBag(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := verify.Run(t.Context(), dir, verify.Options{})
	require.ErrorIs(t, err, verify.ErrNotBag)
	_, err = verify.Run(t.Context(), filepath.Join(dir, "absent"), verify.Options{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	for name, content := range map[string]string{"empty.zip": "", "words.zip": "words", "cut.zip": "PK\x05\x06"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
		_, err = verify.Run(t.Context(), filepath.Join(dir, name), verify.Options{})
		require.ErrorIs(t, err, verify.ErrNotBag, name)
	}
}
