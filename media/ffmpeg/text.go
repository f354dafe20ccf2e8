package ffmpeg

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"clipcase/media"
)

// Reader reads the words on a picture; media/detect has the one that is used.
type Reader interface {
	// Read gives the lines on grey pictures (PGM) in order, a page for each. Its tools stand back
	// behind others at least by nice, 0..19. Any error but ctx's own says that one of
	// these pictures cannot be read; others may.
	Read(ctx context.Context, pictures []string, nice int) ([]media.Page, error)
}

const (
	readShort  = 720  // pixels: a phone's letters are then as large as readers like them
	readLong   = 3200 // of a long picture
	mostPages  = 96   // readings remembered, of all originals
	readAtOnce = 4    // pictures, which saves the tool's getting ready three times
)

// Reads says whether there is something to read words with.
func (e *Engine) Reads() bool { return e.text != nil }

// Read gives what stands on the screen of an original, at the moments that media
// finds worth it, until so much processor time is spent; the end of a recording is
// read first, then its beginning, then what lies farthest from what was read, so
// that the most is known when the time is up. A moment that cannot be read is left
// out. The only error is ctx's, and a *media.Refusal of a file that cannot be
// opened.
func (e *Engine) Read(ctx context.Context, path string, probe media.Probe, within time.Duration) ([]media.Reading, error) {
	return e.readAt(ctx, path, probe, media.ReadAt(probe), within)
}

// ReadAt reads the screen at given moments, in the time that media finds it worth.
func (e *Engine) ReadAt(ctx context.Context, path string, probe media.Probe, moments []float64) ([]media.Reading, error) {
	return e.readAt(ctx, path, probe, moments, media.ReadWithin(probe))
}

func (e *Engine) readAt(ctx context.Context, path string, probe media.Probe, moments []float64, within time.Duration) ([]media.Reading, error) {
	if e.text == nil || len(moments) == 0 {
		return nil, nil
	}
	s, err := e.open(path)
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp(e.dir, "clipcase-read-")
	if err != nil {
		return nil, err
	}
	defer e.remove(work)
	if err := e.convert(ctx, &s, work); err != nil {
		return nil, err
	}
	found := make([][]media.Line, len(moments))
	left := &allowance{left: within}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(e.threads)
	for some := range slices.Chunk(fromTheEnd(len(moments)), e.share(len(moments))) {
		group.Go(func() error {
			var asked []int
			for _, i := range some {
				if lines, ok := e.remembered(s.path, moments[i]); ok {
					found[i] = lines
				} else if left.begin() {
					asked = append(asked, i)
				}
			}
			if len(asked) == 0 {
				return nil
			}
			if err := e.side.Acquire(ctx, 1); err != nil {
				return err
			}
			defer e.side.Release(1)
			var at []float64
			for _, i := range asked {
				at = append(at, moments[i])
			}
			pages, err := e.pagesAt(ctx, s, probe, at, work)
			for n, page := range pages {
				if page.Spent > 0 { // what could not be read has cost what was booked
					left.end(page.Spent)
				}
				found[asked[n]] = page.Lines
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var out []media.Reading
	for i, lines := range found {
		if len(lines) > 0 {
			out = append(out, media.Reading{At: moments[i], Lines: lines})
		}
	}
	return out, nil
}

// share is how many of n pictures are made and read by one thread in one go.
func (e *Engine) share(n int) int { return max(1, min(readAtOnce, (n+e.threads-1)/e.threads)) }

// fromTheEnd are the places 0 to n-1: the last, the first, and then halves of what
// lies between, the widest first.
func fromTheEnd(n int) []int {
	if n == 0 {
		return nil
	}
	out := []int{n - 1}
	if n > 1 {
		out = append(out, 0)
	}
	for between := [][2]int{{0, n - 1}}; len(between) > 0; between = between[1:] {
		low, high := between[0][0], between[0][1]
		if high-low < 2 {
			continue
		}
		middle := (low + high) / 2
		out, between = append(out, middle), append(between, [2]int{low, middle}, [2]int{middle, high})
	}
	return out
}

// allowance is processor time that several readings share.
type allowance struct {
	mu   sync.Mutex
	left time.Duration
}

// oneReading is about what reading one screen takes.
const oneReading = 900 * time.Millisecond

// begin books one reading, if there is time left for any.
func (a *allowance) begin() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.left < oneReading {
		return false
	}
	a.left -= oneReading
	return true
}

// end puts what a booked reading really took in the place of what was booked.
func (a *allowance) end(spent time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.left += oneReading - spent
}

// page reads the words of an original at a moment, once for as long as it is
// remembered: the time line and the pieces' legibility ask for the same.
func (e *Engine) page(ctx context.Context, s original, probe media.Probe, at float64, work string) (media.Page, error) {
	if lines, ok := e.remembered(s.path, at); ok {
		return media.Page{Lines: lines}, nil
	}
	pages, err := e.pagesAt(ctx, s, probe, []float64{at}, work)
	if err != nil {
		return media.Page{}, err
	}
	return pages[0], nil
}

// pagesAt reads the words of an original at moments, all at once, and remembers them.
// A moment that cannot be read gives an empty page; the only error is ctx's.
func (e *Engine) pagesAt(ctx context.Context, s original, probe media.Probe, at []float64, work string) ([]media.Page, error) {
	width, height := readSize(probe.Width, probe.Height)
	out, shown := make([]media.Page, len(at)), make([]string, len(at))
	for i, moment := range at {
		dir, err := os.MkdirTemp(work, "page-")
		if err != nil {
			return out, err
		}
		defer e.remove(dir)
		if shown[i], err = e.shows(ctx, s, probe, moment, nil, view{width: width, height: height, bottom: 1}, dir); err != nil {
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			e.log.Debug("words not read", "at", moment, "reason", err)
		}
	}
	read, err := e.read(ctx, shown)
	if err != nil {
		return out, err
	}
	for i, moment := range at {
		if read[i] == nil {
			continue
		}
		out[i] = *read[i]
		if key, err := keyOf(s.path, moment); err == nil {
			e.pages.put(key, read[i].Lines)
		}
	}
	return out, nil
}

// read reads pictures at once; where that fails each alone: one that cannot be read
// takes no other with it. Those that cannot, and those without a name, give nil; the
// only error is ctx's.
func (e *Engine) read(ctx context.Context, pictures []string) ([]*media.Page, error) {
	out := make([]*media.Page, len(pictures))
	var there []int
	for i, picture := range pictures {
		if picture != "" {
			there = append(there, i)
		}
	}
	some := func(places []int) error {
		if len(places) == 0 {
			return nil
		}
		var names []string
		for _, i := range places {
			names = append(names, pictures[i])
		}
		pages, err := e.text.Read(ctx, names, e.nice)
		for n := range pages {
			out[places[n]] = &pages[n]
		}
		return err
	}
	err := some(there)
	if err != nil && len(there) > 1 && ctx.Err() == nil {
		for _, i := range there {
			if err := some([]int{i}); err != nil {
				e.log.Debug("words not read", "reason", err)
			}
		}
	} else if err != nil {
		e.log.Debug("words not read", "reason", err)
	}
	return out, ctx.Err()
}

// remembered is what was read of a file at a moment.
func (e *Engine) remembered(path string, at float64) ([]media.Line, bool) {
	key, err := keyOf(path, at)
	if err != nil {
		return nil, false
	}
	return e.pages.get(key)
}

// view is what is read of a picture: it is scaled to a size, and of that only
// what stands from top to bottom, in shares of the height, is looked at.
type view struct {
	width, height int
	top, bottom   float64
}

func (p view) part() []filter {
	if p.top <= 0 && p.bottom >= 1 {
		return nil
	}
	from, to := int(p.top*float64(p.height)), int(math.Ceil(p.bottom*float64(p.height)))
	return []filter{{"crop", []string{strconv.Itoa(p.width), strconv.Itoa(to - from), "0", strconv.Itoa(from)}}}
}

// shows writes the picture that stands at a moment of a file, behind filters of its
// own, or a part of it, into a folder of its own.
func (e *Engine) shows(ctx context.Context, s original, probe media.Probe, at float64, first []filter, look view, dir string) (string, error) {
	tolerant := &atomic.Bool{}
	tolerant.Store(true) // a figure about a file must not fail for what the file is
	t := task{Engine: e, from: s, probe: probe, work: dir, damaged: tolerant}
	var options []option
	filters := slices.Clone(first)
	if probe.Kind == media.KindImage {
		filters = append(filters, scale(look.width, look.height), filter{"setsar", []string{"1"}})
	} else {
		from := enter(probe, math.Max(0, math.Min(at, probe.Duration-0.03)))
		options = from.options
		filters = append(filters, picture(probe, from.picture, look.width, look.height, 100)...)
	}
	filters = append(append(filters, filter{"format", []string{"gray"}}), look.part()...)
	to := filepath.Join(dir, "page.pgm") // unpacked: packing a picture that is read once is for nothing
	g := graph{
		inputs: []input{t.input(options)},
		chains: []chain{{name: "v", from: []string{t.selector(probe.Stream)}, filters: filters}},
		output: output{path: "file:" + to, take: []string{"v"}, options: []option{
			{"-f", "image2"}, {"-update", "1"}, {"-c:v", "pgm"}, {"-frames:v", "1"}, {"-map_metadata", "-1"},
		}},
	}
	if _, err := t.ffmpegRun(ctx, g, nil); err != nil {
		return "", err
	}
	if _, err := os.Stat(to); err != nil {
		return "", fmt.Errorf("no picture at %s s: %w", strconv.FormatFloat(at, 'f', 2, 64), err)
	}
	return to, nil
}

// readSize is the size at which a picture is read: also small ones are made
// large enough, for readers see less than people do.
func readSize(width, height int) (int, int) {
	factor := readShort / float64(max(1, min(width, height)))
	factor = math.Min(factor, readLong/float64(max(1, width, height)))
	even := func(side int) int { return max(2, int(math.Round(float64(side)*factor/2))*2) }
	return even(width), even(height)
}
