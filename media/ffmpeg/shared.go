package ffmpeg

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"clipcase/media"
)

// One run reads a stretch once for several pieces of it. What bounds how many:
// an encoder keeps some hundred bytes for each of its pixels.
const (
	sharedPieces = 6
	sharedPixels = 6_000_000 // of all encoders together; HEVC counts heavyWeight times
	heavyWeight  = 2.5
)

// together are the places of the pieces that are made with the one at first,
// itself included: videos of the same stretch that were not made yet.
func together(pieces []media.Piece, first int, made []bool) []int {
	out, pixels := []int{first}, area(pieces[first])
	for i := first + 1; i < len(pieces) && pieces[first].Kind == media.KindVideo; i++ {
		p := pieces[i]
		if made[i] || p.Kind != media.KindVideo || p.Range != pieces[first].Range ||
			len(out) == sharedPieces || pixels+area(p) > sharedPixels {
			continue
		}
		out = append(out, i)
		pixels += area(p)
	}
	return out
}

func area(p media.Piece) float64 {
	pixels := float64(p.Width * p.Height)
	if p.Codec == "hevc" {
		return pixels * heavyWeight
	}
	return pixels
}

// contender is a video piece on its way down its ladder.
type contender struct {
	task
	ladder ladder
	at     attempt
	wrote  string // the file that its last run wrote
}

// version is all that makes one encoded file differ from another of the same
// stretch. Pieces that agree in it are one file under several names.
type version struct {
	codec, label string
	timecode     bool
	audio        int64
	at           attempt
}

func (c contender) version() version {
	return version{c.piece.Codec, c.piece.Label, c.piece.Timecode, c.piece.Audio, c.at}
}

func (c contender) canvas() canvas { return canvas{c.at.width, c.at.height, c.at.fps} }

func (c contender) hears() bool { return c.piece.Audio > 0 && c.probe.Audio != nil }

func (c contender) file() string { return filepath.Join(c.work, "piece.mp4") }

// videos encodes pieces of one stretch until each fits: constant quality under
// a ceiling first, then what its ladder says. What misses is encoded again,
// together with the others that missed. take gets every piece as soon as it is
// settled: the file, or why there is none; its error ends the work.
func (e *Engine) videos(ctx context.Context, tasks []task, take func(t task, f finished, err error) error) error {
	open := map[int]*contender{}
	for i, t := range tasks {
		l := newLadder(t.piece, t.share())
		open[i] = &contender{task: t, ladder: l, at: l.first()}
	}
	for tries := 1; len(open) > 0; tries++ {
		commands, failed := encodeAll(ctx, open, tries)
		if err := ctx.Err(); err != nil {
			return err
		}
		measured := map[version]*media.Quality{}
		for i := range tasks { // in their order
			c, ok := open[i]
			if !ok {
				continue
			}
			f, settled, err := finished{command: commands[i], wrote: c.wrote}, true, failed[i]
			if err == nil {
				settled, err = c.judge(ctx, tries, &f, measured)
			}
			if !settled {
				continue
			}
			delete(open, i)
			if err := take(c.task, f, err); err != nil {
				return err
			}
		}
	}
	return nil
}

// judge weighs what an attempt gave: settled with a file, settled without, or
// not settled and with a next attempt.
func (c *contender) judge(ctx context.Context, tries int, f *finished, measured map[version]*media.Quality) (settled bool, err error) {
	stat, err := os.Stat(c.file())
	if err != nil {
		return true, err
	}
	if !c.ladder.fits(stat.Size(), tries) {
		better, ok := c.ladder.next(c.at, stat.Size())
		if ok && tries < maxTries {
			c.at = better
			return false, nil
		}
		if c.ladder.hard > 0 && stat.Size() > c.ladder.hard {
			return true, c.cannotFit(stat.Size())
		}
	}
	f.path = c.file()
	known, ok := measured[c.version()]
	if !ok {
		known = c.quality(ctx, c.at, f.path)
		measured[c.version()] = known
	}
	f.quality = known
	if tries == 1 && known != nil && known.SSIM != nil && *known.SSIM < transparent {
		if better, ok := c.ladder.raised(c.at, stat.Size()); ok {
			c.at = better
			return false, nil
		}
	}
	return true, nil
}

// transparent is the likeness (SSIM) from which nobody tells a piece from its
// original at the same size: more bits are waste.
const transparent = 0.98

// encodeAll makes one attempt for each in one run. If that fails, each is tried
// alone: what is too much for one run, or wrong with one piece, is not held
// against the others.
func encodeAll(ctx context.Context, open map[int]*contender, tries int) (commands map[int][]string, failed map[int]error) {
	commands, failed = map[int][]string{}, map[int]error{}
	var all []*contender
	for _, i := range slices.Sorted(maps.Keys(open)) {
		all = append(all, open[i])
	}
	args, err := encode(ctx, all, tries)
	for i, c := range open {
		if err != nil && len(all) > 1 && ctx.Err() == nil {
			c.log.Debug("a shared run failed", "pieces", len(all), "error", err)
			commands[i], failed[i] = encode(ctx, []*contender{c}, tries)
			continue
		}
		commands[i], failed[i] = args, err
	}
	return commands, failed
}

// encode is one run: the stretch is read once, brought to each size that is
// wanted once, and every version gets an encoder.
func encode(ctx context.Context, all []*contender, tries int) ([]string, error) {
	var versions []*contender
	same := map[version]*contender{}
	for _, c := range all {
		if same[c.version()] == nil {
			same[c.version()] = c
			versions = append(versions, c)
		}
	}
	// What stands there from the try before may be one file with a piece that is
	// published by now: written over, it would be another one under the same name.
	for _, c := range all {
		if err := os.RemoveAll(c.file()); err != nil {
			return nil, err
		}
	}
	g, err := graphOf(versions)
	if err != nil {
		return nil, err
	}
	length := all[0].length(all[0].at.fps)
	args, err := all[0].ffmpegRun(ctx, g, func(seconds float64) {
		// Each further try takes half of what is left of the bar.
		span := math.Pow(0.5, float64(tries-1))
		if tries == maxTries {
			span *= 0.5
		}
		for _, c := range all {
			c.report(1 - span + span*0.97*math.Min(1, seconds/length))
		}
	})
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		c.wrote = same[c.version()].file()
		if twin := same[c.version()]; twin != c {
			if err := os.Link(twin.file(), c.file()); err != nil {
				return nil, err
			}
		}
	}
	return args, nil
}

// canvas is what pictures are brought to before words are burnt in.
type canvas struct {
	width, height int
	fps           float64
}

// graphOf is the graph of one run for several versions of one stretch.
func graphOf(versions []*contender) (graph, error) {
	first := versions[0]
	from := enter(first.probe, first.piece.Range.Start)
	var canvases []canvas
	users, listeners := map[canvas]int{}, 0
	for _, c := range versions {
		if users[c.canvas()] == 0 {
			canvases = append(canvases, c.canvas())
		}
		users[c.canvas()]++
		if c.hears() {
			listeners++
		}
	}
	// Pictures that no piece keeps are dropped before they are parted; pieces of
	// different rates each choose their own.
	head, own := arrived(first.probe, from.picture), func(s canvas) []filter { return []filter{steady(s.fps)} }
	if !slices.ContainsFunc(canvases, func(s canvas) bool { return s.fps != canvases[0].fps }) {
		head, own = append(head, steady(canvases[0].fps)), func(canvas) []filter { return nil }
	}
	g := graph{inputs: []input{first.input(from.options)}, chains: []chain{
		{name: "s", from: []string{first.selector(first.probe.Stream)}, filters: head, split: len(canvases)},
	}}
	for i, s := range canvases {
		filters := append(own(s), shaped(first.probe, s.width, s.height)...)
		// Limited 4:2:0 before it is parted: what stands at the end of one branch
		// must not decide what the others are given.
		filters = append(filters, filter{"format", []string{"yuv420p"}}, held(first.probe, first.piece.Range))
		g.chains = append(g.chains, chain{name: canvasName(i), from: []string{part("s", i, len(canvases))}, filters: filters, split: users[s]})
	}
	if listeners > 0 {
		g.chains = append(g.chains, chain{name: "a", from: []string{first.selector(first.probe.Audio.Stream)},
			filters: sound(from.sound), split: listeners, sound: true})
	}
	taken, heard := map[canvas]int{}, 0
	for i, c := range versions {
		words, err := c.label(c.work, c.piece, c.at.width, c.at.height)
		if err != nil {
			return graph{}, err
		}
		// Behind the held picture, where a running time still runs.
		name, s := fmt.Sprint("v", i), c.canvas()
		source := part(canvasName(slices.Index(canvases, s)), taken[s], users[s])
		taken[s]++
		g.chains = append(g.chains, chain{name: name, from: []string{source}, filters: within(words, filepath.Base(c.work))})
		o := output{path: "file:" + c.file(), take: []string{name}, options: c.coding()}
		if c.hears() {
			o.take = append(o.take, part("a", heard, listeners))
			o.options = append(o.options, option{"-c:a", "aac"}, option{"-b:a", strconv.FormatInt(c.piece.Audio, 10)}, option{"-flags:a", "+bitexact"})
			heard++
		}
		if i == 0 {
			g.output = o
		} else {
			g.more = append(g.more, o)
		}
	}
	return g, nil
}

func canvasName(i int) string { return fmt.Sprint("p", i) }

// part is the name of one of the parts a chain is split into; one alone is not split.
func part(name string, i, of int) string {
	if of == 1 {
		return name
	}
	return fmt.Sprint(name, i)
}

// within says where drawtext finds files that were written for a folder below
// the one it works in.
func within(words []filter, folder string) []filter {
	for _, f := range words {
		for i, a := range f.args {
			if name, ok := strings.CutPrefix(a, "textfile="); ok {
				f.args[i] = arg("textfile", filepath.Join(folder, name))
			}
		}
	}
	return words
}
