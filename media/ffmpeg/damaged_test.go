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
