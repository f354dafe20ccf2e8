package media

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	piece := Piece{Name: "p.mp4", Kind: KindVideo, Codec: "hevc", Range: Range{Start: 10, End: 20}, Width: 720, Height: 1560, FPS: 30, MaxBytes: 1000, Bitrate: 800}
	good := Made{Piece: piece, Bytes: 1000, Width: 720, Height: 1560, Duration: 10, FPS: 30, Codec: "hevc"}
	require.NoError(t, Check(piece, good))
	for name, spoil := range map[string]func(*Made){
		"empty":     func(m *Made) { m.Bytes = 0 },
		"one over":  func(m *Made) { m.Bytes = 1001 },
		"codec":     func(m *Made) { m.Codec = "h264" },
		"wider":     func(m *Made) { m.Width = 722 },
		"odd":       func(m *Made) { m.Width = 719 },
		"no size":   func(m *Made) { m.Height = 0 },
		"faster":    func(m *Made) { m.FPS = 31 },
		"too short": func(m *Made) { m.Duration = 9.96 },
		"too long":  func(m *Made) { m.Duration = 10.04 },
		"bits":      func(m *Made) { m.Duration, m.Bytes = 9.97, 999+1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := good
			spoil(&m)
			require.Error(t, Check(piece, m))
		})
	}
	smaller := good
	smaller.Width, smaller.Height, smaller.FPS, smaller.Bytes = 360, 780, 15, 500
	require.NoError(t, Check(piece, smaller), "less is allowed")
	for _, f := range Fits(piece, good) {
		require.True(t, f.OK(), f.Limit)
		require.NotEmpty(t, f.Limit)
	}
}
