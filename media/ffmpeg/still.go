package ffmpeg

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync/atomic"

	"clipcase/media"
)

// stills makes pictures one after the other, has the words on all of them read at
// once, and hands each on.
func (e *Engine) stills(ctx context.Context, tasks []task, take func(context.Context, task, finished, error) error) error {
	made, failed := make([]finished, len(tasks)), make([]error, len(tasks))
	files, sights, pictures := make([]*finishedFile, len(tasks)), make([]sight, len(tasks)), make([]string, len(tasks))
	for i, t := range tasks {
		if made[i], failed[i] = t.still(ctx); failed[i] != nil {
			continue
		}
		file, err := t.madeFile(made[i].path)
		if err == nil && t.showsAll(file) {
			files[i] = &file
			if e.text != nil {
				sights[i], _, err = t.sight(ctx, file, t.piece.Range.Start)
				pictures[i] = sights[i].picture
			}
		}
		if err != nil {
			t.log.Debug("legibility not measured", "reason", err)
		}
	}
	read, err := e.read(ctx, pictures)
	if err != nil {
		return err
	}
	for i, t := range tasks {
		share, known := 0.0, false
		if read[i] != nil {
			share, known = media.Legible(sights[i].want, read[i].Lines)
		}
		switch {
		case known:
			made[i].quality = withLegibility(nil, share)
		case files[i] != nil:
			made[i].quality = t.withEdges(ctx, nil, *files[i])
		}
		if err := take(ctx, t, made[i], failed[i]); err != nil {
			return err
		}
	}
	return nil
}

// still makes one picture: reading begins at the key picture before the moment,
// so it costs about the same anywhere in the recording. What is too large loses
// quality first, where nobody sees it, then size.
func (t task) still(ctx context.Context) (finished, error) {
	to := filepath.Join(t.work, "piece.jpg")
	quality, short := 2, min(t.piece.Width, t.piece.Height)
	for tries := 1; ; tries++ {
		command, err := t.shot(ctx, short, quality, to)
		if err != nil {
			return finished{}, err
		}
		stat, err := os.Stat(to)
		if err != nil {
			return finished{}, err
		}
		if t.piece.MaxBytes == 0 || stat.Size() <= t.piece.MaxBytes {
			return finished{path: to, command: command}, nil
		}
		over := float64(stat.Size()) / float64(t.piece.MaxBytes)
		if quality < worstStill {
			quality = min(worstStill, 1+int(math.Ceil(float64(quality)*math.Pow(over, 1.3))))
			continue
		}
		smaller := max(media.MinShortSide, int(float64(short)*math.Max(0.6, math.Pow(over, -0.6)*0.97)))
		if smaller >= short || tries > 6 {
			return finished{}, t.cannotFit(stat.Size())
		}
		short = smaller
	}
}

// worstStill is mjpeg's quality at which letters begin to blur.
const worstStill = 11

// shot writes the piece's picture as a JPEG with its label and caption; short is
// the shorter side, quality mjpeg's, 2 (best) to 31.
func (t task) shot(ctx context.Context, short, quality int, to string) ([]string, error) {
	width, height := t.piece.Width, t.piece.Height
	if t.piece.Caption != "" {
		height -= media.CaptionBar(width)
	}
	width, height = media.FitSize(width, height, short, 0)
	overlay, err := t.label(t.work, t.piece, width, height)
	if err != nil {
		return nil, err
	}
	if t.piece.Caption != "" {
		under, err := t.caption(t.work, t.piece.Caption, width, height)
		if err != nil {
			return nil, err
		}
		overlay = append(overlay, under...)
	}
	var options []option
	var filters []filter
	if t.probe.Kind == media.KindImage {
		filters = []filter{scale(width, height), {"setsar", []string{"1"}}}
	} else {
		from := enter(t.probe, math.Max(0, math.Min(t.piece.Range.Start, t.probe.Duration-0.03)))
		options = from.options
		// The picture that stands at 0 is the one; at a rate this high even the
		// last one of a recording stands for a while.
		filters = picture(t.probe, from.picture, width, height, 100)
	}
	filters = append(filters, filter{"format", []string{"yuv444p"}})
	filters = append(filters, overlay...)
	// Full chroma and range: coloured letters stay sharp, and JPEG is full range.
	filters = append(filters, filter{"scale", []string{"in_range=" + t.rangeOut(), "out_range=pc"}}, filter{"format", []string{"yuvj444p"}})
	g := graph{
		inputs: []input{t.input(options)},
		chains: []chain{{name: "v", from: []string{t.selector(t.probe.Stream)}, filters: filters}},
		output: output{path: "file:" + to, take: []string{"v"}, options: []option{
			{"-f", "mjpeg"}, {"-c:v", "mjpeg"}, {"-frames:v", "1"}, {"-q:v", strconv.Itoa(quality)}, {"-map_metadata", "-1"}, {"-fflags", "+bitexact"}, {"-flags:v", "+bitexact"},
		}},
	}
	args, err := t.ffmpegRun(ctx, g, nil)
	if err != nil {
		return nil, err
	}
	if stat, err := os.Stat(to); err != nil || stat.Size() == 0 {
		return nil, &media.Refusal{Code: media.RefusedUnreadable, Err: fmt.Errorf("no picture at %.2f s", t.piece.Range.Start)}
	}
	return args, nil
}

// rangeOut is the range that the filters before leave: limited for recordings,
// auto for pictures, which have none in common.
func (t task) rangeOut() string {
	if t.probe.Kind == media.KindImage {
		return "auto"
	}
	return "tv"
}

// Thumbnail writes a JPEG of the picture at a time, its longer side at most
// side pixels, under 200 kB. It waits for other such pictures, never for an encoder.
func (e *Engine) Thumbnail(ctx context.Context, path string, probe media.Probe, at float64, side int, to string) error {
	from, err := e.open(path)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp(filepath.Dir(to), ".thumbnail-")
	if err != nil {
		return err
	}
	defer e.remove(work)
	if err := e.convert(ctx, &from, work); err != nil {
		return err
	}
	width, height := media.FitSize(probe.Width, probe.Height, 0, side)
	damaged := &atomic.Bool{}
	damaged.Store(probe.Damaged)
	t := task{Engine: e, from: from, probe: probe, work: work, report: func(float64) {}, damaged: damaged,
		piece: media.Piece{Name: filepath.Base(to), Kind: media.KindImage, Codec: "mjpeg", Width: width, Height: height, MaxBytes: thumbnailBytes,
			Range: media.Range{Start: at, End: at}}}
	if err := e.glances.Acquire(ctx, 1); err != nil {
		return err
	}
	defer e.glances.Release(1)
	made, err := t.still(ctx)
	if err != nil {
		return err
	}
	return publish(made.path, to)
}

const thumbnailBytes = 200_000
