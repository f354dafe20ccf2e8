package ffmpeg

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"clipcase/media"
)

// backUp is how far before a moment reading begins in formats without an
// index of key pictures: seeking there lands anywhere.
const backUp = 12.0

// entry is how a recording is entered at a moment: options stand before -i;
// picture and sound are the seconds to take off their times so that the moment
// is at 0.
type entry struct {
	options        []option
	picture, sound float64
}

// enter begins reading at the key picture before the moment and shows, at 0,
// the picture that stood there: with ffmpeg's exact seeking a screen at rest
// would show its next change too early, and behind the last picture nothing.
func enter(p media.Probe, at float64) entry {
	shown := p.Shown(at) + p.Offset
	e := entry{picture: shown, sound: at + p.Offset}
	from := shown
	if !strings.Contains(p.Format, "mp4") && !strings.Contains(p.Format, "matroska") && !strings.Contains(p.Format, "avi") {
		from -= backUp
	}
	if from >= 0.001 {
		e.options = []option{{"-ss", decimal(from)}, {"-noaccurate_seek", ""}}
		e.picture, e.sound = e.picture-from, e.sound-from
	}
	return e
}

// held lets the last picture stand to the end of the range, as a phone does
// whose screen rests while the sound goes on. It adds little more than that:
// what is missing of a recording that breaks off is not made up.
func held(p media.Probe, r media.Range) filter {
	rest := r.End - math.Max(r.Start, p.Shown(r.End))
	return filter{"tpad", []string{"stop_mode=clone", "stop_duration=" + decimal(rest+2)}}
}

// picture are the filters from the original's pictures to upright, square,
// even, 8-bit pictures of limited range at a constant rate, beginning at 0.
// rotation is ffmpeg's own doing and comes before them.
func picture(p media.Probe, shift float64, width, height int, rate float64) []filter {
	// The rate first: scaling pictures that are then dropped is wasted.
	return append(append(arrived(p, shift), steady(rate)), shaped(p, width, height)...)
}

// arrived are the pictures whole and at their times.
func arrived(p media.Probe, shift float64) []filter {
	var out []filter
	if math.Abs(shift) > 1e-6 {
		out = append(out, filter{"setpts", []string{fmt.Sprintf("PTS-%s/TB", decimal(shift))}})
	}
	if p.FieldRate {
		out = append(out, filter{"yadif", []string{"mode=send_frame", "deint=interlaced"}})
	}
	return out
}

// steady makes the rate constant. What is shorter than half a step must give
// one picture, not none.
func steady(rate float64) filter {
	return filter{"fps", []string{"fps=" + fraction(rate), "start_time=0", "eof_action=pass"}}
}

// shaped is the size and the light.
func shaped(p media.Probe, width, height int) []filter {
	out := []filter{limited(p, width, height)}
	if p.HDR() {
		out = append([]filter{scale(width, height)}, toneMap(p)...)
	}
	return append(out, filter{"setsar", []string{"1"}})
}

func scale(width, height int) filter {
	return filter{"scale", []string{strconv.Itoa(width), strconv.Itoa(height), "flags=lanczos"}}
}

// limited scales to the range every player takes; pictures without a matrix of
// their own (RGB) get the one of HD.
func limited(p media.Probe, width, height int) filter {
	f := scale(width, height)
	f.args = append(f.args, "out_range=tv")
	if isRGB(p.PixFmt) {
		f.args = append(f.args, "out_color_matrix=bt709")
	}
	return f
}

func isRGB(pixFmt string) bool {
	for _, prefix := range []string{"rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "gray"} {
		if strings.HasPrefix(pixFmt, prefix) {
			return true
		}
	}
	return false
}

// toneMap brings HDR to what every screen shows. The source's tags are given,
// not read: files that lack one would stop the conversion. Diffuse white, 203 cd/m²,
// is 1; up to 0.7 of that mobius changes nothing and only squeezes what is brighter:
// white comes out at 94 % (hable: 62 %, grey paper with less contrast to its
// letters), a highlight of 1000 cd/m² at 99 %.
func toneMap(p media.Probe) []filter {
	return []filter{
		{"zscale", []string{"transferin=" + p.Transfer, "primariesin=2020", "matrixin=2020_ncl", "rangein=limited", "transfer=linear", "npl=203"}},
		{"format", []string{"gbrpf32le"}},
		{"zscale", []string{"primaries=709"}},
		{"tonemap", []string{"tonemap=mobius", "param=0.7", "desat=0"}},
		{"zscale", []string{"transfer=709", "matrix=709", "range=limited"}},
	}
}

// sound are the filters from the original's sound to speech that begins at 0,
// with holes filled so that it never drifts from the picture.
func sound(shift float64) []filter {
	var out []filter
	if math.Abs(shift) > 1e-6 {
		out = append(out, filter{"asetpts", []string{fmt.Sprintf("PTS-%s/TB", decimal(shift))}})
	}
	return append(out,
		filter{"atrim", []string{"start=0"}},
		filter{"aresample", []string{"48000", "async=1", "first_pts=0"}},
		filter{"aformat", []string{"sample_fmts=fltp", "channel_layouts=mono"}})
}

// decimal has what a microsecond needs and no exponent.
func decimal(v float64) string {
	text := strconv.FormatFloat(v, 'f', 6, 64)
	return strings.TrimRight(strings.TrimRight(text, "0"), ".")
}

// fraction is a rate as ffmpeg wants it: exact for the television rates.
func fraction(rate float64) string {
	if rate != math.Trunc(rate) {
		if n := math.Round(rate * 1001 / 1000); math.Abs(n*1000/1001-rate) < 1e-3 {
			return fmt.Sprintf("%.0f/1001", n*1000)
		}
	}
	return decimal(rate)
}
