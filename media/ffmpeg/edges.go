package ffmpeg

import (
	"context"
	"errors"
	"fmt"
	"image"
	"os"

	"clipcase/media"
)

const (
	strongEdge  = 48  // of 255, from one pixel to the next: letters have it, grain hardly ever
	edgePixels  = 4   // of a part from which on it counts
	edgesEnough = 200 // parts without which nothing can be said
)

// sharp compares a finished file with its original where that has strong edges, at
// one moment: what stands in for reading where no words are recognised. known is
// false where there is next to nothing to compare.
func (t task) sharp(ctx context.Context, made finishedFile) (share float64, known bool, err error) {
	at := t.lookAt(1)[0]
	look := view{top: media.LabelEdge, bottom: 1 - media.LabelEdge}
	look.width, look.height = readSize(t.probe.Width, t.probe.Height)
	want, err := t.seen(ctx, t.from, t.probe, at, nil, look)
	if err != nil {
		return 0, false, err
	}
	then, first := t.moment(made, at)
	got, err := t.seen(ctx, made.original, made.probe, then, first, look)
	if err != nil || got.Rect != want.Rect {
		return 0, false, err
	}
	share, known = edges(want, got)
	return share, known, nil
}

// seen is the picture that stands at a moment of a file.
func (t task) seen(ctx context.Context, s original, probe media.Probe, at float64, first []filter, look view) (*image.Gray, error) {
	dir, err := os.MkdirTemp(t.work, "seen-")
	if err != nil {
		return nil, err
	}
	defer t.remove(dir)
	path, err := t.shows(ctx, s, probe, at, first, look, dir)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return greyOf(data)
}

// greyOf reads a PGM of 8 bits as ffmpeg writes it: without comments.
func greyOf(data []byte) (*image.Gray, error) {
	var width, height, most int
	if _, err := fmt.Sscanf(string(data[:min(len(data), 40)]), "P5\n%d %d\n%d\n", &width, &height, &most); err != nil {
		return nil, fmt.Errorf("a grey picture: %w", err)
	}
	if most != 255 || width <= 0 || height <= 0 || width > len(data)/height {
		return nil, errors.New("a grey picture of another kind")
	}
	return &image.Gray{Pix: data[len(data)-width*height:], Stride: width, Rect: image.Rect(0, 0, width, height)}, nil
}

// edges is the SSIM of the small parts of a picture in which it has strong edges,
// each weighed by how many; 0 to 1. known is false where there are too few.
func edges(want, got *image.Gray) (share float64, known bool) {
	width, height := want.Rect.Dx(), want.Rect.Dy()
	a, b := pixels(want), pixels(got)
	parts, sum, weights := 0, 0.0, 0.0
	for y := 0; y+likeBlock < height; y += likeBlock {
		for x := 0; x+likeBlock < width; x += likeBlock {
			strong := 0
			for i := y; i < y+likeBlock; i++ {
				for at := i*width + x; at < i*width+x+likeBlock; at++ {
					v, right, down := int(a[at]), int(a[at+1]), int(a[at+width])
					if max(v-right, right-v, v-down, down-v) > strongEdge {
						strong++
					}
				}
			}
			if strong < edgePixels {
				continue
			}
			ssim, _ := blockSSIM(a, b, width, x, y)
			parts, sum, weights = parts+1, sum+float64(strong)*max(0, ssim), weights+float64(strong)
		}
	}
	if parts < edgesEnough {
		return 0, false
	}
	return sum / weights, true
}

// pixels are a picture's rows without gaps.
func pixels(g *image.Gray) []byte {
	width := g.Rect.Dx()
	if g.Stride == width {
		return g.Pix
	}
	var out []byte
	for y := range g.Rect.Dy() {
		out = append(out, g.Pix[y*g.Stride:][:width]...)
	}
	return out
}
