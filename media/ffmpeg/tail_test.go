package ffmpeg

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
)

// heardFrom is when the sound of a file begins and ends, seconds.
func heardFrom(t testing.TB, path string) (from, to float64) {
	t.Helper()
	const rate = 8000
	out, err := exec.Command("ffmpeg", "-v", "error", "-i", path, "-map", "0:a", "-ac", "1", "-ar", fmt.Sprint(rate), "-f", "s16le", "-").Output()
	require.NoError(t, err)
	from = -1
	for i := 0; i+1 < len(out); i += 2 {
		if v := int16(binary.LittleEndian.Uint16(out[i:])); v > 600 || v < -600 {
			to = float64(i/2) / rate
			if from < 0 {
				from = to
			}
		}
	}
	return from, to
}

// picked is a finished still.
func picked(t testing.TB, path string) image.Image {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	img, err := jpeg.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	return img
}

// A phone whose screen rests writes no pictures for seconds while its sound
// goes on: the recording ends with the sound, and the last picture stands.
func TestSoundAfterTheLastPicture(t *testing.T) {
	t.Parallel()
	for name, spec := range map[string]testclips.Spec{
		"one group": {GOP: 300}, "stream": {Ext: "ts"}, "resting": {VFR: true, GOP: 300}, "early sound": {SoundStart: -1, Ext: "mkv"}, "one picture": {Frames: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec.Seconds, spec.SoundSeconds = 3, 17.2-spec.SoundStart
			path := testclips.Make(t, spec)
			// All of it behind the last picture, and further behind than reading backs up.
			made, dir := render(t, path, &media.Range{Start: 15, End: 16.5},
				media.Recipe{Kind: media.KindImage, Take: media.TakeKey, Count: 3},
				media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeKey, ShortSide: 240, Audio: 48000, FPS: 30},
				media.Recipe{Kind: media.KindGIF, Take: media.TakeKey, ShortSide: 240, MaxBytes: 500_000},
				media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole, ShortSide: 240, Audio: 48000, FPS: 10})
			require.Len(t, made, 4, "one still: nothing differs")
			want := 2
			if spec.Frames == 1 {
				want = 0
			}
			for i, at := range []string{"", "1.4", "0", "16.8"} {
				file := filepath.Join(dir, made[i].File)
				if at == "" {
					require.Equal(t, want, second(picked(t, file)))
					continue
				}
				require.Equal(t, want, second(frame(t, file, at)), made[i].File)
			}
			for i, length := range map[int]float64{1: 1.5, 3: 17.2} {
				require.InDelta(t, length, made[i].Duration, 1/made[i].Piece.FPS, "one picture")
				from, to := heardFrom(t, filepath.Join(dir, made[i].File))
				require.InDelta(t, 0, from, 0.02)
				require.InDelta(t, length, to, 0.02)
			}
		})
	}
}

// Sound stays in step behind the last picture, before it and where pictures
// begin late: it starts and stops in a piece where it does in the recording.
func TestSoundStaysInStep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spec     testclips.Spec
		key      media.Range
		from, to float64
	}{
		"starts behind the last picture": {testclips.Spec{Seconds: 1, SoundStart: 3, SoundSeconds: 3}, media.Range{Start: 2, End: 5}, 1, 3},
		"stops while pictures go on":     {testclips.Spec{Seconds: 4, SoundSeconds: 2.5}, media.Range{Start: 1, End: 3}, 0, 1.5},
		"pictures begin late":            {testclips.Spec{Seconds: 4, SoundStart: -1, SoundSeconds: 2.5}, media.Range{Start: 0.5, End: 2.5}, 0, 1},
		"pictures begin late, matroska":  {testclips.Spec{Seconds: 4, SoundStart: -1, SoundSeconds: 2.5, Ext: "mkv"}, media.Range{Start: 0.5, End: 2.5}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, dir := render(t, testclips.Make(t, c.spec), &c.key, media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeKey, ShortSide: 240, Audio: 48000})
			from, to := heardFrom(t, filepath.Join(dir, made[0].File))
			require.InDelta(t, c.from, from, 0.02)
			require.InDelta(t, c.to, to, 0.02)
		})
	}
}

// A sound file with one picture to it is no recording of a screen, and sound
// whose times jump far ahead does not make one longer than it is.
func TestLongSound(t *testing.T) {
	t.Parallel()
	told, err := parseDescription([]byte(`{"streams":[{"codec_type":"video","codec_name":"h264","width":320,"height":568},{"index":1,"codec_type":"audio","codec_name":"aac","sample_rate":"48000","channels":1}]}`))
	require.NoError(t, err)
	const hours3 = 3 * 3600.0
	pictures := func(n int) (out packets) {
		for i := range n {
			out = append(out, packet{at: float64(i), long: 1, size: 100, key: true})
		}
		return out
	}
	for name, c := range map[string]struct {
		found  found
		length float64
		code   media.Code
	}{
		"a picture to a song":    {found{pictures(1), heard{end: hours3, length: hours3}}, 0, media.RefusedAudioOnly},
		"a page that rests":      {found{pictures(1), heard{end: 50, length: 50}}, 50, ""},
		"three hours of rest":    {found{pictures(2), heard{end: hours3, length: hours3}}, hours3, ""},
		"times that jump":        {found{pictures(5), heard{end: hours3, length: 4}}, 19, ""},
		"a block that overhangs": {found{pictures(5), heard{end: 5.02, length: 5}}, 5, ""},
		"five hours":             {found{pictures(5), heard{end: 18000, length: 18000}}, 0, media.RefusedTooLong},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := media.Probe{Kind: media.KindVideo}
			require.NoError(t, told.fill(&p))
			err := c.found.fill(&p, told)
			if err == nil {
				err = Caps{}.withDefaults().allow(p)
			}
			if c.code != "" {
				var refused *media.Refusal
				require.ErrorAs(t, err, &refused)
				require.Equal(t, c.code, refused.Code)
				return
			}
			require.NoError(t, err)
			require.Equal(t, c.length, p.Duration)
			require.Less(t, p.FPS, 31.0)
			require.LessOrEqual(t, len(p.Settled), mostSettled)
		})
	}
}

// Slow motion of phones comes with 240 pictures a second, and is a recording
// like others; only what there is to decode is bounded, by their number.
func TestManyPicturesASecond(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{FPS: 240, Seconds: 2})
	made, dir := render(t, path, &media.Range{Start: 1, End: 2},
		media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeWhole, ShortSide: 240, Audio: 48000, FPS: 30},
		media.Recipe{Kind: media.KindVideo, Codec: "h264", Take: media.TakeKey, ShortSide: 240})
	require.InDelta(t, 30, made[0].FPS, 0.01)
	require.InDelta(t, 60, made[1].FPS, 0.01)
	require.InDelta(t, 2, made[0].Duration, 0.034)
	require.Equal(t, 1, second(frame(t, filepath.Join(dir, made[0].File), "1.5")))

	few, err := New(Config{Caps: Caps{Frames: 300}})
	require.NoError(t, err)
	_, err = few.Inspect(t.Context(), path)
	var refused *media.Refusal
	require.ErrorAs(t, err, &refused)
	require.Equal(t, media.RefusedTooLong, refused.Code)
	require.Equal(t, map[string]any{"limit": 1.0, "actual": 2.0}, refused.Args, "what to cut it to")
}

// A picture that is too large is refused as such, with its size, whatever it
// is packed in.
func TestTooManyPixels(t *testing.T) {
	t.Parallel()
	small, err := New(Config{Caps: Caps{Pixels: 300 * 500}})
	require.NoError(t, err)
	for _, spec := range []testclips.Spec{{}, {Ext: "mkv"}, {Ext: "ts"}, {Codec: testclips.VP9, Ext: "webm"}, {Codec: testclips.HEVC}, {Codec: testclips.MPEG4, Ext: "avi"}, {Codec: testclips.MJPEG, Ext: "mov"}} {
		t.Run(fmt.Sprint(spec.Codec, spec.Ext), func(t *testing.T) {
			t.Parallel()
			_, err := small.Inspect(t.Context(), testclips.Make(t, spec))
			var refused *media.Refusal
			require.ErrorAs(t, err, &refused)
			require.Equal(t, media.RefusedTooManyPix, refused.Code, "%v", refused.Err)
			require.Equal(t, map[string]any{"limit": int64(150_000), "actual": int64(320 * 568), "width": int64(320), "height": int64(568)}, refused.Args)
		})
	}
}
