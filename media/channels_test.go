package media_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/media"
)

// TestChannelsPlansHold plans recordings by chance for every channel that there
// is: whatever comes in, the plan keeps the channel's limits and enlarges nothing.
func TestChannelsPlansHold(t *testing.T) {
	t.Parallel()
	words, err := catalog.Load("")
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(2026, 11))
	for _, channel := range words.Channels() {
		for tier, of := range channel.Tiers {
			recipes := ofRecordings(of.Recipes)
			if len(recipes) == 0 {
				continue
			}
			for range 60 {
				sources := make([]media.Source, 1+random.IntN(3))
				for i := range sources {
					sources[i] = oddSource(random)
				}
				plan, err := media.Plan(sources, media.Wish{Recipes: recipes, Prefix: "20261122-CC0042", Label: "标签", MaxFiles: channel.MaxFiles,
					Caption: func(int, int, int, float64) string { return "字" }})
				require.NoError(t, err, "%s, tier %d, %+v", channel.ID, tier, sources)
				holds(t, channel, recipes, sources, plan)
			}
		}
	}
}

// oddSource is a recording or a picture of any size, rate and length.
func oddSource(random *rand.Rand) media.Source {
	side := func() int { return 2 + int(math.Pow(random.Float64(), 3)*8000) }
	p := media.Probe{Kind: media.KindVideo, Width: side(), Height: side(), Bytes: 1 + random.Int64N(2e9)}
	if random.IntN(5) == 0 {
		p.Kind = media.KindImage
		return media.Source{Probe: p}
	}
	p.Duration = []float64{0.02, 0.5, 10, 10.4, 10.6, 59, 61, 600, 4 * 3600}[random.IntN(9)] * (0.5 + random.Float64())
	p.FPS, p.VFR = 0.2+random.Float64()*239, random.IntN(3) == 0
	p.Frames, p.Rotation = 1+int(p.Duration*p.FPS), random.IntN(4)*90
	if random.IntN(2) == 0 {
		p.Audio = &media.Audio{Stream: 1, Codec: "aac", Rate: 44100, Channels: 1 + random.IntN(8)}
	}
	s := media.Source{Probe: p}
	if random.IntN(2) == 0 {
		start := random.Float64() * p.Duration
		s.Key = &media.Range{Start: start, End: math.Min(p.Duration, start+random.Float64()*90)}
		if s.Key.Length() < 0.01 {
			s.Key = nil
		}
	}
	return s
}

func holds(t *testing.T, channel catalog.Channel, recipes []media.Recipe, sources []media.Source, plan [][]media.Piece) {
	t.Helper()
	require.Len(t, plan, len(sources))
	names, totals := map[string]bool{}, make([]int64, len(recipes))
	for i, pieces := range plan {
		p := sources[i].Probe
		for _, x := range pieces {
			about := []any{"%s: %+v of %+v", channel.ID, x, p}
			require.False(t, names[x.Name], about...)
			names[x.Name] = true
			require.Equal(t, strings.Map(ascii, x.Name), x.Name, about...)
			recipe := recipeOf(recipes, x)
			require.GreaterOrEqual(t, recipe, 0, about...)
			r := recipes[recipe]
			totals[recipe] += x.MaxBytes
			require.Zero(t, x.Width%2+x.Height%2, about...)
			height := x.Height
			if x.Caption != "" {
				height -= media.CaptionBar(x.Width)
			}
			require.LessOrEqual(t, x.Width, max(2, p.Width), about...)
			require.LessOrEqual(t, height, max(2, p.Height), about...)
			if r.ShortSide > 0 {
				require.LessOrEqual(t, min(x.Width, x.Height), r.ShortSide, about...)
			}
			if r.LongSide > 0 {
				require.LessOrEqual(t, max(x.Width, x.Height), r.LongSide, about...)
			}
			if r.MaxBytes > 0 {
				require.Positive(t, x.MaxBytes, about...)
				require.LessOrEqual(t, x.MaxBytes, int64(r.MaxBytes), about...)
				require.LessOrEqual(t, x.Target, x.MaxBytes, about...)
			}
			if r.FPS > 0 {
				require.LessOrEqual(t, x.FPS, r.FPS, about...)
			}
			if r.Kind != media.KindImage && !p.VFR {
				require.LessOrEqual(t, x.FPS, math.Max(1, p.FPS+0.5), about...)
			}
			require.LessOrEqual(t, x.Audio, r.Audio, about...)
			require.GreaterOrEqual(t, x.Range.Start, 0.0, about...)
			require.LessOrEqual(t, x.Range.Start, x.Range.End, about...)
			over := 1e-9
			if x.Kind == media.KindImage {
				over = 0.005 // a still's moment is written in hundredths
			}
			require.LessOrEqual(t, x.Range.End, p.Duration+over, about...)
			if r.SegmentSeconds > 0 {
				require.LessOrEqual(t, x.Range.Length(), r.SegmentSeconds+media.TailJoins+1e-9, about...)
			}
		}
	}
	for i, r := range recipes {
		if r.MaxTotalBytes > 0 {
			require.LessOrEqual(t, totals[i], int64(r.MaxTotalBytes), "%s: sum of recipe %d", channel.ID, i)
		}
	}
}

// recipeOf finds the recipe of a piece: no channel has two alike in kind, codec
// and whether they are made on request.
func recipeOf(recipes []media.Recipe, x media.Piece) int {
	for i, r := range recipes {
		extra := strings.Contains(x.Name, "-"+x.Codec+".")
		if r.Kind == x.Kind && r.OnRequest == extra && (r.Kind != media.KindVideo || r.Codec == x.Codec) {
			return i
		}
	}
	return -1
}

func ascii(r rune) rune {
	if r > ' ' && r < 0x7f && r != '/' {
		return r
	}
	return -1
}

// ofRecordings are the recipes of what is made of recordings; documents are put
// together from other pieces.
func ofRecordings(all []media.Recipe) []media.Recipe {
	return slices.DeleteFunc(slices.Clone(all), func(r media.Recipe) bool {
		return r.Kind != media.KindVideo && r.Kind != media.KindGIF && r.Kind != media.KindImage
	})
}
