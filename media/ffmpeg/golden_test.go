package ffmpeg

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/semaphore"

	"clipcase/flows/catalog"
	"clipcase/internal/testclips"
	"clipcase/media"
)

var update = flag.Bool("update", false, "write the golden files anew")

// inputs are six kinds of recordings as measuring them would tell.
func inputs() []struct {
	name  string
	probe media.Probe
} {
	sound := &media.Audio{Stream: 1, Codec: "aac", Rate: 44100, Channels: 2}
	portrait := media.Probe{Kind: media.KindVideo, Duration: 30, Last: 29.98, Width: 1080, Height: 2340, FPS: 60, Frames: 1800, Bytes: 120e6, PixFmt: "yuv420p", Codec: "h264", Audio: sound, Settled: []float64{0.4, 4, 9.5, 17, 22, 28.8}}
	landscape := portrait
	landscape.Width, landscape.Height, landscape.FPS, landscape.Frames, landscape.Bytes = 1920, 1080, 29.97, 899, 45e6
	square := landscape
	square.Width, square.Height, square.Duration, square.Last, square.Rotation, square.Offset = 719, 719, 12.4, 12.36, 90, 0.25
	long := portrait
	long.Duration, long.Last, long.FPS, long.VFR, long.Frames, long.Bytes, long.Width, long.Height = 185.2, 170, 14.2, true, 2600, 37e6, 720, 1280
	hdr := landscape
	hdr.Codec, hdr.PixFmt, hdr.Transfer, hdr.FPS, hdr.Frames = "hevc", "yuv420p10le", "smpte2084", 60, 1800
	short := media.Probe{Kind: media.KindVideo, Duration: 0.3, Last: 0.2, Width: 320, Height: 240, FPS: 10, Frames: 3, Bytes: 20e3, PixFmt: "yuvj420p", Codec: "mjpeg"}
	return []struct {
		name  string
		probe media.Probe
	}{{"portrait, 60 fps", portrait}, {"landscape", landscape}, {"square of odd size, turned, late", square}, {"long, variable rate", long}, {"10 bit, HDR", hdr}, {"short, silent, full range", short}}
}

// saying is a tool that tells its arguments and fails.
const saying = "#!/bin/sh\nprintf ' %s' \"$@\" >&2\nexit 1\n"

// planned are the channels whose plans are held to the golden file: between them
// they use all that recipes can ask for of a recording. One that is added to the
// catalogue changes nothing here; its limits and recipes stand in its own golden
// file there.
func planned() []string {
	return []string{"douyin-app", "douyin-dm", "email", "email-25mb", "wechat", "douyin-ads", "douyin-shop", "booklet", "generic"}
}

// TestPlansAndArguments holds these channels' plans of every kind of recording,
// and what ffmpeg is first asked for each recipe, to one file that people can
// look through. A change of settings is a change of it.
func TestPlansAndArguments(t *testing.T) {
	t.Parallel()
	words, err := catalog.Load("")
	require.NoError(t, err)
	tool := filepath.Join(t.TempDir(), "ffmpeg")
	require.NoError(t, os.WriteFile(tool, []byte(saying), 0o755))
	e := engine(t)
	e.ffmpeg, e.threads, e.budget, e.side = tool, 2, semaphore.NewWeighted(2), semaphore.NewWeighted(2)
	path := testclips.Make(t, testclips.Spec{Frames: 1, Silent: true})
	var out strings.Builder
	known := map[string]int{}
	for _, id := range planned() {
		channel, ok := words.Channel(id)
		require.True(t, ok, id)
		for _, in := range inputs() {
			fmt.Fprintf(&out, "== %s: %s\n", channel.ID, in.name)
			wish := media.Wish{Recipes: ofRecordings(channel.Tiers[0].Recipes), Prefix: "p", Source: "catalogue", MaxFiles: channel.MaxFiles, Caption: func(int, int, int, float64) string { return "words" }}
			if channel.Overlay == "label" {
				wish.Label = "label"
			}
			source := media.Source{Probe: in.probe}
			if in.probe.Duration > media.WholeUpTo {
				source.Key = &media.Range{Start: 42, End: 57}
			}
			plan, err := media.Plan([]media.Source{source}, wish)
			require.NoError(t, err)
			var asked []string
			for _, p := range plan[0] {
				fmt.Fprintf(&out, "%s %s %g-%g %d×%d %g fps, max %d want %d rate %d sound %d label %q caption %t time %t\n", p.Name, p.Codec, p.Range.Start, p.Range.End,
					p.Width, p.Height, p.FPS, p.MaxBytes, p.Target, p.Bitrate, p.Audio, p.Label, p.Caption != "", p.Timecode)
				kind := fmt.Sprint(p.Kind, p.Codec)
				if slices.Contains(asked, kind) {
					continue
				}
				asked = append(asked, kind)
				args := e.asks(t, path, in.probe, p)
				if n, ok := known[args]; ok {
					fmt.Fprintf(&out, "  as %d\n", n)
					continue
				}
				known[args] = len(known) + 1
				fmt.Fprintf(&out, "  %d: %s\n", known[args], args)
			}
		}
	}
	golden := filepath.Join("testdata", "plans.golden")
	if *update {
		require.NoError(t, os.WriteFile(golden, []byte(out.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, strings.Split(string(want), "\n"), strings.Split(out.String(), "\n"), "go test ./media/ffmpeg -run PlansAndArguments -update, and look at what changed")
}

var patternWork = regexp.MustCompile(`\.work-\d+|(piece|run)-\d{3,}`)

// asks is what ffmpeg is asked first for a piece. Reading counts as damaged, so
// that the strict try before is left out.
func (e *Engine) asks(t *testing.T, path string, probe media.Probe, p media.Piece) string {
	t.Helper()
	probe.Damaged = true
	dir := t.TempDir()
	_, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Dir: dir, Pieces: []media.Piece{p}}, nil, nil)
	var f *failure
	require.True(t, errors.As(err, &f), "%s: %v", p.Name, err)
	said := strings.NewReplacer(path, "ORIGINAL", dir, "DIR", e.font, "FONT").Replace(f.Said)
	require.Contains(t, said, "-i file:ORIGINAL")
	return patternWork.ReplaceAllString(strings.Join(strings.Fields(said), " "), "WORK$1")
}

// ofRecordings are the recipes of what is made of recordings; documents are put
// together from other pieces.
func ofRecordings(all []media.Recipe) []media.Recipe {
	return slices.DeleteFunc(slices.Clone(all), func(r media.Recipe) bool {
		return r.Compare || r.Kind != media.KindVideo && r.Kind != media.KindGIF && r.Kind != media.KindImage
	})
}
