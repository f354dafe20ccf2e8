package ffmpeg

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

func TestLadderNear(t *testing.T) {
	t.Parallel()
	l := newLadder(media.Piece{Kind: media.KindVideo, Codec: "hevc", Range: media.Range{End: 10}, Width: 720, Height: 1560, FPS: 30, MaxBytes: 6_000_000}, 0)
	best := l.first().crf
	room := float64(l.aim())
	for name, row := range map[string]struct {
		foreseen float64
		least    float64
		most     float64
	}{
		"a screen":                  {0.5 * room, best, best},
		"grain that fits":           {0.9 * room, best, best},
		"grain a little too large":  {1.1 * room, best + 0.3, best + 1},
		"twice as much as it may":   {2 * room, best + 2.5, best + 3},
		"far more than can be made": {1e4 * room, 36, 36},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := l.near(row.foreseen)
			require.GreaterOrEqual(t, at.crf, row.least)
			require.LessOrEqual(t, at.crf, row.most)
			require.Equal(t, name == "a screen", at.quiet)
		})
	}
}
