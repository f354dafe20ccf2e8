package main

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/internal/testclips"
	"clipcase/media"
)

// lengths are recordings by their paths, in seconds; 0 = a document, below 0 = refused.
type lengths map[string]float64

func (l lengths) Inspect(_ context.Context, path string) (media.Probe, error) {
	switch length := l[path]; {
	case length > 0:
		return media.Probe{Kind: media.KindVideo, Duration: length}, nil
	case length < 0:
		return media.Probe{}, &media.Refusal{Code: media.RefusedTruncated}
	}
	return media.Probe{Kind: media.KindDocument}, nil
}

// A time is read as it is meant: hours only where the recording is that long, the
// number of a file only where there is one. A time beyond the end is wrong usage
// that names the length.
func TestKeyMoment(t *testing.T) {
	t.Parallel()
	words := flowstest.Catalogue(t)
	const hour = 3600.0
	for name, c := range map[string]struct {
		typed   string
		files   []float64
		exhibit string
		start   float64
		says    string // of the mistake
	}{
		"hours of a long recording":   {"2:00:42", []float64{3 * hour}, "", 7240, ""},
		"hours of a short one":        {"2:00:42", []float64{90}, "", 0, "只有 1:30 长"},
		"one hour of a long one":      {"1:00:42", []float64{2 * hour}, "", 3640, ""},
		"the first file, alone":       {"1:00:42", []float64{90}, "", 40, ""},
		"the first file, too late":    {"1:02:42", []float64{90}, "", 0, "只有 1:30 长"},
		"the second of two":           {"2:00:42", []float64{3 * hour, 90}, "b", 40, ""},
		"the second of two, too late": {"2:02:42", []float64{3 * hour, 90}, "b", 0, "只有 1:30 长"},
		"a range in the second":       {"2:00:42-00:52", []float64{10, 90}, "b", 42, ""},
		"a third of two":              {"3:00:42", []float64{90, 90}, "", 0, "只有 1:30 长"},
		"begins beyond the end":       {"1:40-1:50", []float64{90}, "", 0, "只有 1:30 长"},
		"ends beyond the end":         {"1:20-1:40", []float64{90}, "", 0, "只有 1:30 长"},
		"the end as players show it":  {"1:30", []float64{89.6}, "", 88, ""},
		"after a document":            {"0:42", []float64{0, 90}, "", 40, ""},
		"after what cannot be used":   {"0:42", []float64{-1, 90}, "", 40, ""},
		"of no recording":             {"0:42", []float64{0}, "", 40, ""},
		"in words":                    {"42秒", []float64{90}, "", 40, ""},
		"nothing of the kind":         {"2:soon", []float64{90}, "", 0, "看不懂"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &app{words: words, lang: "zh", err: io.Discard}
			seen, files := lengths{}, []prepare.Exhibit(nil)
			for i, length := range c.files {
				id := string(rune('a' + i))
				seen[id] = length
				files = append(files, prepare.Exhibit{ID: id, Path: id, Name: id + ".mp4"})
			}
			key, err := a.keyMoment(t.Context(), seen, c.typed, files)
			if c.says != "" {
				var known *exitError
				require.True(t, errors.As(err, &known))
				require.Equal(t, codeUsage, known.code)
				require.Contains(t, known.text, c.says)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.exhibit, key.Exhibit)
			require.InDelta(t, c.start, key.Range.Start, 0.001)
		})
	}
}

func TestKeyBeyondTheEndMakesNothing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	clip := testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2})
	for _, typed := range []string{"2:00:42", "00:09"} {
		got := clipcase(t, dir, nil, "prepare", "--channel", "douyin-dm", "--key", typed, clip)
		require.Equal(t, codeUsage, got.code, got.err)
		require.Contains(t, got.last(), "0:02")
		require.NoDirExists(t, dir+"/CC0001")
	}
}
