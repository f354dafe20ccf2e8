package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
	"clipcase/media/ffmpeg"
	"clipcase/media/ffmpeg/cage"
)

// inside is what prepare is made of, put together once for all hostile files.
var inside = sync.OnceValues(func() (*prepare.Preparer, error) {
	words, err := catalog.Load("")
	if err != nil {
		return nil, err
	}
	// No tool takes a minute of a processor for such a file: one that did would be
	// killed, and what it was for would fail.
	engine, err := ffmpeg.New(ffmpeg.Config{Threads: 2, Cage: cage.Config{CPU: time.Minute}})
	if err != nil {
		return nil, err
	}
	return prepare.New(prepare.Config{Catalog: words, Engine: engine, Clock: time.Now})
})

// prepared runs prepare as the command does and gives its exit code, its answer
// and its last line.
func prepared(t *testing.T, file, out, channel string) (int, dossier.Record, string) {
	t.Helper()
	preparer, err := inside()
	require.NoError(t, err)
	words, err := catalog.Load("")
	require.NoError(t, err)
	var answer, said bytes.Buffer
	a := &app{words: words, lang: "zh", clock: time.Now, out: &answer, err: &said}
	f, set := &prepareFlags{}, pflag.NewFlagSet("prepare", pflag.ContinueOnError)
	f.bind(set, a)
	require.NoError(t, set.Parse([]string{"--channel", channel, "--out", out, "--json"}))
	req, err := f.request(a, []string{file})
	require.NoError(t, err)
	_, err = makeDir(req.Dir)
	require.NoError(t, err)
	show := newShow(a, req)
	record, err := preparer.Run(t.Context(), req, show)
	show.end()
	require.NoError(t, err)
	err = a.report(f, req, record)
	var exit *exitError
	if err != nil {
		require.ErrorAs(t, err, &exit)
		said.WriteString(exit.text)
		require.True(t, json.Valid(answer.Bytes()))
		return exit.code, *record, said.String()
	}
	return codeDone, *record, said.String()
}

// TestHostileFiles hands in files that want to be more than a recording. Nothing
// of another file comes out, nobody on this machine is called, no process grows
// or stays, and the person reads why.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	called := &atomic.Int32{}
	listening := make(chan struct{})
	go func() {
		defer close(listening)
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			called.Add(1)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		require.NoError(t, listener.Close())
		<-listening
	})
	odd(t, dir, "victim.mp4", "-f", "lavfi", "-i", "color=magenta:s=96x160:r=10:d=1", "-pix_fmt", "yuv420p")
	odd(t, dir, "victim.ts", "-i", filepath.Join(dir, "victim.mp4"), "-c", "copy")
	write(t, dir, "secret.txt", canary)
	all := append(lists(dir, listener.Addr().String()), films(t, dir, listener.Addr().String())...)
	all = append(all, oddments(t, dir, listener.Addr().String())...)
	plain, err := os.ReadFile(filepath.Join(dir, "plain.mp4"))
	require.NoError(t, err)
	dot, err := os.ReadFile(filepath.Join(dir, "dot.jpg"))
	require.NoError(t, err)
	all = append(all, hostile{name: "named as an address", file: "http:127.0.0.1.mp4", content: plain}, hostile{name: "named as two files", file: "concat:victim.mp4|victim.mp4", content: plain},
		hostile{name: "named as part of a file", file: "subfile,,start,0,end,9,,:victim.mp4", content: plain}, hostile{name: "named as many pictures", file: "x%03d.jpg", content: dot, picture: true},
		hostile{name: "named backwards", file: "\u202e4pm.\u200b" + strings.Repeat("长", 70) + ".mp4", content: plain})
	require.GreaterOrEqual(t, len(all), 60)

	t.Run("files", func(t *testing.T) {
		for _, h := range all {
			t.Run(h.name, func(t *testing.T) {
				t.Parallel()
				handIn(t, dir, h)
			})
		}
	})
	require.Zero(t, called.Load(), "someone was called")
	var usage syscall.Rusage
	require.NoError(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &usage))
	require.Less(t, usage.Maxrss*1024, int64(2_500_000_000), "no process of all that ran grew large")
}

func handIn(t *testing.T, dir string, h hostile) {
	// What is referred to lies beside the file, where it would be found.
	beside := t.TempDir()
	for _, name := range []string{"victim.mp4", "victim.ts", "secret.txt"} {
		require.NoError(t, os.Link(filepath.Join(dir, name), filepath.Join(beside, name)))
	}
	require.NoError(t, os.WriteFile(filepath.Join(beside, h.file), h.content, 0o600))
	channel := "generic"
	if h.picture {
		channel = "email"
	}
	begun := time.Now()
	out := filepath.Join(t.TempDir(), "case")
	code, record, said := prepared(t, filepath.Join(beside, h.file), out, channel)
	require.Less(t, time.Since(begun), 10*time.Minute) // beside many others; the cage bounds each tool by itself
	require.Contains(t, []int{codeDone, codeInput}, code, said)
	require.Len(t, record.Originals, 1)
	o := record.Originals[0]
	require.Equal(t, sum(h.content), o.SHA256, "it is kept as it is")
	if h.class != "" {
		require.Equal(t, codeInput, code)
		require.NotNil(t, o.Error)
		require.Equal(t, h.class, o.Error.Class)
	}
	if code == codeInput {
		why := said[strings.LastIndexByte(strings.TrimSpace(said), '\n')+1:]
		require.Regexp(t, `[\x{4e00}-\x{9fff}]{6,}`, why, "the reason is in words")
		for _, leak := range []string{beside, "ffmpeg", "ffprobe", "0x", "moov", "stream", "goroutine", "Error", "invalid", "%!"} {
			require.NotContains(t, why, leak)
		}
	}
	untouched(t, out)
}

// untouched looks through everything that was made: words and pictures.
func untouched(t *testing.T, out string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			if d.Name() == "original" {
				return fs.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NotContains(t, string(content), canary, path)
		switch filepath.Ext(path) {
		case ".mp4", ".gif", ".jpg":
			require.Less(t, magentaIn(t, path), 0.03, "%s shows what it must not", path)
		}
		return nil
	}))
}

// magentaIn is the share of magenta in the most magenta picture of a file,
// looked at behind edit lists too.
func magentaIn(t *testing.T, path string) float64 {
	t.Helper()
	const side = 24
	raw, err := exec.Command("ffmpeg", "-v", "error", "-threads", "1", "-ignore_editlist", "1", "-i", path, "-vf", "scale=24:24:flags=area", "-pix_fmt", "rgb24", "-f", "rawvideo", "-").Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) { // only films know edit lists
		raw, err = exec.Command("ffmpeg", "-v", "error", "-threads", "1", "-i", path, "-vf", "scale=24:24:flags=area", "-pix_fmt", "rgb24", "-f", "rawvideo", "-").Output()
	}
	require.NoError(t, err)
	require.NotEmpty(t, raw)
	worst := 0.0
	for at := 0; at+side*side*3 <= len(raw); at += side * side * 3 {
		count := 0
		for p := raw[at : at+side*side*3]; len(p) > 0; p = p[3:] {
			if p[0] > 170 && p[1] < 90 && p[2] > 170 {
				count++
			}
		}
		worst = max(worst, float64(count)/(side*side))
	}
	return worst
}

// The search finds what it looks for: in a picture, and behind an edit list.
func TestMagentaIsFound(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	joined := odd(t, dir, "joined.mp4", "-f", "lavfi", "-i", "color=magenta:s=96x160:r=10:d=1[m];color=green:s=96x160:r=10:d=1[c];[m][c]concat", "-c:v", "libx264", "-g", "100", "-sc_threshold", "0", "-pix_fmt", "yuv420p")
	require.Greater(t, magentaIn(t, joined), 0.9)
	require.Greater(t, magentaIn(t, odd(t, dir, "cut.mp4", "-ss", "1", "-i", joined, "-c", "copy")), 0.9)
	require.Zero(t, magentaIn(t, odd(t, dir, "after.mp4", "-i", joined, "-vf", "trim=start=1.2,setpts=PTS-STARTPTS")))
}
