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

// Side is one half of a comparison.
type Side struct {
	Path  string
	Probe media.Probe
	Start float64 // seconds of the original with which it begins
	Label string  // words in its upper edge, such as 原创
}

// Beside writes an H.264 MP4 without sound that shows two recordings next to each
// other for length seconds: at equal height (pixels, at most the smaller one's
// own), each with its label and the running time of its original. A
// recording that ends before stands still. What cannot be read is a *media.Refusal.
func (e *Engine) Beside(ctx context.Context, left, right Side, length float64, height int, to string) error {
	work, err := os.MkdirTemp(filepath.Dir(to), ".beside-")
	if err != nil {
		return err
	}
	defer e.remove(work)
	if err := e.budget.Acquire(ctx, int64(e.threads)); err != nil {
		return err
	}
	defer e.budget.Release(int64(e.threads))
	g, read, err := e.beside(ctx, work, [2]Side{left, right}, length, height)
	if err != nil {
		return err
	}
	made := filepath.Join(work, "beside.mp4")
	g.output = output{path: "file:" + made, take: []string{"v"}, options: []option{
		{"-f", "mp4"}, {"-t", decimal(length)}, {"-map_metadata", "-1"}, {"-map_chapters", "-1"}, {"-fflags", "+bitexact"}, {"-flags:v", "+bitexact"},
		{"-movflags", "+faststart"}, {"-pix_fmt", "yuv420p"}, {"-color_range", "tv"}, {"-c:v", "libx264"}, {"-preset", "faster"}, {"-profile:v", "high"},
		{"-crf", "21"}, {"-g", "150"}, {"-threads:v", strconv.Itoa(e.threads)},
	}}
	args, err := g.compile()
	if err != nil {
		return err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y"}, args...)
	if err := e.run(ctx, command{tool: e.ffmpeg, args: args, read: append(read, e.font), write: []string{work}}); err != nil {
		return unreadable(fmt.Errorf("comparison: %w", err))
	}
	return publish(made, to)
}

// beside are the inputs and chains from two recordings to one picture, "v".
func (e *Engine) beside(ctx context.Context, work string, sides [2]Side, length float64, height int) (g graph, read []string, err error) {
	rate := 30.0
	for _, s := range sides {
		height = min(height, s.Probe.Height)
		if !s.Probe.VFR && s.Probe.FPS > 0 {
			rate = math.Min(rate, math.Max(1, s.Probe.FPS))
		}
	}
	height = max(2, height/2*2)
	for i, s := range sides {
		from, err := e.open(s.Path)
		if err != nil {
			return g, nil, err
		}
		room := filepath.Join(work, strconv.Itoa(i))
		if err := os.Mkdir(room, 0o700); err != nil {
			return g, nil, err
		}
		if err := e.convert(ctx, &from, room); err != nil {
			return g, nil, err
		}
		width := max(2, int(math.Round(float64(s.Probe.Width)*float64(height)/float64(s.Probe.Height)))/2*2)
		// A range of its own length, so that what ends early is held.
		r := media.Range{Start: s.Start, End: s.Start + length}
		begin := enter(s.Probe, r.Start)
		filters := append(picture(s.Probe, begin.picture, width, height, rate), filter{"format", []string{"yuv420p"}}, held(s.Probe, r))
		words, err := e.label(room, media.Piece{Label: s.Label, Range: r, Timecode: true}, width, height)
		if err != nil {
			return g, nil, err
		}
		for n := range words { // each side has words of its own
			words[n].args = inFolder(words[n].args, strconv.Itoa(i))
		}
		g.inputs = append(g.inputs, input{path: "file:" + from.path, options: append(e.reading(from), begin.options...)})
		g.chains = append(g.chains, chain{name: fmt.Sprint("s", i), from: []string{fmt.Sprintf("%d:%d", i, s.Probe.Stream)}, filters: append(filters, words...)})
		read = append(read, from.path)
	}
	g.chains = append(g.chains, chain{name: "v", from: []string{"s0", "s1"}, filters: []filter{{"hstack", []string{"inputs=2"}}}})
	return g, read, nil
}

// inFolder points a text that is drawn to a file in a folder.
func inFolder(args []string, folder string) []string {
	const key = "textfile="
	out := make([]string, len(args))
	for i, a := range args {
		if len(a) > len(key) && a[:len(key)] == key {
			a = key + folder + "/" + a[len(key):]
		}
		out[i] = a
	}
	return out
}
