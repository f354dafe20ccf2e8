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

const (
	besideTries = 3   // rates that are tried to come under a limit
	besideFill  = 0.9 // of a limit that is aimed at
	besideGap   = 4   // pixels between the two
	besideHold  = 2.0 // seconds at the highest rate that an encoder may be ahead
)

// Beside writes an H.264 MP4 without sound that shows two recordings next to each
// other: at equal height, each with its label and the running time of its
// original. A recording that ends before stands still. Under them stand the curve
// with a mark that moves along, and the words. report hears how much is done,
// 0..1. What cannot be read, or cannot be made so small, is a *media.Refusal.
func (e *Engine) Beside(ctx context.Context, c media.Comparison, report func(done float64), to string) error {
	work, err := os.MkdirTemp(filepath.Dir(to), ".beside-")
	if err != nil {
		return err
	}
	defer e.remove(work)
	if err := e.budget.Acquire(ctx, int64(e.threads)); err != nil {
		return err
	}
	defer e.budget.Release(int64(e.threads))
	g, read, err := e.beside(ctx, work, c)
	if err != nil {
		return err
	}
	made := filepath.Join(work, "beside.mp4")
	rate := besideFill * 8 * float64(c.MaxBytes) / (c.Length + besideHold)
	for range besideTries {
		if err := e.encodeBeside(ctx, g, c, rate, read, work, made, report); err != nil {
			return err
		}
		info, err := os.Stat(made)
		if err != nil {
			return err
		}
		if c.MaxBytes == 0 || info.Size() <= c.MaxBytes {
			return publish(made, to)
		}
		rate *= besideFill * float64(c.MaxBytes) / float64(info.Size())
	}
	return &media.Refusal{Code: media.RefusedCannotFit}
}

func (e *Engine) encodeBeside(ctx context.Context, g graph, c media.Comparison, rate float64, read []string, work, made string, report func(float64)) error {
	g.output = output{path: "file:" + made, take: []string{"v"}, options: []option{
		{"-f", "mp4"}, {"-t", decimal(c.Length)}, {"-map_metadata", "-1"}, {"-map_chapters", "-1"}, {"-fflags", "+bitexact"}, {"-flags:v", "+bitexact"},
		{"-movflags", "+faststart"}, {"-pix_fmt", "yuv420p"}, {"-color_range", "tv"}, {"-c:v", "libx264"}, {"-preset", "faster"}, {"-profile:v", "high"},
		{"-crf", "21"}, {"-g", "150"}, {"-threads:v", strconv.Itoa(e.threads)},
	}}
	if c.MaxBytes > 0 {
		most := strconv.FormatInt(max(1000, int64(rate)), 10)
		g.output.options = append(g.output.options, option{"-maxrate", most}, option{"-bufsize", strconv.FormatInt(max(1000, int64(besideHold*rate)), 10)})
	}
	args, err := g.compile()
	if err != nil {
		return err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y"}, args...)
	done := func(out float64) { report(min(1, out/c.Length)) }
	run := func() error {
		return e.run(ctx, command{tool: e.ffmpeg, args: args, read: append(read, e.font), write: []string{work}, progress: done, wall: e.patience.whole(c.Length)})
	}
	if err := twice(run); err != nil {
		return unreadable(fmt.Errorf("comparison: %w", err))
	}
	return nil
}

// beside are the inputs and chains from two recordings to one picture, "v".
func (e *Engine) beside(ctx context.Context, work string, c media.Comparison) (g graph, read []string, err error) {
	rate, height := 30.0, c.Height
	sides := [2]media.Side{c.Left, c.Right}
	for _, s := range sides {
		height = min(height, s.Probe.Height)
		if !s.Probe.VFR && s.Probe.FPS > 0 {
			rate = math.Min(rate, math.Max(1, s.Probe.FPS))
		}
	}
	height = max(2, height/2*2)
	whole := 0
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
		whole += width
		// A range of its own length, so that what ends early is held.
		r := media.Range{Start: s.Start, End: s.Start + c.Length}
		begin := enter(s.Probe, r.Start)
		filters := append(picture(s.Probe, begin.picture, width, height, rate), filter{"format", []string{"yuv420p"}}, held(s.Probe, r))
		words, err := e.label(room, media.Piece{Label: s.Label, Range: r, Timecode: true}, width, height)
		if err != nil {
			return g, nil, err
		}
		for n := range words { // each side has words of its own
			words[n].args = inFolder(words[n].args, strconv.Itoa(i))
		}
		if i == 0 { // where one ends and the other begins
			filters, whole = append(filters, words...), whole+besideGap
			words = []filter{{"pad", []string{strconv.Itoa(width + besideGap), strconv.Itoa(height), "0", "0", "color=gray"}}}
		}
		g.inputs = append(g.inputs, input{path: "file:" + from.path, options: append(e.reading(from), begin.options...)})
		g.chains = append(g.chains, chain{name: fmt.Sprint("s", i), from: []string{fmt.Sprintf("%d:%d", i, s.Probe.Stream)}, filters: append(filters, words...)})
		read = append(read, from.path)
	}
	return g, read, e.under(&g, work, c, whole, height)
}

// under adds what stands under the two pictures, of width and height together.
func (e *Engine) under(g *graph, work string, c media.Comparison, width, height int) error {
	both := chain{name: "both", from: []string{"s0", "s1"}, filters: []filter{{"hstack", []string{"inputs=2"}}}}
	last := both.name
	if len(c.Curve) > 0 {
		tall := chartHeight(height)
		both.filters = append(both.filters, filter{"pad", []string{strconv.Itoa(width), strconv.Itoa(height + tall), "0", "0", "color=white"}})
		for i, draw := range []func(string) error{
			func(to string) error { return drawChart(c.Curve, width, tall, to) }, func(to string) error { return drawMark(tall, to) },
		} {
			path := filepath.Join(work, fmt.Sprintf("under%d.png", i))
			if err := draw(path); err != nil {
				return err
			}
			g.inputs = append(g.inputs, input{path: "file:" + path, options: []option{{"-f", "png_pipe"}}})
		}
		g.chains = append(g.chains, both,
			chain{name: "chart", from: []string{last, "2:0"}, filters: []filter{{"overlay", []string{"0", strconv.Itoa(height)}}}},
			chain{name: "mark", from: []string{"chart", "3:0"}, filters: []filter{
				{"overlay", []string{arg("x", fmt.Sprintf("min(%s,%d*t/%s)", strconv.Itoa(width-markWidth), width, decimal(c.Length))), arg("y", strconv.Itoa(height))}},
			}})
		last, height = "mark", height+tall
	} else {
		g.chains = append(g.chains, both)
	}
	words, err := e.lines(work, c.Lines, width, height)
	if err != nil {
		return err
	}
	g.chains = append(g.chains, chain{name: "v", from: []string{last}, filters: append(words, filter{"format", []string{"yuv420p"}})})
	return nil
}

// lines are the filters that put lines of words, all of one size, under a picture
// of this size.
func (e *Engine) lines(work string, lines []string, width, height int) ([]filter, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	const share = 0.94 // of the width that words may take
	size := max(float64(width)/36, 14)
	for _, line := range lines {
		size = min(size, share*float64(width)/max(1, ems(line)))
	}
	letter := int(max(size, leastLetter))
	bar := max(20, int(1.8*float64(letter))) / 2 * 2
	out := []filter{{"pad", []string{strconv.Itoa(width), strconv.Itoa(height + bar*len(lines)), "0", "0", "color=white"}}}
	for i, line := range lines {
		file := fmt.Sprintf("line%d.txt", i)
		if err := e.writeWords(work, file, shorten(line, share*float64(width)/float64(letter))); err != nil {
			return nil, err
		}
		out = append(out, filter{"drawtext", []string{
			arg("fontfile", e.font), "textfile=" + file, "expansion=none", "fontsize=" + strconv.Itoa(letter), "fontcolor=black",
			arg("x", "(w-text_w)/2"), arg("y", fmt.Sprintf("%d+(%d-line_h)/2", height+bar*i, bar)),
		}})
	}
	return out, nil
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
