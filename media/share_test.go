package media

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// However much changes where: the sums hold, no piece passes its own limit, no
// piece starves, and what is to be shared is used up as far as limits allow.
func TestSharesKeepTheirSums(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	recipe := Recipe{Kind: KindVideo, Codec: "hevc", Take: TakeKey, SegmentSeconds: 10, MaxPieces: 6, ShortSide: 720, FPS: 30,
		MaxBytes: 6_000_000, WantTotalBytes: 15_000_000, MaxTotalBytes: 18_000_000}
	for range 2000 {
		var sources []Source
		for range 1 + random.IntN(2) {
			s := Source{Probe: Probe{Kind: KindVideo, Duration: 0.2 + 60*random.Float64(), Width: 1080, Height: 2340, FPS: 60}}
			for at := random.Float64(); at < s.Probe.Duration && random.IntN(20) > 0; at += 0.8 + 5*random.Float64() {
				s.Probe.Settled = append(s.Probe.Settled, at)
				s.Probe.Changed = append(s.Probe.Changed, random.ExpFloat64()*float64(random.IntN(3)))
			}
			sources = append(sources, s)
		}
		plan, err := Plan(sources, Wish{Recipes: []Recipe{recipe}, Prefix: "p"})
		require.NoError(t, err)
		var most, want int64
		count, capped := 0, true
		length := 0.0
		for _, pieces := range plan {
			for _, p := range pieces {
				length += p.Range.Length()
			}
		}
		for _, pieces := range plan {
			for _, p := range pieces {
				require.LessOrEqual(t, p.MaxBytes, int64(recipe.MaxBytes))
				require.LessOrEqual(t, p.Target, p.MaxBytes)
				require.GreaterOrEqual(t, float64(p.MaxBytes)+1, min(6e6, 18e6*(1-byActivity)*p.Range.Length()/length))
				most, want, count = most+p.MaxBytes, want+p.Target, count+1
				capped = capped && p.MaxBytes == int64(recipe.MaxBytes)
			}
		}
		require.LessOrEqual(t, most, int64(recipe.MaxTotalBytes))
		require.LessOrEqual(t, want, int64(recipe.WantTotalBytes))
		require.True(t, capped || most >= int64(recipe.MaxTotalBytes)-int64(count), "%d of %d", most, recipe.MaxTotalBytes)
		require.GreaterOrEqual(t, want, min(most, int64(recipe.WantTotalBytes))-int64(count))
	}
}

// The busy one of three gets all that a piece may have; without knowledge all are
// alike.
func TestBusyPieceTakesWhatQuietOnesLeave(t *testing.T) {
	t.Parallel()
	recipe := Recipe{Kind: KindVideo, Codec: "hevc", SegmentSeconds: 10, ShortSide: 720, FPS: 30, MaxBytes: 6_000_000, WantTotalBytes: 15_000_000, MaxTotalBytes: 18_000_000}
	s := Source{Probe: Probe{Kind: KindVideo, Duration: 30, Width: 1080, Height: 2340, FPS: 60, Settled: []float64{0.5, 10, 19, 29}, Changed: []float64{1, 5, 90, 4}}}
	targets := func() (out []int64) {
		plan, err := Plan([]Source{s}, Wish{Recipes: []Recipe{recipe}, Prefix: "p"})
		require.NoError(t, err)
		for _, p := range plan[0] {
			out = append(out, p.Target)
		}
		return out
	}
	got := targets()
	require.Equal(t, int64(6_000_000), got[1])
	require.InDelta(t, 4_500_000, got[0], 150_000)
	s.Probe.Changed = nil
	require.Equal(t, []int64{5_000_000, 5_000_000, 5_000_000}, targets())
}
