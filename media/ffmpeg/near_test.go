package ffmpeg

import (
	"os"
	"path/filepath"
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
		"a screen":                  {0.3 * room, best - stillCRF, best - stillCRF},
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

// What quiet pieces leave of a wished sum goes to restless ones behind them, up to
// the limit of each; what those do not take goes on.
func TestPot(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "piece.mp4")
	require.NoError(t, os.WriteFile(file, make([]byte, 1000), 0o600))
	p := &pot{}
	quiet := task{piece: media.Piece{Target: 5000, MaxBytes: 6000}}
	p.draw(&quiet)
	require.Equal(t, int64(5000), quiet.piece.Target)
	p.leave(quiet, file)
	film := quiet
	p.draw(&film)
	require.Equal(t, int64(6000), film.piece.Target, "its own limit")
	require.NoError(t, os.WriteFile(file, make([]byte, 6500), 0o600))
	p.leave(film, file)
	last := quiet
	last.piece.Target, last.piece.MaxBytes = 4000, 0
	p.draw(&last)
	require.Equal(t, int64(7000), last.piece.Target)
	p.leave(last, filepath.Join(t.TempDir(), "none.mp4"))
	free := task{}
	p.bytes = 9
	p.draw(&free)
	require.Zero(t, free.piece.Target, "nothing was wished of it")
}
