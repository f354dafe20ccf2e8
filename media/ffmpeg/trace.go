package ffmpeg

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"clipcase/media"
)

// Trace reads as much of a recording as it takes to lay it beside another: the
// first media.TraceLongest seconds, decoded once. A recording that cannot be
// read is a *media.Refusal.
func (e *Engine) Trace(ctx context.Context, path string, probe media.Probe) (t media.Trace, err error) {
	s, err := e.open(path)
	if err != nil {
		return t, err
	}
	work, err := os.MkdirTemp(e.dir, "clipcase-trace-")
	if err != nil {
		return t, err
	}
	defer e.remove(work)
	if err := e.budget.Acquire(ctx, int64(e.threads)); err != nil {
		return t, err
	}
	defer e.budget.Release(int64(e.threads))
	g := e.trace(s, probe, work)
	args, err := g.compile()
	if err != nil {
		return t, err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y"}, args...)
	length := min(probe.Duration, media.TraceLongest)
	if err := twice(func() error {
		return e.run(ctx, command{tool: e.ffmpeg, args: args, read: []string{s.path}, write: []string{work}, wall: e.patience.whole(length)})
	}); err != nil {
		return t, unreadable(fmt.Errorf("trace: %w", err))
	}
	if t.Pictures, err = os.ReadFile(filepath.Join(work, tracePictures)); err != nil {
		return t, err
	}
	if probe.Audio == nil {
		return t, nil
	}
	raw, err := os.ReadFile(filepath.Join(work, traceSound))
	if err != nil {
		return t, err
	}
	t.Sound = make([]int16, len(raw)/2)
	for i := range t.Sound {
		t.Sound[i] = int16(uint16(raw[2*i]) | uint16(raw[2*i+1])<<8)
	}
	return t, nil
}

// The files that a trace is read from.
const (
	tracePictures = "pictures"
	traceSound    = "sound"
)

func (e *Engine) trace(s original, probe media.Probe, work string) graph {
	r := media.Range{End: min(probe.Duration, media.TraceLongest)}
	begin := enter(probe, 0)
	pictures := append(picture(probe, begin.picture, media.TraceSide, media.TraceSide, media.TracePictures), held(probe, r), filter{"format", []string{"gray"}})
	length := option{"-t", decimal(r.End)}
	g := graph{
		inputs: []input{{path: "file:" + s.path, options: append(e.reading(s), begin.options...)}},
		chains: []chain{{name: "v", from: []string{fmt.Sprintf("0:%d", probe.Stream)}, filters: pictures}},
		output: output{path: "file:" + filepath.Join(work, tracePictures), take: []string{"v"}, options: []option{
			length, {"-frames:v", strconv.Itoa(media.TraceLongest * media.TracePictures)}, {"-c:v", "rawvideo"}, {"-pix_fmt", "gray"}, {"-f", "rawvideo"},
		}},
	}
	if probe.Audio != nil {
		filters := append(sound(begin.sound), filter{"aresample", []string{strconv.Itoa(media.TraceRate)}})
		g.chains = append(g.chains, chain{name: "a", from: []string{fmt.Sprintf("0:%d", probe.Audio.Stream)}, filters: filters})
		g.more = []output{{path: "file:" + filepath.Join(work, traceSound), take: []string{"a"}, options: []option{
			length, {"-c:a", "pcm_s16le"}, {"-f", "s16le"},
		}}}
	}
	return g
}
