package ffmpeg

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

// A recording with a hole is better than none: it is read with tolerance, and
// the piece says so.
func TestDamagedIsSaid(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "original")
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x568:d=3", "-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart", "-f", "mp4", path).CombinedOutput()
	require.NoError(t, err, string(out))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	half, rest := len(data)/2, len(data)*3/4
	copy(data[half:rest], bytes.Repeat([]byte{0}, rest-half))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	made, _ := render(t, path, nil, media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole})
	require.True(t, made[0].Damaged)
	require.InDelta(t, 3, made[0].Duration, 0.04)
}

// A moment that cannot be read any more costs its own piece, not those that
// come after it.
func TestUnreadableMomentLeavesTheRest(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "original")
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=2:r=30", "-c:v", "libx264", "-movflags", "+faststart", "-f", "mp4", path).CombinedOutput()
	require.NoError(t, err, string(out))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	half := len(data) / 2
	copy(data[half:], make([]byte, len(data)-half))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	still := func(name string, at float64) media.Piece {
		return media.Piece{Name: name, Kind: media.KindImage, Codec: "mjpeg", Range: media.Range{Start: at, End: at}, Width: 320, Height: 240}
	}
	made, err := e.Render(t.Context(), media.Job{Path: path, Probe: probe, Dir: t.TempDir(), Pieces: []media.Piece{still("a.jpg", 0.4), still("b.jpg", 1.9), still("c.jpg", 0.2)}}, nil, nil)
	var refused *media.Refusal
	require.ErrorAs(t, err, &refused)
	require.Equal(t, media.RefusedUnreadable, refused.Code)
	require.Len(t, made, 2)
	require.Equal(t, "c.jpg", made[1].File)
}

// A recording that breaks off in the middle of a stretch gives what is there,
// and the piece's range says where it ends.
func TestBrokenStretchEndsEarly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "original")
	out, err := exec.Command("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:d=12:r=10", "-c:v", "libx264", "-preset", "ultrafast", "-g", "10", "-movflags", "+faststart", "-f", "mp4", path).CombinedOutput()
	require.NoError(t, err, string(out))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	half := len(data) / 2
	copy(data[half:], make([]byte, len(data)-half))
	require.NoError(t, os.WriteFile(path, data, 0o600))
	made, _ := render(t, path, nil, media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole})
	require.True(t, made[0].Damaged)
	require.Less(t, made[0].Duration, 9.0)
	require.InDelta(t, made[0].Duration, made[0].Piece.Range.Length(), 0.11)
}
