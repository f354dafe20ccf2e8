package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sitting that is stopped goes on where it was: what is measured is kept, a
// line that was cut off is not.
func TestResultsAreKept(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "results.jsonl")
	s, err := load(path)
	require.NoError(t, err)
	one := result{Row: "r", Input: "i", Side: "s", Round: 1, Version: "v", Cost: cost{Wall: 2}}
	require.NoError(t, s.put(one))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, append(data, `{"row":"r","inp`...), 0o644))
	s, err = load(path)
	require.NoError(t, err)
	got, ok := s.get(one)
	require.True(t, ok)
	require.Equal(t, 2.0, got.Cost.Wall)
	two := one
	two.Round = 2
	_, ok = s.get(two)
	require.False(t, ok)
	require.NoError(t, s.put(two))
	s, err = load(path)
	require.NoError(t, err)
	require.Len(t, s.found, 2)
	require.NoError(t, os.WriteFile(path, []byte("nonsense\n"), 0o644))
	_, err = load(path)
	require.Error(t, err)
}

// A file counts as worse than the one by hand if it is less like its original or
// less legible; not if nobody can tell it from its original.
func TestWorseFiles(t *testing.T) {
	t.Parallel()
	f := func(channel string, start, ssim, read float64) file {
		return file{Name: channel, Channel: channel, Kind: "video", Start: start, End: start + 10, SSIM: &ssim, Read: &read}
	}
	hand := []file{f("dm", 0, 0.95, 0.9), f("dm", 10, 0.97, 0.9), f("email", 0, 0.99, 0.99)}
	why, compared := worseFiles([]file{f("dm", 0, 0.945, 0.9), f("dm", 9, 0.9635, 0.95), f("email", 0, 0.981, 0.985), f("generic", 0, 0.1, 0.1)}, hand)
	require.Len(t, why, 1, "%v", why)
	require.Contains(t, why[0], "SSIM 0.9635, by hand 0.9700")
	require.Equal(t, 3, compared, "nobody makes the last by hand")
	why, _ = worseFiles([]file{f("dm", 0, 0.99, 0.89), f("email", 0, 0.985, 0.97)}, hand)
	require.Len(t, why, 2, "legibility counts by itself: %v", why)
}

// Everything that is demanded is listed, met or not, measured or not.
func TestDemandsAreListed(t *testing.T) {
	t.Parallel()
	s, err := load(filepath.Join(t.TempDir(), "results.jsonl"))
	require.NoError(t, err)
	var out bytes.Buffer
	b := &bench{out: &out, store: s, build: "1"}
	r := row{name: "r", inputs: []string{"i"}, sides: []side{{name: sideOurs}, {name: sideHand}}, gates: []gate{
		{what: "wall", over: sideHand, must: 0.5}, {what: "cpu", over: sideHand}, {what: "over_cap", none: true}, {what: "peak", must: 1500, unit: 1e6}}}
	require.NoError(t, s.put(result{Row: "r", Input: "i", Side: sideOurs, Round: 1, Cost: cost{Wall: 3, CPU: 9}, Facts: map[string]float64{"over_cap": 0}}))
	require.NoError(t, s.put(result{Row: "r", Input: "i", Side: sideHand, Round: 1, Cost: cost{Wall: 4, CPU: 1}}))
	require.NoError(t, b.demands([]row{r}))
	require.Equal(t, []string{"", "== what is demanded", "  NOT MET      r, i: wall, clipcase / hand: 0.750, must be ≤ 0.5",
		"  met          r, i: over_cap: 0.000, must be 0", "  not measured r, i: peak: must be ≤ 1500", ""}, strings.Split(out.String(), "\n"))
}

// Each round runs all sides, and only what is missing.
func TestRoundsTakeTurns(t *testing.T) {
	t.Parallel()
	s, err := load(filepath.Join(t.TempDir(), "results.jsonl"))
	require.NoError(t, err)
	var out bytes.Buffer
	b := &bench{config: config{dir: t.TempDir(), rounds: 2}, out: &out, store: s, sitting: "now", build: "1"}
	var ran []string
	does := func(name string, wall float64, ours bool) side {
		return side{name: name, ours: ours, do: func(_ context.Context, j job) (result, error) {
			ran = append(ran, name)
			return result{Cost: cost{Wall: wall * float64(j.round)}, Facts: map[string]float64{"over_cap": 1}}, nil
		}}
	}
	r := row{name: "r", inputs: []string{"none"}, sides: []side{does(sideOurs, 1, true), does(sideHand, 4, false)}, gates: []gate{{what: "wall", over: sideHand, must: 0.2}, {what: "over_cap", none: true}}}
	require.NoError(t, b.row(t.Context(), r))
	require.Equal(t, []string{sideOurs, sideHand, sideOurs, sideHand}, ran)
	require.NoError(t, b.row(t.Context(), r))
	require.Len(t, ran, 4, "nothing is measured twice")
	require.NoError(t, b.print(r))
	require.Contains(t, out.String(), "wall, clipcase / hand: 0.250 [0.250–0.250]  MISSED, must be ≤ 0.2")
	require.Contains(t, out.String(), "MISSED, must be 0")
	b.build = "2"
	require.NoError(t, b.row(t.Context(), r))
	require.Equal(t, []string{sideOurs, sideOurs}, ran[4:], "another program is measured anew, the hand's work is not")
}

// What a process below the first one takes is counted, and told from the first one's own.
func TestMeasureSeesChildren(t *testing.T) {
	t.Parallel()
	c, runs, err := measure(exec.Command("sh", "-c", "ffmpeg -v error -f lavfi -i testsrc2=s=1280x720:r=60:d=3 -f null -; true"))
	require.NoError(t, err)
	require.Greater(t, c.CPU, 0.02)
	require.Less(t, c.Own, c.CPU)
	require.Greater(t, c.Peak, int64(10e6))
	seen := ""
	for _, r := range runs {
		seen += strings.Join(r, " ") + "\n"
	}
	require.Contains(t, seen, "testsrc2")
	_, _, err = measure(exec.Command("sh", "-c", "echo why >&2; exit 4"))
	require.ErrorContains(t, err, "why")
}

func TestReading(t *testing.T) {
	t.Parallel()
	require.Equal(t, 2, distance([]rune("封禁通知"), []rune("封号通知书")))
	require.Equal(t, 4, distance([]rune("封禁通知"), nil))
	require.Equal(t, "账号2026ok", string(letters("账 号, 2026 OK!")))
	require.InDelta(t, 0.5, found([]rune("账号封"), []rune("我的账号"), ""), 1e-9)
	require.InDelta(t, 1, found([]rune("账号封"), []rune("我的账号"), "账号"), 1e-9)
	require.InDelta(t, 2.5, median([]float64{4, 1, 2, 3}), 1e-9)
}

func TestRowsAreFoundByName(t *testing.T) {
	t.Parallel()
	got, err := choose(rows(), "dm:screen, odd")
	require.NoError(t, err)
	require.Len(t, got, 2)
	require.Equal(t, []string{"screen"}, got[0].inputs)
	_, err = choose(rows(), "nonsense")
	require.ErrorContains(t, err, "odd")
	got, err = choose(rows(), "")
	require.NoError(t, err)
	require.Len(t, got, len(rows())-1, "odd files come when they are asked for")
	for _, r := range rows() {
		for _, name := range r.inputs {
			_, known := makers()[name]
			require.True(t, known || name == "none", name)
		}
	}
}

// By hand means fixed commands: sizes and rates follow from the recording.
func TestByHand(t *testing.T) {
	t.Parallel()
	c := clip{path: "in.mp4", width: 1080, height: 2340, fps: 60, seconds: 30}
	all := messages(c)
	require.Len(t, all, 3)
	require.Equal(t, 3904, all[0].kbps, "15 MB in 30 s, less the sound")
	w, h := all[0].size(c)
	require.Equal(t, []int{720, 1560}, []int{w, h})
	passes := all[1].twoPass(job{bench: &bench{}, input: c, dir: "out"})
	require.Len(t, passes, 2)
	second := strings.Join(passes[1], " ")
	require.Contains(t, second, "-ss 10 -t 10 -i in.mp4 -vf fps=30,scale=720:1560,format=yuv420p -preset medium -b:v 3904k -c:v libx265")
	require.Contains(t, second, "pass=2")
	require.Equal(t, 9472, mail(c).kbps)
	start, length := c.middle()
	require.Equal(t, []float64{10, 10}, []float64{start, length})
	require.Contains(t, strings.Join(all[1].handBrake(job{bench: &bench{}, input: c, dir: "out"}), " "), "--start-at seconds:10 --stop-at seconds:10")
}

// The odd files are the same ones everywhere, and differ.
func TestOddFilesAreFixed(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i := range 200 {
		spec, channels := oddSpec(i)
		again, _ := oddSpec(i)
		require.Equal(t, spec, again)
		require.Len(t, channels, 2)
		require.NotEqual(t, channels[0], channels[1])
		seen[strings.Join(append(channels, string(spec.Codec), spec.Ext), " ")] = true
	}
	require.Greater(t, len(seen), 100)
	long, _ := oddSpec(stressed - 1)
	require.True(t, long.Noise)
	require.GreaterOrEqual(t, long.Seconds, 12.0)
}
