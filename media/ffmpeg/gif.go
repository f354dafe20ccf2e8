package ffmpeg

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"clipcase/media"
)

// gif makes a short animation. The stretch is decoded once into a lossless clip
// of the size that is wanted; what that weighs as a GIF is weighed at a small
// size; the shape that fits follows by arithmetic. A try that misses all the
// same corrects the reckoning, once.
func (t task) gif(ctx context.Context) (finished, error) {
	b, err := t.excerpt(ctx)
	if err != nil {
		return finished{}, err
	}
	m, err := t.weigh(ctx, b)
	if err != nil {
		return finished{}, err
	}
	t.report(0.6)
	first := shape{width: b.width, height: b.height, fps: t.piece.FPS, colours: fineColours, lossy: lossyLeast}
	s := m.solve(first, t.aim())
	for tries := 1; ; tries++ {
		plain, err := t.animate(ctx, b, s)
		if err != nil {
			return finished{}, err
		}
		to, bytes, err := t.squeeze(ctx, plain, s.lossy)
		if err != nil {
			return finished{}, err
		}
		t.report(1 - 0.4*math.Pow(0.4, float64(tries)))
		if t.fitsGIF(bytes) {
			f := b.as(to)
			f.quality = t.judged(ctx, f)
			if s.width < first.width && !readable(f.quality, legibleEqual, edgesEqual) && tries < gifTries {
				if f, s, err = t.sharper(ctx, b, m.sharp(first, t.aim()), f, s); err != nil {
					return f, err
				}
			}
			if s.width < first.width && !readable(f.quality, legibleFloor, edgesFloor) {
				return finished{}, t.cannotFit(bytes)
			}
			return f, nil
		}
		if tries == gifTries {
			return t.tighter(ctx, b, plain)
		}
		m.learn(s, bytes)
		s = m.solve(first, t.aim())
	}
}

const (
	plainGIF    = "plain.gif"
	gifTries    = 2
	fineColours = 128
	lossyLeast  = 60  // gifsicle's: letters keep their edges
	lossyMost   = 200 // letters can still be read
	gifAim      = 0.86
)

func (t task) fitsGIF(bytes int64) bool { return t.piece.MaxBytes == 0 || bytes <= t.piece.MaxBytes }

// aim is what a try should weigh: the reckoning errs by a tenth either way.
func (t task) aim() float64 {
	if t.piece.MaxBytes == 0 {
		return math.MaxFloat64
	}
	return gifAim * float64(t.piece.MaxBytes)
}

// sharper makes a GIF whose letters became too small once more, in another shape;
// the one that reads better is taken.
func (t task) sharper(ctx context.Context, b excerpt, s shape, f finished, had shape) (finished, shape, error) {
	if s.width <= had.width {
		return f, had, nil
	}
	kept := filepath.Join(t.work, "kept.gif")
	if err := os.Rename(f.path, kept); err != nil {
		return f, had, err
	}
	f.path = kept
	before := slices.Clone(t.ran.done) // how the kept one came to be
	plain, err := t.animate(ctx, b, s)
	if err != nil {
		return f, had, err
	}
	to, bytes, err := t.squeeze(ctx, plain, s.lossy)
	if err != nil {
		return f, had, err
	}
	other := b.as(to)
	if t.fitsGIF(bytes) {
		other.quality = t.judged(ctx, other)
	}
	if other.quality == nil || other.quality.Legibility == nil || *other.quality.Legibility <= *f.quality.Legibility {
		t.ran.done = before
		return f, had, nil
	}
	return other, s, nil
}

// tighter squeezes the last try as far as letters bear.
func (t task) tighter(ctx context.Context, b excerpt, plain string) (finished, error) {
	to, bytes, err := t.squeeze(ctx, plain, lossyMost)
	if err != nil {
		return finished{}, err
	}
	if !t.fitsGIF(bytes) {
		return finished{}, t.cannotFit(bytes)
	}
	f := b.as(to)
	f.quality = t.judged(ctx, f)
	return f, nil
}

// frames are the chains from the clip to pictures of a shape, one to a change: a
// screen at rest is a few long pictures, not many, none longer than a second,
// for the last one's length is not kept. Where a part is enlarged, the
// picture in front shows the whole. Words are drawn over all of them.
func (b excerpt) frames(s shape, words []filter) []chain {
	rate := filter{"fps", []string{"fps=" + decimal(math.Round(s.fps*100)/100)}}
	rest := filter{"mpdecimate", []string{"max=" + strconv.Itoa(int(math.Max(1, math.Floor(s.fps)))), "hi=512", "lo=256", "frac=0.05"}}
	if b.part.Empty() {
		return append(b.led(), chain{name: "f", from: []string{"c"}, filters: append([]filter{rate, lanczos(s.width, s.height), rest}, words...)})
	}
	over := math.Max(float64(b.whole.X)/float64(s.width), float64(b.whole.Y)/float64(s.height))
	width, height := media.FitSize(b.whole.X, b.whole.Y, int(float64(min(b.whole.X, b.whole.Y))/over), 0)
	lead := "end=" + decimal(media.GIFLead-0.001)
	return append(b.led(), []chain{
		{name: "b", from: []string{"c"}, filters: []filter{rate}, split: 2},
		{name: "lead", from: []string{"b0"}, filters: []filter{{"trim", []string{lead}}, lanczos(width, height),
			{"pad", []string{strconv.Itoa(s.width), strconv.Itoa(s.height), "(ow-iw)/2", "(oh-ih)/2", "color=white"}}, {"setsar", []string{"1"}}}},
		{name: "run", from: []string{"b1"}, filters: []filter{{"trim", []string{"start=" + decimal(media.GIFLead-0.001)}}, {"setpts", []string{"PTS-STARTPTS"}},
			{"crop", []string{strconv.Itoa(b.part.Dx()), strconv.Itoa(b.part.Dy()), strconv.Itoa(b.part.Min.X), strconv.Itoa(b.part.Min.Y)}},
			lanczos(s.width, s.height), {"setsar", []string{"1"}}}},
		{name: "f", from: []string{"lead", "run"}, filters: append([]filter{{"concat", []string{"n=2", "v=1", "a=0"}}, rest}, words...)},
	}...)
}

func lanczos(width, height int) filter {
	return filter{"scale", []string{strconv.Itoa(width), strconv.Itoa(height), "flags=lanczos"}}
}

// coloured adds to chains ending in "f" a palette of their own ("p", in as many parts
// as it is used in) and its use.
func coloured(chains []chain, colours, parts int) []chain {
	chains[len(chains)-1].split = 2
	return append(chains,
		chain{name: "p", from: []string{"f0"}, split: parts, filters: []filter{{"palettegen", []string{"max_colors=" + strconv.Itoa(colours), "stats_mode=full", "reserve_transparent=1"}}}},
		chain{name: "g", from: []string{"f1", part("p", 0, parts)}, filters: []filter{using()}})
}

// using is the use of a palette. No error diffusion: it would make every picture
// differ from the one before.
func using() filter { return filter{"paletteuse", []string{"dither=none", "diff_mode=rectangle"}} }

// animate makes the GIF of one shape, with the palette that was found when it was
// weighed, if it has as many colours. The label is drawn at the GIF's own size, so that
// it stays sharp.
func (t task) animate(ctx context.Context, b excerpt, s shape) (string, error) {
	plain := filepath.Join(t.work, plainGIF)
	words, err := t.labelled(s)
	if err != nil {
		return "", err
	}
	g := graph{
		inputs: []input{b.input()},
		chains: b.frames(s, words),
		output: output{path: "file:" + plain, take: []string{"g"}, options: []option{{"-f", "gif"}, {"-vsync", "vfr"}, {"-loop", "0"}, {"-map_metadata", "-1"}}},
	}
	if s.colours == fineColours {
		g.inputs = append(g.inputs, input{path: "file:" + t.paletteFile(), options: []option{{"-protocol_whitelist", "file"}, {"-f", "png_pipe"}}})
		g.chains = append(g.chains, chain{name: "g", from: []string{"f", "1:0"}, filters: []filter{using()}})
	} else {
		g.chains = coloured(g.chains, s.colours, 1)
	}
	return plain, t.excerptRun(ctx, g, command{})
}

func (t task) paletteFile() string { return filepath.Join(t.work, "palette.png") }

// labelled are the filters that draw a GIF's label; the running time runs with the clip.
func (t task) labelled(s shape) ([]filter, error) {
	words := t.piece
	words.Timecode = false
	return t.label(t.work, words, s.width, s.height)
}

func (b excerpt) input() input {
	return input{path: "file:" + b.path, options: []option{{"-protocol_whitelist", "file"}, {"-f", "matroska"}}}
}

// excerptRun compiles and runs a graph over the clip.
func (t task) excerptRun(ctx context.Context, g graph, c command) error {
	args, err := g.compile()
	if err != nil {
		return err
	}
	c.read = []string{t.font}
	for _, in := range g.inputs {
		c.read = append(c.read, strings.TrimPrefix(in.path, "file:"))
	}
	c.tool, c.write, c.wall = t.ffmpeg, []string{t.work}, t.patience.whole(t.piece.Range.Length())
	c.args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y", "-filter_complex_threads", strconv.Itoa(t.threads)}, args...)
	if err := twice(func() error { return t.run(ctx, c) }); died(err) {
		return unreadable(err)
	} else if err != nil {
		return fmt.Errorf("gif: %w", err)
	}
	return nil
}

// squeeze lets gifsicle find repetitions, at the cost of pixels that few see.
// Without it the plain GIF is what there is.
func (t task) squeeze(ctx context.Context, plain string, lossy int) (string, int64, error) {
	small := plain
	if t.gifsicle != "" {
		small = filepath.Join(t.work, "small.gif")
		// -O3 takes twice the time of -O2 and saves nothing here.
		args := []string{"-O2", "--no-comments", "--no-names", "--lossy=" + strconv.Itoa(lossy), "-o", small, plain}
		err := t.run(ctx, command{tool: t.gifsicle, args: args, read: []string{plain}, write: []string{t.work}})
		if died(err) {
			t.log.Warn("a GIF stays larger than it need be", "error", err)
			small = plain
		} else if err != nil {
			return "", 0, fmt.Errorf("gif: %w", err)
		}
	}
	stat, err := os.Stat(small)
	if err != nil {
		return "", 0, err
	}
	return small, stat.Size(), nil
}
