package ffmpeg

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// strokes are dark lines on paper, as letters are made of, under so much grain.
func strokes(grain int) *image.Gray {
	g := image.NewGray(image.Rect(0, 0, 320, 320))
	source := rand.New(rand.NewPCG(1, 2))
	for y := range 320 {
		for x := range 320 {
			v := 230
			if (x/3+y/7)%3 == 0 {
				v = 20
			}
			g.Pix[y*g.Stride+x] = byte(min(255, max(0, v+source.IntN(2*grain+1)-grain)))
		}
	}
	return g
}

// blurred is a picture each pixel of which is the mean of those around it.
func blurred(g *image.Gray, by int) *image.Gray {
	out := image.NewGray(g.Rect)
	for y := range g.Rect.Dy() {
		for x := range g.Rect.Dx() {
			sum, n := 0, 0
			for j := max(0, y-by); j <= min(g.Rect.Dy()-1, y+by); j++ {
				for i := max(0, x-by); i <= min(g.Rect.Dx()-1, x+by); i++ {
					sum, n = sum+int(g.Pix[j*g.Stride+i]), n+1
				}
			}
			out.Pix[y*out.Stride+x] = byte(sum / n)
		}
	}
	return out
}

// Edges are as alike as letters are sharp, whatever grain lies over them; where there
// is nothing but grain nothing is said.
func TestEdges(t *testing.T) {
	t.Parallel()
	paper := strokes(0)
	same, known := edges(paper, paper)
	require.True(t, known)
	require.InDelta(t, 1, same, 1e-9)
	grainy, known := edges(paper, strokes(12))
	require.True(t, known)
	require.Greater(t, grainy, edgesEqual)
	soft, _ := edges(paper, blurred(paper, 1))
	gone, _ := edges(paper, blurred(paper, 4))
	require.Less(t, soft, grainy)
	require.Less(t, gone, soft)
	require.Less(t, gone, edgesFloor)

	grain := image.NewGray(paper.Rect)
	source := rand.New(rand.NewPCG(3, 4))
	for i := range grain.Pix {
		grain.Pix[i] = byte(118 + source.IntN(21))
	}
	_, known = edges(grain, grain)
	require.False(t, known)

	part, ok := paper.SubImage(image.Rect(0, 0, 300, 300)).(*image.Gray)
	require.True(t, ok)
	same, known = edges(part, part)
	require.True(t, known)
	require.InDelta(t, 1, same, 1e-9)
}
