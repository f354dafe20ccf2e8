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
	"sync"

	"golang.org/x/sync/errgroup"

	"clipcase/media"
)

// One run reads a stretch once for several pieces of it. What bounds how many:
// an encoder keeps some hundred bytes for each of its pixels.
const (
	sharedPieces = 6
	sharedPixels = 6_000_000 // of all encoders together; HEVC counts heavyWeight times
	heavyWeight  = 2.5
)

// together are the places of the pieces that are made with the one at first, itself
// included, of those not made yet: videos of the same stretch, or a thread's share of
// the pictures.
func (e *Engine) together(pieces []media.Piece, first int, made []bool) []int {
	out, pixels := []int{first}, area(pieces[first])
	stills := 0
	for _, p := range pieces {
		if p.Kind == media.KindImage {
			stills++
		}
	}
	for i := first + 1; i < len(pieces); i++ {
		p := pieces[i]
		if made[i] || p.Kind != pieces[first].Kind {
			continue
		}
		switch {
		case p.Kind == media.KindVideo && p.Range == pieces[first].Range && len(out) < sharedPieces && pixels+area(p) <= sharedPixels:
			pixels += area(p)
		case p.Kind == media.KindImage && len(out) < e.share(stills):
		default:
			continue
		}
		out = append(out, i)
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
	wrote  string  // the file that its last run wrote
	looked float64 // of its work: looking ahead
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
// together with the others that missed. The encoder's turn is given back while
// what came out is weighed and measured. take gets every piece as soon as it is
// settled: the file, or why there is none; its error ends the work. What animations
// of the stretch are made from is taken along by the first run.
func (e *Engine) videos(ctx context.Context, tasks, along []task, turn turn, take func(context.Context, task, finished, error) error) error {
	open := map[int]*contender{}
	for i, t := range tasks {
		t.pot.draw(&t)
		l := newLadder(t.piece, t.share())
		open[i] = &contender{task: t, ladder: l, at: l.first()}
	}
	read := tasks[0].readAhead(ctx)
	defer read()
	if err := e.foresee(ctx, open); err != nil {
		turn.leave()
		return err
	}
	agree(open)
	for tries := 1; len(open) > 0; tries++ {
		if tries > 1 {
			if err := turn.enter(ctx); err != nil {
				return err
			}
		}
		commands, failed := encodeAll(ctx, open, along, tries)
		along = nil
		for i, c := range open {
			if tries == 1 && failed[i] == nil {
				c.pot.leave(c.task, c.file())
			}
		}
		turn.leave()
		if err := ctx.Err(); err != nil {
			return err
		}
		settled, err := e.weigh(ctx, open, tries, commands, failed, take)
		if err != nil {
			return err
		}
		for _, i := range settled {
			delete(open, i)
		}
	}
	return nil
}

// agree lets pieces that would differ in nothing but how much better one may begin,
// because it has more room, begin as the one with the least: then they are one file.
// Whichever needs its better beginning after all still gets it.
func agree(open map[int]*contender) {
	begin := map[int]attempt{}
	for i, c := range open {
		begin[i] = c.at
	}
	for i, c := range open {
		for n, other := range open {
			as, would := c.version(), other.version()
			as.at, would.at = begin[i], begin[n]
			as.at.crf = would.at.crf
			if by := would.at.crf - begin[i].crf; as == would && by > 0 && by <= better && would.at.crf > c.at.crf {
				alone := begin[i]
				c.ladder.alone, c.at = &alone, would.at
			}
		}
	}
}

// weigh judges what an attempt gave, all pieces at once, each beside whatever is
// encoded meanwhile; files that are one are measured once. It hands on what is
// settled and says which that was.
func (e *Engine) weigh(ctx context.Context, open map[int]*contender, tries int, commands map[int][]string, failed map[int]error, take func(context.Context, task, finished, error) error) ([]int, error) {
	measured := map[version]func() *media.Quality{}
	for _, c := range open {
		if measured[c.version()] == nil {
			at := c.at // judging changes it
			measured[c.version()] = sync.OnceValue(func() *media.Quality { return c.quality(ctx, at, c.file()) })
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	var settled []int
	for _, i := range slices.Sorted(maps.Keys(open)) {
		c, quality := open[i], measured[open[i].version()]
		group.Go(func() error {
			aside := e.aside()
			if err := aside.enter(ctx); err != nil {
				return err
			}
			defer aside.leave()
			f, done, err := finished{command: commands[i], wrote: c.wrote}, true, failed[i]
			if err == nil {
				done, err = c.judge(tries, &f, quality)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if !done {
				return nil
			}
			mu.Lock()
			settled = append(settled, i)
			mu.Unlock()
			return take(ctx, c.task, f, err)
		})
	}
	return settled, group.Wait()
}

// judge weighs what an attempt gave: settled with a file, settled without, or
// not settled and with a next attempt.
func (c *contender) judge(tries int, f *finished, quality func() *media.Quality) (settled bool, err error) {
	stat, err := os.Stat(c.file())
	if err != nil {
		return true, err
	}
	like := func() bool {
		f.quality = quality()
		return alike(f.quality)
	}
	better, more, fits := c.ladder.step(c.at, stat.Size(), tries, like)
	switch {
	case more:
		c.at = better
		return false, nil
	case !fits:
		return true, c.cannotFit(stat.Size())
	}
	f.path, f.quality = c.file(), quality()
	if !readable(f.quality, legibleFloor, edgesFloor) && c.ladder.lowered(c.at) {
		return true, c.cannotFit(stat.Size())
	}
	return true, nil
}

// encodeAll makes one attempt for each in one run, and excerpts along. If that
// fails, each is tried alone: what is too much for one run, or wrong with one piece, is not held
// against the others.
func encodeAll(ctx context.Context, open map[int]*contender, along []task, tries int) (commands map[int][]string, failed map[int]error) {
	commands, failed = map[int][]string{}, map[int]error{}
	var all []*contender
	for _, i := range slices.Sorted(maps.Keys(open)) {
		all = append(all, open[i])
	}
	args, err := encode(ctx, all, along, tries)
	for i, c := range open {
		if err != nil && len(all)+len(along) > 1 && ctx.Err() == nil {
			c.log.Debug("a shared run failed", "pieces", len(all), "error", err)
			commands[i], failed[i] = encode(ctx, []*contender{c}, nil, tries)
			continue
		}
		commands[i], failed[i] = args, err
	}
	return commands, failed
}

// encode is one run: the stretch is read once, brought to each size that is
// wanted once, and every version gets an encoder. What was taken along is shelved.
func encode(ctx context.Context, all []*contender, along []task, tries int) ([]string, error) {
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
	g, err := graphOf(versions, along)
	if err != nil {
		return nil, err
	}
	length := all[0].length(all[0].at.fps)
	args, err := all[0].ffmpegRun(ctx, g, func(seconds float64) {
		// Each further try takes half of what is left of the bar; measuring takes a
		// tenth of one.
		span := math.Pow(0.5, float64(tries-1))
		if tries == maxTries {
			span *= 0.5
		}
		for _, c := range all {
			c.report(c.looked + (1-c.looked)*(1-span+span*0.88*math.Min(1, seconds/length)))
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
	for _, t := range along {
		if err := t.shelve(args); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// canvas is what pictures are brought to before words are burnt in.
type canvas struct {
	width, height int
	fps           float64
}

// graphOf is the graph of one run for several versions of one stretch, and for
// excerpts of it.
func graphOf(versions []*contender, along []task) (graph, error) {
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
	if len(along) == 0 && !slices.ContainsFunc(canvases, func(s canvas) bool { return s.fps != canvases[0].fps }) {
		head, own = append(head, steady(canvases[0].fps)), func(canvas) []filter { return nil }
	}
	g := graph{inputs: []input{first.input(from.options)}, chains: []chain{
		{name: "s", from: []string{first.selector(first.probe.Stream)}, filters: head, split: len(canvases) + len(along)},
	}}
	for i, s := range canvases {
		filters := append(own(s), shaped(first.probe, s.width, s.height)...)
		// Limited 4:2:0 before it is parted: what stands at the end of one branch
		// must not decide what the others are given.
		filters = append(filters, filter{"format", []string{"yuv420p"}}, held(first.probe, first.piece.Range))
		g.chains = append(g.chains, chain{name: canvasName(i), from: []string{part("s", i, len(canvases)+len(along))}, filters: filters, split: users[s]})
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
	for i, t := range along {
		chains, o := t.excerptOf(part("s", len(canvases)+i, len(canvases)+len(along)), fmt.Sprint("x", i), nil, nil)
		g.chains, g.more = append(g.chains, chains...), append(g.more, o)
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
