package testclips

import (
	"fmt"
	"math"
	"strings"
)

// arguments are ffmpeg's for the sample without rotation and cover.
func (s Spec) arguments(to string) []string {
	size := fmt.Sprintf("%dx%d", s.Width, s.Height)
	source := fmt.Sprintf("testsrc2=size=%s:rate=%g", size, s.FPS)
	if s.Words {
		source = s.screen()
	}
	// The clock tells each second by a brightness of its own, so that a test can
	// say which moment a picture shows.
	filters := []string{}
	switch {
	case s.Noise:
		filters = append(filters, "noise=alls=30:allf=t+u")
	case !s.Words:
		filters = append(filters, "drawbox=x=0:y=0:w=iw:h=ih/4:color=gray:t=fill,geq=lum='if(lt(Y,H/4),16+mod(floor(T)*16\\,220),lum(X,Y))':cb='if(lt(Y,H/8),128,cb(X,Y))':cr='if(lt(Y,H/8),128,cr(X,Y))'")
	}
	if s.SoundSeconds > 0 {
		pictures := s.Frames
		if pictures == 0 {
			pictures = int(math.Round(s.Seconds * s.FPS))
		}
		filters = append(filters, fmt.Sprintf("trim=end_frame=%d", pictures))
	}
	if s.VFR {
		// Half a second of movement, then rest until the next second and a half.
		filters = append(filters, "select='lt(mod(t,2),0.5)'")
	}
	if s.Aspect != "" {
		filters = append(filters, "setsar="+s.Aspect)
	}
	if s.Interlaced {
		filters = append(filters, "interlace")
	}
	out := []string{"-f", "lavfi", "-i", source}
	if !s.Silent {
		out = append(out, "-itsoffset", fmt.Sprint(s.SoundStart), "-f", "lavfi", "-i", s.sine())
	}
	filters = append(filters, s.format())
	out = append(out, "-filter_complex", "[0:v]"+strings.Join(filters, ",")+"[v]", "-map", "[v]")
	if !s.Silent {
		out = append(out, "-map", "1:a", "-c:a", s.audio())
	}
	switch {
	case s.SoundSeconds > 0: // pictures and sound end each in its time
	case s.Frames > 0:
		out = append(out, "-frames:v", fmt.Sprint(s.Frames), "-t", fmt.Sprint(float64(s.Frames)/s.FPS))
	default:
		out = append(out, "-t", fmt.Sprint(s.Seconds))
	}
	if s.VFR {
		out = append(out, "-vsync", "vfr")
	}
	out = append(out, s.video()...)
	return append(out, "-metadata", "title=secret title", "-metadata", "comment=secret comment", to)
}

func (s Spec) format() string {
	switch s.Codec {
	case HEVC10, HDR10, HLG:
		return "format=yuv420p10le"
	case MJPEG:
		return "scale=out_range=pc,format=yuvj420p"
	}
	if s.Width%2 != 0 || s.Height%2 != 0 {
		return "format=yuv444p" // 4:2:0 has no odd sizes
	}
	return "format=yuv420p"
}

func (s Spec) sine() string {
	source := "sine=frequency=440:sample_rate=44100"
	if s.SoundSeconds > 0 {
		source += fmt.Sprintf(":duration=%g", s.SoundSeconds)
	}
	return source
}

func (s Spec) audio() string {
	switch s.Ext {
	case "webm":
		return "libopus"
	case "avi":
		return "pcm_s16le"
	}
	return "aac"
}

func (s Spec) video() []string {
	group := fmt.Sprint(s.GOP)
	var out []string
	switch s.Codec {
	case HEVC, HEVC10:
		out = []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=" + group, "-tag:v", "hvc1"}
	case HDR10, HLG:
		transfer := map[Codec]string{HDR10: "smpte2084", HLG: "arib-std-b67"}[s.Codec]
		out = []string{"-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=" + group, "-tag:v", "hvc1",
			"-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_range", "tv"}
	case VP9:
		out = []string{"-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "500k", "-g", group}
	case MPEG4:
		out = []string{"-c:v", "mpeg4", "-q:v", "4", "-g", group}
	case MJPEG:
		out = []string{"-c:v", "mjpeg", "-q:v", "4"}
	default:
		out = []string{"-c:v", "libx264", "-preset", "ultrafast", "-g", group, "-bf", "2"}
		if s.Interlaced {
			out = append(out, "-flags", "+ilme+ildct", "-x264-params", "tff=1")
		}
	}
	if s.Bitrate > 0 {
		rate := fmt.Sprint(s.Bitrate)
		out = append(out, "-b:v", rate, "-minrate", rate, "-maxrate", rate, "-bufsize", rate)
		if s.Codec == H264 {
			out = append(out, "-x264-params", "nal-hrd=cbr")
		}
	}
	return out
}
