package ffmpeg

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

func TestBesideShowsBoth(t *testing.T) {
	t.Parallel()
	e, dir := engine(t), t.TempDir()
	var sides [2]media.Side
	for i, spec := range []testclips.Spec{{Seconds: 3, VFR: true}, {Seconds: 6, Width: 481, Height: 361, Rotate: 90}} {
		path := testclips.Make(t, spec)
		probe, err := e.Inspect(t.Context(), path)
		require.NoError(t, err)
		sides[i] = media.Side{Path: path, Probe: probe, Start: float64(i), Label: []string{"原创", "疑似侵权"}[i]}
	}
	c := media.Comparison{Left: sides[0], Right: sides[1], Length: 3.5, Height: 480, Lines: []string{"画面按声音对齐", "下面这一行字长得多，所有的字都要小到放得下为止，一个也不少"}}
	for i := range 40 {
		c.Curve = append(c.Curve, 0.5+0.5*math.Sin(float64(i)/4))
	}
	to, done := filepath.Join(dir, "both.mp4"), 0.0
	require.NoError(t, e.Beside(t.Context(), c, func(d float64) { done = d }, to))
	require.InDelta(t, 1, done, 0.1)
	if keep := os.Getenv("KEEP"); keep != "" {
		made, err := os.ReadFile(to)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(keep, "both.mp4"), made, 0o600))
	}
	probe, err := e.Inspect(t.Context(), to)
	require.NoError(t, err)
	require.Greater(t, probe.Height, 480+chartHeight(480))
	require.Nil(t, probe.Audio)
	require.InDelta(t, 3.5, probe.Duration, 0.05, "a recording that ends before stands still")
	text := read(t, to, "0", "crop=iw:60:0:0,scale=iw*3:-1:flags=lanczos")
	require.Contains(t, text, "原创")
	require.Contains(t, text, "疑似侵权")
	require.Contains(t, read(t, to, "0.5", "crop=180:40:iw-270:440,scale=iw*3:-1:flags=lanczos"), "00:00:01.5", "its original's running time")
	require.Contains(t, read(t, to, "3", "crop=iw:66:0:ih-66,scale=iw*3:-1:flags=lanczos"), "一个也不少")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	info, err := os.Stat(to)
	require.NoError(t, err)
	c.MaxBytes, c.Length = info.Size()/3, 1.5
	small := filepath.Join(dir, "small.mp4")
	require.NoError(t, e.Beside(t.Context(), c, func(float64) {}, small))
	info, err = os.Stat(small)
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), c.MaxBytes)
	var refused *media.Refusal
	c.MaxBytes, c.Length = 500, 0.5
	require.ErrorAs(t, e.Beside(t.Context(), c, func(float64) {}, filepath.Join(dir, "none.mp4")), &refused)
	require.Equal(t, media.RefusedCannotFit, refused.Code)
	c.Right = c.Left
	require.Error(t, e.Beside(t.Context(), c, func(float64) {}, to), "a file is opened once")
}
