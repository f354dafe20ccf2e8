package ffmpeg

import (
	"image"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/internal/testclips"
	"clipcase/media"
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

// Where nothing can read, a finished file says how sharp its edges are: sharp at the
// original's size, soft when it was made small.
func TestEdgesOfFiles(t *testing.T) {
	t.Parallel()
	path := testclips.Make(t, testclips.Spec{Width: 540, Height: 960, FPS: 10, Seconds: 3, Silent: true, Words: true})
	e := engine(t)
	probe, err := e.Inspect(t.Context(), path)
	require.NoError(t, err)
	piece := func(name string, width, height int) media.Piece {
		return media.Piece{Name: name, Kind: media.KindVideo, Codec: "h264", Range: media.Range{End: 3}, Width: width, Height: height, FPS: 10}
	}
	still := media.Piece{Name: "still.jpg", Kind: media.KindImage, Codec: "mjpeg", Range: media.Range{Start: 1, End: 1}, Width: 540, Height: 960}
	job := media.Job{Path: path, Probe: probe, Dir: t.TempDir(), Pieces: []media.Piece{piece("whole.mp4", 540, 960), piece("small.mp4", 136, 242), still}}
	made, err := e.Render(t.Context(), job, nil, nil)
	require.NoError(t, err)
	share := map[string]float64{}
	for _, m := range made {
		require.NotNil(t, m.Quality, m.Piece.Name)
		require.Nil(t, m.Quality.Legibility)
		require.NotNil(t, m.Quality.Edges, m.Piece.Name)
		share[m.Piece.Name] = *m.Quality.Edges
	}
	require.Greater(t, share["whole.mp4"], edgesEqual)
	require.Greater(t, share["still.jpg"], edgesEqual)
	require.Less(t, share["small.mp4"], edgesFloor+0.1)
}
