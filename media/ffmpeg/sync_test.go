package ffmpeg

import (
	"encoding/binary"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/media"
)

// flashes makes a recording whose picture flashes, and whose sound beeps, for
// 0.2 s at 2 and at 4 s of its pictures. Pictures come only when something
// changes, the sound begins early, by so many seconds of the file.
func flashes(t *testing.T, ext string, early float64, vfr bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "flashes."+ext)
	lit := func(t string) string { return fmt.Sprintf("between(%s,2,2.19)+between(%s,4,4.19)", t, t) }
	video := "color=black:s=128x96:r=30:d=6,drawbox=color=white:t=fill:enable='" + lit("t") + "',format=yuv420p"
	sync := "passthrough"
	if vfr {
		// What differs, and one picture in a while that does not.
		video, sync = video+",mpdecimate=max=40:hi=1:lo=1:frac=0.01", "vfr"
	}
	sound := fmt.Sprintf("aevalsrc='0.7*sin(2*PI*1000*t)*(%s)':s=44100:d=%g", lit(fmt.Sprintf("(t-%g)", early)), 6+early)
	args := []string{"-v", "error", "-f", "lavfi", "-i", sound, "-itsoffset", fmt.Sprint(early), "-f", "lavfi", "-i", video, "-map", "1:v", "-map", "0:a",
		"-c:v", "libx264", "-preset", "ultrafast", "-g", "60", "-vsync", sync, "-c:a", "aac", "-b:a", "128k", path}
	out, err := exec.Command("ffmpeg", args...).CombinedOutput()
	require.NoError(t, err, string(out))
	return path
}

// onsets are when the picture of a file is first lit and when it is first heard.
func onsets(t *testing.T, path string, fps float64) (seen, heard float64) {
	t.Helper()
	const rate = 48000
	pcm, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-ac", "1", "-ar", fmt.Sprint(rate), "-af", "aresample=async=1:first_pts=0", "-f", "s16le", "-").Output()
	require.NoError(t, err)
	seen, heard = -1, -1
	for i := 0; i+1 < len(pcm) && heard < 0; i += 2 {
		if v := int16(binary.LittleEndian.Uint16(pcm[i:])); v > 6000 || v < -6000 {
			heard = float64(i/2) / rate
		}
	}
	grey, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-map", "0:v", "-vf", fmt.Sprintf("fps=%g:start_time=0,scale=1:1", fps), "-pix_fmt", "gray", "-f", "rawvideo", "-").Output()
	require.NoError(t, err)
	for i, v := range grey {
		if v > 128 {
			return float64(i) / fps, heard
		}
	}
	return seen, heard
}

// After any cut the sound is within 20 ms of the picture, also from a recording
// whose pictures come when they like and whose sound began before them. (Cuts that
// fall between two pictures move the picture by up to half of one.)
func TestSoundMeetsThePicture(t *testing.T) {
	t.Parallel()
	for name, path := range map[string]func(t *testing.T) string{
		"early sound":            func(t *testing.T) string { return flashes(t, "mp4", 0.7, false) },
		"resting, early":         func(t *testing.T) string { return flashes(t, "mp4", 0.7, true) },
		"resting, early, mkv":    func(t *testing.T) string { return flashes(t, "mkv", 0.7, true) },
		"resting, early, stream": func(t *testing.T) string { return flashes(t, "ts", 0.7, true) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := path(t)
			for _, cut := range []struct{ start, flash float64 }{{1.5, 2}, {3.3333, 4}, {2.613, 4}} {
				made, dir := render(t, file, &media.Range{Start: cut.start, End: cut.flash + 0.5},
					media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeKey, ShortSide: 96, Audio: 96000, FPS: 30})
				seen, heard := onsets(t, filepath.Join(dir, made[0].File), 60)
				t.Logf("%+v: seen %+.1f ms, heard %+.1f ms of its time", cut, 1000*(seen-cut.flash+cut.start), 1000*(heard-cut.flash+cut.start))
				require.InDelta(t, seen, heard, 0.02, "%+v", cut)
				require.InDelta(t, cut.flash-cut.start, heard, 0.02, "%+v", cut)
			}
		})
	}
}
