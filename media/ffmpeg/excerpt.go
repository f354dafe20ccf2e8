package ffmpeg

import (
	"context"
	"image"
	"math"
	"path/filepath"
	"strconv"

	"clipcase/media"
)

// excerpt is the stretch at the largest size and rate, lossless.
type excerpt struct {
	path          string
	fps           float64
	telling       float64 // seconds from its beginning to the picture that is shown first
	made          ticket
	width, height int             // of the GIF at most
	part          image.Rectangle // of the clip; empty = all of it
	whole         image.Point     // the clip's size
}

// as is a GIF that was made of the clip.
func (b excerpt) as(path string) finished {
	return finished{path: path, command: b.made.Args, wrote: b.made.Wrote}
}

func (t task) excerptFile() string { return filepath.Join(t.work, "excerpt.mkv") }

// excerpt takes the clip that an earlier run left, or makes it.
func (t task) excerpt(ctx context.Context) (excerpt, error) {
	b := excerpt{path: t.excerptFile(), fps: t.piece.FPS, width: t.piece.Width, height: t.piece.Height}
	b.telling = math.Max(0, telling(t.probe, t.piece.Range)-t.piece.Range.Start)
	b.whole.X, b.whole.Y = t.detail()
	found, ok, err := t.take(b.path)
	if err != nil {
		t.log.Warn("an excerpt is made anew", "reason", err)
	}
	if b.made = found; !ok {
		from := enter(t.probe, t.piece.Range.Start)
		var words []filter
		if t.piece.Timecode {
			if words, err = t.timecode(t.work, t.piece.Range.Start, b.whole.X, b.whole.Y); err != nil {
				return b, err
			}
		}
		g := graph{inputs: []input{t.input(from.options)}}
		g.chains, g.output = t.excerptOf(t.selector(t.probe.Stream), "v", arrived(t.probe, from.picture), words)
		length := t.length(t.piece.FPS)
		b.made.Wrote = b.path
		if b.made.Args, err = t.ffmpegRun(ctx, g, func(out float64) { t.report(0.5 * math.Min(1, out/length)) }); err != nil {
			return b, err
		}
	}
	if b.whole.X == b.width {
		return b, nil
	}
	return b, t.enlarge(ctx, &b)
}

// excerptOf are the chains from a stream of the stretch to the clip, named name, and
// what is written of it: first makes the stream's pictures whole and timely, words
// are burnt in.
func (t task) excerptOf(from, name string, first, words []filter) ([]chain, output) {
	r := t.piece.Range
	width, height := t.detail()
	filters := append(first, steady(t.piece.FPS))
	filters = append(filters, shaped(t.probe, width, height)...)
	filters = append(filters, filter{"format", []string{"yuv444p"}}, held(t.probe, r))
	length := t.length(t.piece.FPS)
	filters = append(append(filters, words...), filter{"trim", []string{"end=" + decimal(length-0.5/t.piece.FPS)}}, filter{"setpts", []string{"PTS-STARTPTS"}})
	return []chain{{name: name, from: []string{from}, filters: filters}},
		output{path: "file:" + t.excerptFile(), take: []string{name}, options: []option{
			{"-f", "matroska"}, {"-c:v", "libx264"}, {"-preset", "ultrafast"}, {"-qp", "0"}, {"-map_metadata", "-1"},
			{"-frames:v", strconv.Itoa(int(math.Round(length*t.piece.FPS)) + 2)},
		}}
}

// led is the excerpt as "c", the most telling picture held in front for
// media.GIFLead: pages that show only the first picture of a GIF then show what
// matters and not a change of screens. What is put in front here and not when the
// excerpt is written keeps that run from waiting for a picture of its middle: it would
// be silent of its progress until then.
func (b excerpt) led() []chain {
	return []chain{
		{name: "all", from: []string{"0:0"}, split: 2},
		{name: "front", from: []string{"all0"}, filters: []filter{
			{"trim", []string{"start=" + decimal(math.Max(0, b.telling-0.5/b.fps))}}, {"setpts", []string{"PTS-STARTPTS"}},
			{"trim", []string{"end_frame=1"}}, {"tpad", []string{"stop_mode=clone", "stop_duration=" + decimal(media.GIFLead)}},
			{"trim", []string{"end=" + decimal(media.GIFLead)}}, {"fps", []string{"fps=" + fraction(b.fps)}},
		}},
		{name: "c", from: []string{"front", "all1"}, filters: []filter{{"concat", []string{"n=2", "v=1", "a=0"}}}},
	}
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
