package ffmpeg

import (
	"fmt"
	"math"
	"strconv"
)

// keySeconds is from one key picture to the next at most.
const keySeconds = 5

// buffered is how many seconds at the ceiling an encoder may spend at once.
const buffered = 2

// coding are the options of the output: nothing of the original's words, marks
// or other streams, a key picture first, the index in front.
func (c contender) coding() []option {
	a := c.at
	length := c.length(a.fps)
	out := []option{
		{"-f", "mp4"}, {"-t", decimal(length)}, {"-frames:v", strconv.Itoa(int(math.Round(length*a.fps)) + 1)},
		{"-map_metadata", "-1"}, {"-map_chapters", "-1"}, {"-sn", ""}, {"-dn", ""}, {"-fflags", "+bitexact"}, {"-flags:v", "+bitexact"},
		{"-movflags", "+faststart"}, {"-pix_fmt", "yuv420p"}, {"-color_range", "tv"}, {"-max_muxing_queue_size", "4096"},
	}
	if c.probe.HDR() || isRGB(c.probe.PixFmt) {
		out = append(out, option{"-colorspace", "bt709"}, option{"-color_primaries", "bt709"}, option{"-color_trc", "bt709"})
	}
	group := strconv.Itoa(int(math.Max(1, math.Round(a.fps*keySeconds))))
	if c.piece.Codec == "hevc" {
		// Measured: docs/performance.md, encoder settings.
		params := fmt.Sprintf("no-sao=1:keyint=%s:open-gop=0:info=0:log-level=error:pools=%d", group, c.threads)
		if a.quiet {
			params += ":bframes=3"
		}
		if a.bits > 0 {
			params += fmt.Sprintf(":vbv-maxrate=%d:vbv-bufsize=%d", max(1, a.bits/1000), max(1, a.bits*buffered/1000))
		}
		return append(out, option{"-c:v", "libx265"}, option{"-preset", "veryfast"}, option{"-crf", decimal(a.crf)},
			option{"-x265-params", params}, option{"-tag:v", "hvc1"})
	}
	// x264 leaves the limited range unsaid and signs with all its settings; the
	// stream itself is to say the one and not the other.
	out = append(out, option{"-bsf:v", "h264_metadata=video_full_range_flag=0,filter_units=remove_types=6"},
		option{"-c:v", "libx264"}, option{"-preset", "veryfast"}, option{"-profile:v", "high"}, option{"-crf", decimal(a.crf)},
		option{"-g", group}, option{"-threads:v", strconv.Itoa(c.threads)})
	if a.bits > 0 {
		out = append(out, option{"-maxrate", strconv.FormatInt(a.bits, 10)}, option{"-bufsize", strconv.FormatInt(a.bits*buffered, 10)})
	}
	return out
}
