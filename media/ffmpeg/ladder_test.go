package ffmpeg

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

func long(seconds float64, change func(*media.Piece)) ladder {
	p := media.Piece{Kind: media.KindVideo, Codec: "h264", Range: media.Range{End: seconds}, Width: 720, Height: 1560, FPS: 30, Audio: 96_000}
	if change != nil {
		change(&p)
	}
	return newLadder(p, 120_000_000)
}

// What two mailboxes want of half a minute begins alike, though one takes half
// of what the other does: then it is one file.
func TestFirstAttemptsAreAlike(t *testing.T) {
	t.Parallel()
	large := long(30, func(p *media.Piece) { p.MaxBytes = 35_200_000 })
	small := long(30, func(p *media.Piece) { p.MaxBytes = 17_200_000 })
	require.Equal(t, large.first().bits, small.first().bits)
	require.Equal(t, large.first().crf, small.first().crf)
	quiet := long(30, func(p *media.Piece) { p.Bitrate = 1_500_000 })
	require.Greater(t, quiet.first().bits, int64(3*1_500_000), "busy moments take from quiet ones")
	short := long(10, func(p *media.Piece) { p.Target = 5_000_000 })
	require.Less(t, short.first().bits, int64(1.5*4_000_000), "a short piece lands within its limit at once")
}

// A first attempt that left much of its room is raised, never beyond what the
// limit allows at the steepest slope measured; one near its limit stays.
func TestRaised(t *testing.T) {
	t.Parallel()
	l := long(30, func(p *media.Piece) { p.MaxBytes = 36_000_000 })
	first := l.first()
	better, ok := l.raised(first, 12_000_000)
	require.True(t, ok)
	require.Less(t, better.crf, first.crf)
	require.GreaterOrEqual(t, better.crf, first.crf-mostRaised)
	_, ok = l.raised(first, 30_000_000)
	require.False(t, ok)
	_, ok = long(30, nil).raised(first, 1_000_000)
	require.False(t, ok, "without a limit quality is what the recipe says")
}

// However an attempt comes out, the next one asks for less, pictures and size
// never fall below what can be read, and the ladder ends.
func TestLadderDescends(t *testing.T) {
	t.Parallel()
	for _, limit := range []int64{20_000, 200_000, 1_500_000, 6_000_000} {
		for _, over := range []float64{1.01, 1.5, 4, 40} {
			l := long(10, func(p *media.Piece) { p.MaxBytes = limit })
			at := l.first()
			for range 2 * maxTries {
				next, ok := l.next(at, int64(float64(limit)*over)+l.audio)
				if !ok {
					break
				}
				require.LessOrEqual(t, next.room, at.room)
				require.LessOrEqual(t, next.fps, at.fps)
				require.LessOrEqual(t, next.width*next.height, at.width*at.height)
				require.GreaterOrEqual(t, next.fps, media.MinFPS)
				require.GreaterOrEqual(t, min(next.width, next.height), media.MinShortSide)
				require.NotEqual(t, at, next)
				at = next
			}
			_, worst := codecCRF("h264")
			require.LessOrEqual(t, at.crf, worst)
		}
	}
}
