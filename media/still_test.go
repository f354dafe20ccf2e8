package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A screen on which hardly anything changed is not shown twice while others
// wait.
func TestStillsDiffer(t *testing.T) {
	t.Parallel()
	p := Probe{Kind: KindVideo, Duration: 20, Width: 720, Height: 1280, FPS: 30, Frames: 600,
		Settled: []float64{0.5, 2, 4, 6, 8, 10, 12, 18}, Changed: []float64{900, 1, 1, 800, 1, 700, 1, 900}}
	s := Source{Probe: p}
	four := moment(s, Range{End: 20}, 4)
	require.Equal(t, []float64{0.5, 6}, four[:2])
	require.Contains(t, []float64{10, 12}, four[2], "these two are one screen")
	require.Equal(t, 18.0, four[3])
	require.Equal(t, moment(s, Range{End: 20}, 4), moment(s, Range{End: 20}, 4), "equal input, equal stills")
	require.Equal(t, []float64{0.5}, moment(s, Range{End: 20}, 1))
	require.Len(t, moment(s, Range{End: 20}, 7), 7)
	require.Len(t, moment(s, Range{End: 20}, 9), 8, "there are no more")
	s.Probe.Changed = nil
	require.Len(t, moment(s, Range{End: 20}, 4), 4)
}

// Of a whole recording half of the stills lie in the key moment.
func TestStillsOfTheKeyMomentAreDense(t *testing.T) {
	t.Parallel()
	p := Probe{Kind: KindVideo, Duration: 180, Width: 720, Height: 1280, FPS: 30, Frames: 5400}
	for at := 1.0; at < 180; at += 3 {
		p.Settled, p.Changed = append(p.Settled, at), append(p.Changed, 10)
	}
	key := Range{Start: 100, End: 110}
	out := tellingMoments(Source{Probe: p, Key: &key}, TakeWhole, 6)
	inside := 0
	for i, at := range out {
		if at >= key.Start && at < key.End {
			inside++
		}
		require.True(t, i == 0 || at > out[i-1])
	}
	require.Len(t, out, 6)
	require.Equal(t, 3, inside)
	require.Less(t, out[0], key.Start)
	require.GreaterOrEqual(t, out[5], key.End)
}
