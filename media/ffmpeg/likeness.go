package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"clipcase/media"
)

const (
	likeSide     = 360  // pixels of the shorter side at most
	likePictures = 2400 // of a long piece not every picture is looked at
	likeBlock    = 8    // pixels of the parts that are compared
)

// Likeness lays two files over each other, the second as a stranger's. A file that
// cannot be used is a *media.Refusal. The pictures stream through: a file's length
// costs time and no memory.
func (e *Engine) Likeness(ctx context.Context, one, other string) (media.Likeness, error) {
	var probes [2]media.Probe
	for i, path := range []string{one, other} {
		var err error
		if probes[i], err = e.Inspect(ctx, path); err != nil {
			return media.Likeness{}, err
		}
	}
	width, height := media.FitSize(probes[0].Width, probes[0].Height, likeSide, 0)
	rate := 1.0
	if probes[0].Kind == media.KindVideo {
		rate = math.Min(math.Max(1, math.Min(probes[0].FPS, 30)), likePictures/math.Max(1, probes[0].Duration))
	}
	work, err := os.MkdirTemp(e.dir, "clipcase-likeness-")
	if err != nil {
		return media.Likeness{}, err
	}
	defer e.remove(work)
	if err := e.budget.Acquire(ctx, int64(e.threads)); err != nil {
		return media.Likeness{}, err
	}
	defer e.budget.Release(int64(e.threads))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var ends [2]*io.PipeReader
	done := make(chan error, len(ends))
	for i, path := range []string{one, other} {
		r, w := io.Pipe()
		ends[i] = r
		go func() {
			err := e.grey(ctx, path, probes[i], width, height, rate, work, w)
			_ = w.CloseWithError(err) // nil ends the stream; closing a pipe never fails
			done <- err
		}()
	}
	l, err := overlay(ends[0], ends[1], width, height, max(1, int(rate/2)))
	stop() // what is left of the longer one is not needed
	for _, r := range ends {
		_ = r.Close() // never fails
	}
	for range ends {
		if end := <-done; err == nil && end != nil && !errors.Is(end, context.Canceled) && !errors.Is(end, io.ErrClosedPipe) {
			err = end
		}
	}
	return l, err
}

// grey streams a file's pictures, without colour, at one size and rate.
func (e *Engine) grey(ctx context.Context, path string, probe media.Probe, width, height int, rate float64, work string, to io.Writer) error {
	s, err := e.open(path)
	if err != nil {
		return err
	}
	g := graph{output: output{path: "-", take: []string{"v"}, options: []option{{"-c:v", "rawvideo"}, {"-pix_fmt", "gray"}, {"-f", "rawvideo"}}}}
	begin, filters := entry{}, []filter{scale(width, height)}
	if probe.Kind == media.KindVideo {
		begin = enter(probe, 0)
		filters = picture(probe, begin.picture, width, height, rate)
		g.output.options = append(g.output.options, option{"-frames:v", strconv.Itoa(likePictures + 1)})
	} else {
		g.output.options = append(g.output.options, option{"-frames:v", "1"})
	}
	g.inputs = []input{{path: "file:" + s.path, options: append(e.reading(s), begin.options...)}}
	g.chains = []chain{{name: "v", from: []string{fmt.Sprintf("0:%d", probe.Stream)}, filters: append(filters, filter{"format", []string{"gray"}})}}
	args, err := g.compile()
	if err != nil {
		return err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y"}, args...)
	return unreadable(e.run(ctx, command{tool: e.ffmpeg, args: args, read: []string{s.path}, write: []string{work}, stdout: to}))
}

// overlay compares two streams of grey pictures until one of them ends. Stretches
// count, not single pictures: encoders are late by a picture where a screen changes,
// what was made another stays another.
func overlay(one, other io.Reader, width, height, stretch int) (media.Likeness, error) {
	l := media.Likeness{Least: 1}
	a, b, sum := make([]byte, width*height), make([]byte, width*height), newParts(width, height)
	for {
		_, err := io.ReadFull(one, a)
		if err == nil {
			_, err = io.ReadFull(other, b)
		}
		if err == nil {
			sum.add(a, b)
		}
		if sum.pictures == stretch || err != nil && sum.pictures > 0 {
			ssim, spot := sum.take()
			l.SSIM += ssim * float64(sum.pictures)
			l.Least, l.Spot = math.Min(l.Least, ssim), math.Max(l.Spot, spot)
			l.Pictures += sum.pictures
			sum = newParts(width, height)
		}
		if err != nil {
			round := func(v float64) float64 { return math.Round(v*10000) / 10000 }
			l.SSIM, l.Least, l.Spot = round(l.SSIM/math.Max(1, float64(l.Pictures))), round(l.Least), round(l.Spot)
			return l, ended(err)
		}
	}
}

func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// parts are the differences of the small parts of pictures, summed up over a stretch.
type parts struct {
	width, height int
	pictures      int
	ssim          float64
	apart         []float64
}

func newParts(width, height int) *parts { return &parts{width: width, height: height} }

func (p *parts) add(a, b []byte) {
	at, sum := 0, 0.0
	for y := 0; y+likeBlock <= p.height; y += likeBlock / 2 {
		for x := 0; x+likeBlock <= p.width; x += likeBlock / 2 {
			ssim, apart := blockSSIM(a, b, p.width, x, y)
			sum += ssim
			if at == len(p.apart) {
				p.apart = append(p.apart, 0)
			}
			p.apart[at] += apart
			at++
		}
	}
	p.ssim += sum / math.Max(1, float64(at))
	p.pictures++
}

// blockSSIM is the structural similarity of a small part of two grey pictures whose
// rows are width long, and the mean difference of its pixels.
func blockSSIM(a, b []byte, width, x, y int) (ssim, apart float64) {
	const c1, c2, n = 6.5025, 58.5225, likeBlock * likeBlock
	var sumA, sumB, squareA, squareB, product, differ int
	for i := y; i < y+likeBlock; i++ {
		rowA, rowB := a[i*width+x:][:likeBlock], b[i*width+x:][:likeBlock]
		for j := range rowA {
			v, w := int(rowA[j]), int(rowB[j])
			sumA, sumB, squareA, squareB, product = sumA+v, sumB+w, squareA+v*v, squareB+w*w, product+v*w
			differ += max(v-w, w-v)
		}
	}
	meanA, meanB := float64(sumA)/n, float64(sumB)/n
	varA, varB, both := float64(squareA)/n-meanA*meanA, float64(squareB)/n-meanB*meanB, float64(product)/n-meanA*meanB
	ssim = (2*meanA*meanB + c1) * (2*both + c2) / ((meanA*meanA + meanB*meanB + c1) * (varA + varB + c2))
	return ssim, float64(differ) / n
}

// take is the mean SSIM of the stretch, and the difference of the part that differs
// most throughout it.
func (p *parts) take() (ssim, spot float64) {
	for _, v := range p.apart {
		spot = math.Max(spot, v/float64(p.pictures))
	}
	return p.ssim / float64(p.pictures), spot
}
