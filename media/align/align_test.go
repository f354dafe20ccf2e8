package align_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
	"clipcase/media/align"
)

// Ten copies of different recordings, each changed in its own way and shifted by
// -30 to +30 seconds.
func TestKnownOffsetsAreFound(t *testing.T) {
	t.Parallel()
	music := newWorld(99)
	right := 0
	for i, c := range []struct {
		name   string
		offset float64
		left   camera
		right  camera
		by     align.By
	}{
		{"as it is", 0, camera{length: 45}, camera{}, align.BySound},
		{"coded anew", 30, camera{length: 45}, camera{length: 60, grain: 6, noise: 60}, align.BySound},
		{"the copy begins later in it", -30, camera{length: 60}, camera{length: 45, grain: 6, noise: 60, dark: true}, align.BySound},
		{"cut", 12.34, camera{length: 45}, camera{part: [4]float64{0.1, 0.1, 0.8, 0.8}, grain: 3}, align.BySound},
		{"resampled and recorded in a noisy room", -7.77, camera{length: 45}, camera{soft: true, noise: 400, rate: 5}, align.BySound},
		{"other sound", 21.3, camera{length: 45}, camera{length: 60, over: music, grain: 4}, align.ByPicture},
		{"without sound", -19.6, camera{length: 45}, camera{mute: true, grain: 4, rate: 5}, align.ByPicture},
		{"mirrored, without sound", 4.4, camera{length: 45, mute: true}, camera{mirrored: true, dark: true, grain: 4}, align.ByPicture},
		{"cut to a phone's shape, other sound", -11.1, camera{length: 60}, camera{part: [4]float64{0.34, 0, 0.32, 1}, over: music, grain: 3}, align.ByPicture},
		{"black pictures", 28.5, camera{length: 45}, camera{part: [4]float64{5, 5, 1e-9, 1e-9}, noise: 60}, align.BySound},
	} {
		w := newWorld(uint64(i))
		c.right.from = -c.offset
		if c.right.length == 0 {
			c.right.length = c.left.length
		}
		found := align.Find(w.record(c.left), w.record(c.right))
		t.Logf("%s: %+v", c.name, found)
		if math.Abs(found.Offset-c.offset) <= 0.1 && found.By == c.by {
			right++
		} else {
			t.Logf("%s: want %v by %s", c.name, c.offset, c.by)
		}
	}
	require.GreaterOrEqual(t, right, 10)
}

// tone is a sound without pictures.
func tone(f func(t float64) float64) media.Trace {
	var out media.Trace
	for i := range 40 * media.TraceRate {
		out.Sound = append(out.Sound, int16(f(float64(i)/media.TraceRate)))
	}
	return out
}

// What has nothing in common, or nothing to tell one moment from another, is not
// laid beside each other.
func TestNotSure(t *testing.T) {
	t.Parallel()
	bang := func(at float64) media.Trace {
		return tone(func(t float64) float64 {
			if t < at {
				return 0
			}
			return 8000 * math.Exp(-20*(t-at)) * math.Sin(2000*(t-at))
		})
	}
	beat := func(shift float64) media.Trace {
		return tone(func(t float64) float64 {
			phase := math.Mod(t+shift, 0.5)
			return 8000 * math.Exp(-20*phase) * math.Sin(2000*phase)
		})
	}
	random := rand.New(rand.NewPCG(1, 2))
	hiss := func() media.Trace { return tone(func(float64) float64 { return 500 * random.NormFloat64() }) }
	one := newWorld(40).record(camera{length: 40})
	for name, pair := range map[string][2]media.Trace{
		"one bang each":   {bang(10), bang(20)},
		"the same beat":   {beat(0), beat(0.2)},
		"one tone":        {tone(func(t float64) float64 { return 3000 * math.Sin(2765*t) }), tone(func(t float64) float64 { return 3000 * math.Sin(2765*t+1) })},
		"noise":           {hiss(), hiss()},
		"silence":         {tone(func(float64) float64 { return 0 }), hiss()},
		"nothing":         {{}, {}},
		"too short":       {newWorld(3).record(camera{length: 3}), newWorld(3).record(camera{length: 3})},
		"nothing in one":  {one, {}},
		"the same colour": {{Pictures: make([]byte, 400*media.TraceSide*media.TraceSide)}, {Pictures: make([]byte, 400*media.TraceSide*media.TraceSide)}},
	} {
		found := align.Find(pair[0], pair[1])
		require.Equal(t, align.ByNothing, found.By, "%s: %+v", name, found)
		require.Less(t, found.Confidence, align.Sure, name)
		require.Zero(t, found.Offset, name)
	}
	for i := range uint64(3) {
		other := newWorld(50 + i).record(camera{length: 40, grain: 4, noise: 50, soft: i%2 == 0, rate: 5})
		found := align.Find(one, other)
		t.Logf("other %d: %+v", i, found)
		require.Equal(t, align.ByNothing, found.By, "%d: %+v", i, found)
	}
}

func TestCurveTellsWhereTheyAreAlike(t *testing.T) {
	t.Parallel()
	w, other := newWorld(5), newWorld(6)
	mean := func(values []float64) float64 {
		sum := 0.0
		for _, v := range values {
			sum += v / float64(len(values))
		}
		return sum
	}
	left := w.record(camera{length: 20, mute: true})
	for name, c := range map[string]camera{
		"the same": {}, "cut": {part: [4]float64{0.1, 0.2, 0.8, 0.8}}, "mirrored": {mirrored: true}, "dark": {dark: true, grain: 4}, "upright": {part: [4]float64{0.34, 0, 0.32, 1}},
	} {
		c.from, c.length, c.mute = -5, 25, true
		copied := w.record(c)
		require.Greater(t, mean(align.Curve(left, copied, 0, 5, 20)), 0.9, name)
		wrong := mean(align.Curve(left, copied, 0, 0, 20))
		require.Less(t, wrong, 0.6, name)
	}
	// Half of it is taken over, then it goes on by itself.
	half := w.record(camera{length: 10, mute: true})
	half.Pictures = append(half.Pictures, other.record(camera{from: 10, length: 5, mute: true}).Pictures...)
	curve := align.Curve(left, half, 0, 0, 20)
	require.Len(t, curve, 20*align.CurveRate)
	require.Greater(t, mean(curve[:18]), 0.9)
	require.Less(t, mean(curve[22:30]), 0.6)
	require.Zero(t, mean(curve[31:]), "where one has ended nothing is alike")
	require.Empty(t, align.Curve(left, half, 0, 0, 0))
}
