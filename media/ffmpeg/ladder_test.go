package ffmpeg

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

func long(seconds float64, change func(*media.Piece)) *ladder {
	p := media.Piece{Kind: media.KindVideo, Codec: "h264", Range: media.Range{End: seconds}, Width: 720, Height: 1560, FPS: 30, Audio: 96_000}
	if change != nil {
		change(&p)
	}
	l := newLadder(p, 120_000_000)
	return &l
}

// What two mailboxes want of half a minute begins alike, though one takes half
// of what the other does: then it is one file.
func TestFirstAttemptsAreAlike(t *testing.T) {
	t.Parallel()
	large := long(30, func(p *media.Piece) { p.MaxBytes = 35_200_000 })
	larger := long(30, func(p *media.Piece) { p.MaxBytes = 50_000_000 })
	require.Equal(t, large.first(), larger.first(), "one file for both")
	require.Equal(t, large.first(), long(30, nil).first(), "and for whoever has no limit")
	small := long(30, func(p *media.Piece) { p.MaxBytes = 17_200_000 })
	require.Equal(t, large.first().bits, small.first().bits)
	require.Equal(t, large.first().crf+better, small.first().crf, "which has less room")
	quiet := long(30, func(p *media.Piece) { p.Bitrate = 1_500_000 })
	require.Greater(t, quiet.first().bits, int64(3*1_500_000), "busy moments take from quiet ones")
	short := long(10, func(p *media.Piece) { p.Target = 5_000_000 })
	require.Less(t, short.first().bits, int64(1.5*4_000_000), "a short piece lands within its limit at once")
}

// Two that differ in nothing but their room begin as the one with less, and are one
// file. If that is not as good as the original, the one with more begins as it would
// have alone; nothing else is drawn along.
func TestTwinsBeginAlike(t *testing.T) {
	t.Parallel()
	open := map[int]*contender{}
	for i, change := range []func(*media.Piece){
		func(p *media.Piece) { p.MaxBytes = 35_200_000 },
		func(p *media.Piece) { p.MaxBytes = 17_200_000 },
		func(p *media.Piece) { p.MaxBytes, p.Timecode = 35_200_000, true },
	} {
		l := long(30, change)
		open[i] = &contender{task: task{piece: l.piece}, ladder: *l, at: l.first()}
	}
	alone := open[0].at
	agree(open)
	require.Equal(t, open[1].version(), open[0].version())
	require.Equal(t, alone.crf+better, open[0].at.crf)
	require.Equal(t, alone, open[2].at, "another picture is another file")

	_, more, fits := open[0].ladder.step(open[0].at, 12_000_000, 1, func() bool { return true })
	require.False(t, more)
	require.True(t, fits)
	at, more, _ := open[0].ladder.step(open[0].at, 12_000_000, 1, func() bool { return false })
	require.True(t, more)
	require.Equal(t, alone, at)
	at, more, _ = open[1].ladder.step(open[1].at, 12_000_000, 1, func() bool { return false })
	require.True(t, more)
	require.Less(t, at.crf, open[1].at.crf, "what has less room is raised as ever")

	// Where the coarser one has missed, or hardly has room, the finer one is not tried.
	poor := func() bool { return false }
	missed := ladder{piece: open[0].piece, hard: 35_200_000, alone: &alone}
	at, more, _ = missed.step(open[1].at, 40_000_000, 1, poor)
	require.True(t, more)
	at, more, fits = missed.step(at, 33_500_000, 2, poor)
	require.False(t, more, "%v", at)
	require.True(t, fits)
	full := ladder{piece: open[0].piece, hard: 35_200_000, alone: &alone}
	_, more, fits = full.step(open[1].at, 33_500_000, 1, poor)
	require.False(t, more)
	require.True(t, fits)
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
	_, ok = l.raised(first, 32_000_000)
	require.False(t, ok)
	_, ok = long(30, nil).raised(first, 1_000_000)
	require.False(t, ok, "without a limit quality is what the recipe says")
}

// What is foreseen to weigh many times too much begins where it may fit; what is
// foreseen to fit, or nearly, begins at the best quality as ever.
func TestBegin(t *testing.T) {
	t.Parallel()
	l := long(180, func(p *media.Piece) { p.MaxBytes = 35_200_000 })
	require.Equal(t, l.first(), l.begin(40_000_000))
	much := l.begin(6 * 35_200_000)
	require.Greater(t, much.crf, l.first().crf+5)
	require.LessOrEqual(t, l.first().bits, 2*much.bits, "busy moments keep their room")
	require.False(t, much.corrected)
	free := long(180, nil)
	require.Equal(t, free.first(), free.begin(1<<40))
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

// Whatever slope a recording has and however much it weighs: what comes out is never
// over its limit. It uses nine tenths of what it may, or is as good as its original,
// or its ceiling holds it, but for one in twenty: those would need a fourth attempt.
func TestLadderUsesItsRoom(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	poor, three := 0, 0
	const rounds = 4000
	for range rounds {
		seconds := 2 + 58*random.Float64()
		l := long(seconds, func(p *media.Piece) {
			p.MaxBytes = int64(300_000 * (1 + 40*random.Float64()))
			if random.IntN(2) == 0 {
				p.Codec = "hevc"
			}
			if random.IntN(2) == 0 {
				p.Target = p.MaxBytes * 5 / 6
			}
		})
		if l.audio*2 > l.hard {
			continue // its sound alone is too much
		}
		best, _ := codecCRF(l.piece.Codec)
		slope := 5 + 1.1*random.Float64()
		start := l.first()
		weight := float64(l.hard) * math.Exp2(6*random.Float64()-4)
		if weight*8 > grain*float64(start.width*start.height)*start.fps*seconds {
			slope = 2.4 + 0.3*random.Float64()
		}
		clear := best + 8*random.Float64() - 6 // crf from which it is as good as its original
		encode := func(a attempt) int64 {
			bytes := weight * math.Exp2((best-a.crf)/slope) * math.Sqrt(a.fps/start.fps) * math.Pow(float64(a.width*a.height)/float64(start.width*start.height), 0.75)
			return l.audio + int64(math.Min(bytes, float64(a.bits)*seconds/8))
		}
		a, tries := start, 1
		var bytes int64
		var fits bool
		for ; ; tries++ {
			bytes = encode(a)
			next, more, ok := l.step(a, bytes, tries, func() bool { return a.crf <= clear })
			if fits = ok; !more {
				break
			}
			a = next
		}
		require.LessOrEqual(t, tries, maxTries)
		if tries > 2 {
			three++
		}
		if !fits {
			require.Greater(t, bytes, l.hard)
			require.LessOrEqual(t, min(a.width, a.height), media.MinShortSide, "refused before the floor: crf %v of %d bytes, %d allowed, %d tries", a.crf, bytes, l.hard, tries)
			continue
		}
		require.LessOrEqual(t, bytes, l.hard)
		held := float64(bytes-l.audio) >= 0.99*float64(a.bits)*seconds/8
		if a.crf > clear && !held && float64(bytes) < 0.9*float64(l.aim()) {
			poor++
		}
	}
	t.Logf("%d of %d used less than nine tenths, %d took more than two attempts", poor, rounds, three)
	require.Less(t, poor, rounds/20)
}
