package ffmpeg

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"

	"clipcase/media"
)

// shape is one way of making a GIF.
type shape struct {
	width, height int
	fps           float64
	colours       int
	lossy         int // gifsicle's; 0 = none
}

// gif makes a short animation: the stretch is decoded once into a small
// lossless clip, from which the tries are cheap. A try that misses tells how
// far to go: pictures a second first, then width, then colours.
func (t task) gif(ctx context.Context) (finished, error) {
	base, args, err := t.base(ctx)
	if err != nil {
		return finished{}, err
	}
	s := shape{width: t.piece.Width, height: t.piece.Height, fps: t.piece.FPS, colours: 128, lossy: 60}
	for tries := 1; ; tries++ {
		to, err := t.animate(ctx, base, s)
		if err != nil {
			return finished{}, err
		}
		stat, err := os.Stat(to)
		if err != nil {
			return finished{}, err
		}
		t.report(0.5 + 0.49*(1-math.Pow(0.5, float64(tries))))
		if t.piece.MaxBytes == 0 || stat.Size() <= t.piece.MaxBytes {
			return finished{path: to, command: args}, nil
		}
		next, ok := s.next(float64(stat.Size()) / (float64(t.piece.MaxBytes) * 0.9))
		if !ok || tries >= maxTries {
			return finished{}, t.cannotFit(stat.Size())
		}
		s = next
	}
}

// next gives up what reading misses least; over is how many times too large
// the last try was. Measured: bytes go as fps to about 0.8 and as width to
// about 1.65.
func (s shape) next(over float64) (shape, bool) {
	start := s
	if s.fps > media.MinGIFFPS {
		rate := math.Max(media.MinGIFFPS, s.fps*math.Pow(over, -1/0.8))
		if rate < s.fps/3 {
			rate = math.Max(media.MinGIFFPS, s.fps/3) // then width shares the loss
		}
		over *= math.Pow(rate/s.fps, 0.8)
		s.fps = rate
	}
	if short := min(s.width, s.height); over > 1 && short > media.MinGIFShortSide {
		wanted := max(media.MinGIFShortSide, int(float64(short)*math.Pow(over, -1/1.65)))
		over *= math.Pow(float64(wanted)/float64(short), 1.65)
		s.width, s.height = media.FitSize(s.width, s.height, wanted, 0)
	}
	if over > 1 && s.colours > 48 {
		s.colours, s.lossy = 48, 160
	}
	return s, s != start
}

// base is the stretch at the largest size and rate, lossless, with the most
// telling picture in front: pages that show only the first picture of a GIF
// then show what matters and not a change of screens.
func (t task) base(ctx context.Context) (string, []string, error) {
	r := t.piece.Range
	from := enter(t.probe, r.Start)
	filters := picture(t.probe, from.picture, t.piece.Width, t.piece.Height, t.piece.FPS)
	overlay, err := t.label(t.work, t.piece, t.piece.Width, t.piece.Height)
	if err != nil {
		return "", nil, err
	}
	filters = append(filters, filter{"format", []string{"yuv444p"}}, held(t.probe, r))
	filters = append(filters, overlay...)
	length := t.length(t.piece.FPS)
	end := "end=" + decimal(length-0.5/t.piece.FPS)
	// The telling picture is held for GIFLead before the run.
	at := math.Max(0, telling(t.probe, r)-r.Start)
	lead := []filter{
		{"trim", []string{"start=" + decimal(math.Max(0, at-0.5/t.piece.FPS))}}, {"select", []string{arg("expr", "eq(n,0)")}},
		{"setpts", []string{"PTS-STARTPTS"}}, {"tpad", []string{"stop_mode=clone", "stop_duration=" + decimal(media.GIFLead)}},
		{"trim", []string{"end=" + decimal(media.GIFLead)}}, {"fps", []string{"fps=" + fraction(t.piece.FPS)}},
	}
	g := graph{
		inputs: []input{t.input(from.options)},
		chains: []chain{
			{name: "all", from: []string{t.selector(t.probe.Stream)}, filters: append(filters, filter{"trim", []string{end}}), split: 2},
			{name: "lead", from: []string{"all0"}, filters: lead},
			{name: "run", from: []string{"all1"}, filters: []filter{{"setpts", []string{"PTS-STARTPTS"}}}},
			{name: "v", from: []string{"lead", "run"}, filters: []filter{{"concat", []string{"n=2", "v=1", "a=0"}}}},
		},
		output: output{path: "file:" + filepath.Join(t.work, "base.mkv"), take: []string{"v"}, options: []option{
			{"-f", "matroska"}, {"-c:v", "libx264"}, {"-preset", "ultrafast"}, {"-qp", "0"}, {"-map_metadata", "-1"},
			{"-frames:v", strconv.Itoa(int(math.Round((length+media.GIFLead)*t.piece.FPS)) + 2)},
		}},
	}
	args, err := t.ffmpegRun(ctx, g, func(out float64) { t.report(0.5 * math.Min(1, out/length)) })
	return filepath.Join(t.work, "base.mkv"), args, err
}

// telling is the settled moment nearest to the middle of the range.
func telling(p media.Probe, r media.Range) float64 {
	middle := r.Start + r.Length()/2
	best := middle
	found := false
	for _, at := range p.Settled {
		if at >= r.Start && at < r.End && (!found || math.Abs(at-middle) < math.Abs(best-middle)) {
			best, found = at, true
		}
	}
	return best
}

// animate makes the GIF of one shape and squeezes it.
func (t task) animate(ctx context.Context, base string, s shape) (string, error) {
	plain := filepath.Join(t.work, "plain.gif")
	sized := []filter{{"fps", []string{"fps=" + decimal(math.Round(s.fps*100)/100)}}, {"scale", []string{strconv.Itoa(s.width), strconv.Itoa(s.height), "flags=lanczos"}},
		// A screen at rest is a few long pictures, not many; none longer than a second,
		// for the last one's length is not kept.
		{"mpdecimate", []string{"max=" + strconv.Itoa(int(math.Max(1, math.Floor(s.fps)))), "hi=512", "lo=256", "frac=0.05"}}}
	g := graph{
		inputs: []input{{path: "file:" + base, options: []option{{"-protocol_whitelist", "file"}, {"-f", "matroska"}}}},
		chains: []chain{
			{name: "f", from: []string{"0:0"}, filters: sized, split: 2},
			{name: "p", from: []string{"f0"}, filters: []filter{{"palettegen", []string{"max_colors=" + strconv.Itoa(s.colours), "stats_mode=full", "reserve_transparent=1"}}}},
			{name: "g", from: []string{"f1", "p"}, filters: []filter{{"paletteuse", []string{"dither=none", "diff_mode=rectangle"}}}},
		},
		output: output{path: "file:" + plain, take: []string{"g"}, options: []option{{"-f", "gif"}, {"-vsync", "vfr"}, {"-loop", "0"}, {"-map_metadata", "-1"}}},
	}
	args, err := g.compile()
	if err != nil {
		return "", err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y"}, args...)
	if err := t.run(ctx, command{tool: t.ffmpeg, args: args, read: []string{base}, write: []string{t.work}}); err != nil {
		return "", fmt.Errorf("gif: %w", err)
	}
	if t.gifsicle == "" {
		return plain, nil
	}
	small := filepath.Join(t.work, "small.gif")
	squeeze := []string{"-O3", "--no-comments", "--no-names"}
	if s.lossy > 0 {
		squeeze = append(squeeze, "--lossy="+strconv.Itoa(s.lossy))
	}
	squeeze = append(squeeze, "-o", small, plain)
	if err := t.run(ctx, command{tool: t.gifsicle, args: squeeze, read: []string{plain}, write: []string{t.work}}); err != nil {
		return "", fmt.Errorf("gif: %w", err)
	}
	return small, nil
}
