package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"clipcase/media"
)

// task is the making of one piece.
type task struct {
	*Engine
	from    original
	probe   media.Probe
	piece   media.Piece
	work    string // folder of this piece's own, removed afterwards
	report  func(done float64)
	damaged *bool // of the whole job: reading needed tolerance
}

// finished is a file that is to become a piece.
type finished struct {
	path    string
	quality *media.Quality
	command []string
}

// share is what the piece's stretch weighs in the original, of which a held
// picture is no part.
func (t task) share() int64 {
	whole := t.probe.Shown(t.probe.Duration)
	if whole <= 0 {
		return t.probe.Bytes
	}
	part := t.probe.Shown(t.piece.Range.End) - t.probe.Shown(t.piece.Range.Start)
	return int64(float64(t.probe.Bytes) * math.Min(1, part/whole))
}

// video encodes until the piece fits: constant quality under a ceiling first,
// then what the ladder says.
func (t task) video(ctx context.Context) (finished, error) {
	l := newLadder(t.piece, t.share())
	a := l.first()
	for tries := 1; ; tries++ {
		to := filepath.Join(t.work, "piece.mp4")
		args, err := t.encode(ctx, a, to, tries)
		if err != nil {
			return finished{}, err
		}
		stat, err := os.Stat(to)
		if err != nil {
			return finished{}, err
		}
		done := finished{path: to, command: args}
		if l.fits(stat.Size(), tries) {
			done.quality = t.quality(ctx, a, to)
			return done, nil
		}
		better, ok := l.next(a, stat.Size())
		if !ok || tries >= maxTries {
			if l.hard > 0 && stat.Size() > l.hard {
				return finished{}, t.cannotFit(stat.Size())
			}
			done.quality = t.quality(ctx, a, to)
			return done, nil
		}
		a = better
	}
}

func (t task) cannotFit(bytes int64) error {
	return &media.Refusal{Code: media.RefusedCannotFit, Args: map[string]any{"limit": t.piece.MaxBytes, "actual": bytes, "name": t.piece.Name},
		Err: fmt.Errorf("%s: %d bytes at the floor of legibility", t.piece.Name, bytes)}
}

// encode makes one attempt.
func (t task) encode(ctx context.Context, a attempt, to string, tries int) ([]string, error) {
	overlay, err := t.label(t.work, t.piece, a.width, a.height)
	if err != nil {
		return nil, err
	}
	from := enter(t.probe, t.piece.Range.Start)
	filters := append(picture(t.probe, from.picture, a.width, a.height, a.fps), filter{"format", []string{"yuv420p"}}, held(t.probe, t.piece.Range))
	filters = append(filters, overlay...) // behind the held picture, where a running time still runs
	length := t.length(a.fps)
	g := graph{
		inputs: []input{t.input(from.options)},
		chains: []chain{{name: "v", from: []string{t.selector(t.probe.Stream)}, filters: filters}},
		output: output{path: "file:" + to, take: []string{"v"}, options: t.coding(a, length)},
	}
	if t.piece.Audio > 0 && t.probe.Audio != nil {
		g.chains = append(g.chains, chain{name: "a", from: []string{t.selector(t.probe.Audio.Stream)}, filters: sound(from.sound)})
		g.output.take = append(g.output.take, "a")
		g.output.options = append(g.output.options, option{"-c:a", "aac"}, option{"-b:a", strconv.FormatInt(t.piece.Audio, 10)}, option{"-flags:a", "+bitexact"})
	}
	progress := func(seconds float64) {
		// Each further try takes half of what is left of the bar.
		span := math.Pow(0.5, float64(tries-1))
		t.report(1 - span + span*0.97*math.Min(1, seconds/length)*boolean(tries < maxTries))
	}
	return t.ffmpegRun(ctx, g, progress)
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0.5
}

// length is the piece's in whole pictures, at least one.
func (t task) length(fps float64) float64 {
	pictures := math.Max(1, math.Round(t.piece.Range.Length()*fps))
	return pictures / fps
}

func (t task) input(options []option) input {
	all := append(t.reading(t.from), option{"-threads", strconv.Itoa(t.threads)})
	return input{path: "file:" + t.from.path, options: append(all, options...)}
}

func (t task) selector(stream int) string { return "0:" + strconv.Itoa(stream) }

// coding are the options of the output: nothing of the original's words, marks
// or other streams, a key picture first, the index in front.
func (t task) coding(a attempt, length float64) []option {
	out := []option{
		{"-f", "mp4"}, {"-t", decimal(length)}, {"-frames:v", strconv.Itoa(int(math.Round(length*a.fps)) + 1)},
		{"-map_metadata", "-1"}, {"-map_chapters", "-1"}, {"-sn", ""}, {"-dn", ""}, {"-fflags", "+bitexact"}, {"-flags:v", "+bitexact"},
		{"-movflags", "+faststart"}, {"-pix_fmt", "yuv420p"}, {"-color_range", "tv"}, {"-max_muxing_queue_size", "4096"},
	}
	if t.probe.HDR() || isRGB(t.probe.PixFmt) {
		out = append(out, option{"-colorspace", "bt709"}, option{"-color_primaries", "bt709"}, option{"-color_trc", "bt709"})
	}
	group := strconv.Itoa(int(math.Max(1, math.Round(a.fps*5))))
	if t.piece.Codec == "hevc" {
		params := fmt.Sprintf("rd=3:ref=2:keyint=%s:open-gop=0:info=0:log-level=error:pools=%d", group, t.threads)
		if a.bits > 0 {
			params += fmt.Sprintf(":vbv-maxrate=%d:vbv-bufsize=%d", max(1, a.bits/1000), max(1, a.bits*3/2/1000))
		}
		return append(out, option{"-c:v", "libx265"}, option{"-preset", "superfast"}, option{"-crf", decimal(a.crf)},
			option{"-x265-params", params}, option{"-tag:v", "hvc1"})
	}
	// x264 leaves the limited range unsaid and signs with all its settings; the
	// stream itself is to say the one and not the other.
	out = append(out, option{"-bsf:v", "h264_metadata=video_full_range_flag=0,filter_units=remove_types=6"},
		option{"-c:v", "libx264"}, option{"-preset", "faster"}, option{"-profile:v", "high"}, option{"-crf", decimal(a.crf)},
		option{"-g", group}, option{"-threads:v", strconv.Itoa(t.threads)})
	if a.bits > 0 {
		out = append(out, option{"-maxrate", strconv.FormatInt(a.bits, 10)}, option{"-bufsize", strconv.FormatInt(a.bits*3/2, 10)})
	}
	return out
}

// ffmpegRun compiles and runs the graph over the original: strictly first; if
// reading fails, once more with tolerance, and the job is marked damaged.
func (t task) ffmpegRun(ctx context.Context, g graph, progress func(float64)) ([]string, error) {
	args, err := g.compile()
	if err != nil {
		return nil, err
	}
	run := func(strict bool) ([]string, error) {
		all := []string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y", "-filter_complex_threads", strconv.Itoa(t.threads)}
		if strict {
			all = append(all, "-xerror")
		}
		all = append(all, args...)
		return all, t.run(ctx, command{tool: t.ffmpeg, args: all, read: []string{t.from.path, t.font}, write: []string{t.work}, progress: progress})
	}
	if !*t.damaged {
		all, err := run(true)
		var f *failure
		if err == nil || !errors.As(err, &f) || f.ours() {
			return all, err
		}
		t.log.Debug("reading strictly failed", "said", lastLine(f.Said))
	}
	all, err := run(false)
	if err == nil {
		*t.damaged = true
	}
	return all, unreadable(err)
}
