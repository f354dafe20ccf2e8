package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier"
	"clipcase/internal/flowstest"
	"clipcase/internal/testclips"
	"clipcase/internal/tsatest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// answer is what the program said and did.
type answer struct {
	code     int
	out, err string
	took     time.Duration
}

// clipcase runs the program in dir as a process of its own, with an
// environment that holds nothing but what is given.
func clipcase(t *testing.T, dir string, env []string, args ...string) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	var out, errs bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &errs
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + t.TempDir(), asProgram, hasty, unread}, env...)
	begun := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return answer{code: cmd.ProcessState.ExitCode(), out: out.String(), err: errs.String(), took: time.Since(begun)}
}

// last is the last line for people, without the program's name.
func (a answer) last() string {
	lines := strings.Split(strings.TrimSpace(a.err), "\n")
	return strings.TrimPrefix(lines[len(lines)-1], "clipcase: ")
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
}

// What is wrong in a command line is found before anything is begun, so one
// process asks for all of it, in a folder of its own.
func TestWrongUsage(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("CATALOG_DIR", "")
	write(t, dir, "a.mp4", "x")
	write(t, dir, "full/something", "x")
	for name, args := range map[string][]string{
		"unknown command":      {"render"},
		"unknown flag":         {"prepare", "--fast", "a.mp4"},
		"flag without value":   {"prepare", "a.mp4", "--key"},
		"no file":              {"prepare"},
		"missing file":         {"prepare", "absent.mp4"},
		"second file missing":  {"prepare", "a.mp4", "absent.mp4"},
		"a folder":             {"prepare", "full"},
		"scenario":             {"prepare", "--scenario", "nonsense", "a.mp4"},
		"channel":              {"prepare", "--channel", "douyin-dm,nonsense", "a.mp4"},
		"channel of nothing":   {"prepare", "--channel", "", "a.mp4"},
		"key of nothing":       {"prepare", "--key", "", "a.mp4"},
		"offset of words":      {"prepare", "--channel", "douyin-copyright", "--offset", "soon", "a.mp4"},
		"offset out of reach":  {"prepare", "--channel", "douyin-copyright", "--offset", "1e9", "a.mp4"},
		"offset of nothing":    {"prepare", "--channel", "douyin-dm", "--offset", "3", "a.mp4"},
		"empty channel":        {"prepare", "--channel", "douyin-dm,", "a.mp4"},
		"mask not built":       {"prepare", "--mask", "faces", "a.mp4"},
		"masks not built":      {"prepare", "--mask", "faces,text", "a.mp4"},
		"unknown mask":         {"prepare", "--mask", "hat", "a.mp4"},
		"language":             {"prepare", "--lang", "fr", "a.mp4"},
		"key":                  {"prepare", "--key", "soon", "a.mp4"},
		"key that ends early":  {"prepare", "--key", "0:50-0:40", "a.mp4"},
		"case":                 {"prepare", "--case", "../x", "a.mp4"},
		"case of words":        {"prepare", "--case", "我的", "a.mp4"},
		"full folder":          {"prepare", "--out", "full", "a.mp4"},
		"others' folder full":  {"prepare", "--out", "new", "--hand-over", "full", "a.mp4"},
		"others' folder none":  {"prepare", "--out", "new", "--hand-over", "", "a.mp4"},
		"others' folder same":  {"prepare", "--out", "new", "--hand-over", "new", "a.mp4"},
		"others' folder in it": {"prepare", "--out", "new", "--hand-over", "new/others", "a.mp4"},
		"in the others'":       {"prepare", "--out", "new/mine", "--hand-over", "new", "a.mp4"},
		"folder is a file":     {"prepare", "--out", "a.mp4", "a.mp4"},
		"statement file":       {"prepare", "--statement", "@absent.txt", "a.mp4"},
		"exhibit without file": {"prepare", "--exhibit", "screen"},
		"exhibit of no slot":   {"prepare", "--exhibit", "nonsense=a.mp4"},
		"exhibit missing":      {"prepare", "--exhibit", "screen=absent.mp4"},
		"catalog of nothing":   {"catalog"},
		"catalog of something": {"catalog", "people"},
		"doctor with a file":   {"doctor", "a.mp4"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, lang := range []string{"zh", "en"} {
				var out, errs bytes.Buffer
				a := &app{words: flowstest.Catalogue(t), lang: lang, clock: time.Now, out: &out, err: &errs}
				code := a.obey(t.Context(), args)
				require.Equal(t, codeUsage, code, errs.String())
				require.Empty(t, out.String())
				require.Equal(t, 1, strings.Count(errs.String(), "\n"), "one line: %s", errs.String())
				require.True(t, strings.HasPrefix(errs.String(), "clipcase: "), errs.String())
				require.NotContains(t, errs.String(), "cli.")
			}
		})
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "wrong usage leaves nothing behind")
	got := clipcase(t, dir, []string{"LANG=zh_CN.UTF-8"}, "prepare")
	require.Equal(t, codeUsage, got.code, "a process tells it by its exit code")
}

// changing is what differs from run to run and machine to machine.
var changing = regexp.MustCompile(`("(?:sha256|signer|original|catalogue|bytes|value|probe|render|document|first_piece|total|ssim)": )("[0-9a-f ]*"|[0-9.e+-]+)`)

func TestSmallRealRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip := testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2})
	tsa, gone := tsatest.New(t, "Test Authority"), tsatest.New(t, "Gone")
	gone.Down.Store(true)
	got := clipcase(t, dir, []string{"TSA_URLS=" + tsa.URL + "," + gone.URL}, "prepare", "--scenario", "account-ban", "--channel", "douyin-dm,douyin-app,weibo", "--statement", "我的账号被误封。",
		"--case", "CC0042", "--json", clip)
	require.Equal(t, codeDone, got.code, got.err)
	var record dossier.Record
	decoder := json.NewDecoder(strings.NewReader(got.out))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&record), "one JSON document")
	require.False(t, decoder.More())
	for _, p := range record.Pieces {
		content, err := os.ReadFile(filepath.Join(dir, "CC0042", filepath.FromSlash(p.File)))
		require.NoError(t, err)
		require.EqualValues(t, len(content), p.Bytes)
		require.Equal(t, sum(content), p.SHA256)
		for _, f := range p.Fit {
			require.True(t, f.OK(), "%s: %s", p.File, f.Limit)
		}
	}
	original, err := os.ReadFile(filepath.Join(dir, "CC0042", record.Originals[0].File))
	require.NoError(t, err)
	given, err := os.ReadFile(clip)
	require.NoError(t, err)
	require.True(t, bytes.Equal(given, original), "byte for byte")
	for _, name := range []string{"summary.md", "summary.html", "case.json"} {
		require.FileExists(t, filepath.Join(dir, "CC0042", "data", name))
	}
	require.EqualValues(t, 1, gone.Asked.Load(), "who does not answer is asked once")
	itHolds(t, dir, "CC0042", tsa.Root)
	text := changing.ReplaceAllString(got.out, "${1}0")
	text = regexp.MustCompile(`20\d{6}-CC0042`).ReplaceAllString(text, "20261122-CC0042")
	text = strings.ReplaceAll(text, filepath.Base(clip), "clip.mp4")
	text = regexp.MustCompile(`original/e1-[0-9a-f]{8}`).ReplaceAllString(text, "original/e1-0")
	text = regexp.MustCompile(`"tools": \{[^}]*\}`).ReplaceAllString(text, `"tools": {}`) // of this machine
	text = regexp.MustCompile(`(pools|vbv-maxrate|vbv-bufsize|fontfile)=[^:"]+`).ReplaceAllString(text, "$1=0")
	path := filepath.Join("testdata", "run.json")
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), text)
	require.Contains(t, got.err, "%", "progress in plain lines")
}

func TestWordsOnlyChannelsNeedAUsableFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip := testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2})
	got := clipcase(t, dir, nil, "prepare", "--channel", "weibo", clip)
	require.Equal(t, codeDone, got.code, got.err)
	require.FileExists(t, filepath.Join(dir, "CC0001", "data", "weibo", "message.txt"))
	write(t, dir, "bad.mp4", "not a film")
	got = clipcase(t, dir, nil, "prepare", "--channel", "weibo", "bad.mp4")
	require.Equal(t, codeInput, got.code, got.err)
	require.DirExists(t, filepath.Join(dir, "CC0002"), "the next free number")
}

func TestInterruptLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip := testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2})
	cmd := exec.Command(os.Args[0], "prepare", clip)
	var errs bytes.Buffer
	cmd.Dir, cmd.Stderr = dir, &errs
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), asProgram, unread}
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool {
		_, err := os.Stat(filepath.Join(dir, "CC0001", "data", "original"))
		return err == nil
	}, time.Minute, 5*time.Millisecond)
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	require.Error(t, cmd.Wait())
	require.Equal(t, codeFailed, cmd.ProcessState.ExitCode(), errs.String())
	require.NoDirExists(t, filepath.Join(dir, "CC0001"))
}

func TestCatalogLists(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, what := range []string{"channels", "scenarios"} {
		got := clipcase(t, dir, []string{"LANG=en_US.UTF-8"}, "catalog", what, "--json")
		require.Zero(t, got.code, got.err)
		var list []map[string]any
		require.NoError(t, json.Unmarshal([]byte(got.out), &list))
		require.GreaterOrEqual(t, len(list), 8)
		plain := clipcase(t, dir, nil, "catalog", what)
		require.Equal(t, len(list), strings.Count(plain.out, "\n"))
	}
}

func TestKeyNamesFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip := testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2})
	tsa := tsatest.New(t, "Test Authority")
	got := clipcase(t, dir, []string{"TSA_URLS=" + tsa.URL + "," + tsa.URL}, "prepare", "--channel", "douyin-dm", "--key", "2:00:01-00:02", "--json", clip, clip)
	require.Equal(t, codeDone, got.code, got.err)
	require.EqualValues(t, 2, tsa.Asked.Load(), "of the signature and of the file that was given twice, by the authority that was named twice")
	var record dossier.Record
	require.NoError(t, json.Unmarshal([]byte(got.out), &record))
	require.Equal(t, [2]float64{0, 2}, *record.Pieces[0].Range)
	require.Equal(t, [2]float64{1, 2}, *record.Pieces[1].Range)
}
