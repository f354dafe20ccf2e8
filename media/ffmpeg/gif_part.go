package ffmpeg

import (
	"bytes"
	"context"
	"image"
	"math"

	"clipcase/media"
)

const (
	lookWidth   = 160 // pixels across, for finding what changes
	lookChange  = 20  // of 255: less is the recorder's own doing
	partMargin  = 0.04
	partLeast   = 0.35 // of either side: a part without its surroundings tells nothing
	partEnlarge = 1.3  // how much larger letters must get for the whole to be given up
)

// detail is the size at which the stretch is decoded: the GIF's own, except where
// showing only what changes may make its letters larger. On an
// upright phone's screen changes reach from edge to edge.
func (t task) detail() (int, int) {
	p := t.piece
	if t.probe.Width <= t.probe.Height || p.Timecode || float64(t.probe.Width) < partEnlarge*float64(p.Width) {
		return p.Width, p.Height
	}
	return media.FitSize(t.probe.Width, t.probe.Height, 1080, 0)
}

// enlarge finds the part of the clip in which everything changes and shows
// that alone, larger, where this pays.
func (t task) enlarge(ctx context.Context, b *excerpt) error {
	width, height := media.FitSize(b.whole.X, b.whole.Y, 0, lookWidth)
	var out bytes.Buffer
	g := graph{
		inputs: []input{b.input()},
		chains: []chain{{name: "l", from: []string{"0:0"}, filters: []filter{
			lanczos(width, height), {"format", []string{"gray"}}}}},
		output: output{path: "-", take: []string{"l"}, options: []option{{"-f", "rawvideo"}, {"-vsync", "passthrough"}}},
	}
	if err := t.excerptRun(ctx, g, command{stdout: &out}); err != nil {
		return err
	}
	found := changing(out.Bytes(), width, height)
	scale := float64(b.whole.X) / float64(width)
	part := surrounded(found, scale, b.whole)
	if part.Empty() {
		return nil
	}
	w, h := float64(part.Dx()), float64(part.Dy())
	k := math.Min(1, math.Min(float64(b.width)/w, float64(b.height)/h))
	if k < partEnlarge*float64(b.width)/float64(b.whole.X) {
		return nil
	}
	b.part = part
	b.width, b.height = media.FitSize(part.Dx(), part.Dy(), int(k*math.Min(w, h)), 0)
	return nil
}

// changing is what differs between any two pictures, 8-bit grey, that follow each other.
func changing(pictures []byte, width, height int) image.Rectangle {
	var all image.Rectangle
	size := width * height
	for at := size; at+size <= len(pictures); at += size {
		for i := range size {
			a, b := int(pictures[at-size+i]), int(pictures[at+i])
			if a-b > lookChange || b-a > lookChange {
				x, y := i%width, i/width
				all = all.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return all
}

// surrounded is a part of the small picture in pixels of the whole, with a
// margin, not too narrow, on even pixels; nothing stays nothing.
func surrounded(r image.Rectangle, scale float64, whole image.Point) image.Rectangle {
	if r.Empty() {
		return r
	}
	side := func(from, to, length int) (int, int) {
		margin := partMargin * float64(length)
		a, b := float64(from)*scale-margin, float64(to)*scale+margin
		if lack := partLeast*float64(length) - (b - a); lack > 0 {
			a, b = a-lack/2, b+lack/2
		}
		if a < 0 {
			a, b = 0, b-a
		}
		if over := b - float64(length); over > 0 {
			a, b = math.Max(0, a-over), float64(length)
		}
		return int(a) / 2 * 2, int(b) / 2 * 2
	}
	x0, x1 := side(r.Min.X, r.Max.X, whole.X)
	y0, y1 := side(r.Min.Y, r.Max.Y, whole.Y)
	return image.Rect(x0, y0, x1, y1)
}
