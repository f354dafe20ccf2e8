package ffmpeg

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
)

const markWidth = 4 // pixels

// chartHeight is that of the curve under pictures of a height, even.
func chartHeight(height int) int { return max(24, height/9) / 2 * 2 }

// drawChart draws a curve of values 0..1 as a filled line: what is high is dark
// and full, so that it shows on any screen and in a small picture.
func drawChart(curve []float64, width, height int, to string) error {
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	line, fill, grid := color.RGBA{0x1d, 0x4e, 0xa8, 0xff}, color.RGBA{0xb7, 0xcd, 0xf0, 0xff}, color.RGBA{0xdd, 0xdd, 0xdd, 0xff}
	const thick, edge = 2, 3
	room := height - 2*edge
	top := func(v float64) int { return edge + int((1-max(0, min(1, v)))*float64(room)+0.5) }
	for x := range width {
		for _, v := range []float64{0, 0.5, 1} {
			img.SetRGBA(x, top(v), grid)
		}
	}
	before := -1
	for x := range width {
		y := top(curve[min(len(curve)-1, x*len(curve)/width)])
		if before < 0 {
			before = y
		}
		for below := y; below < top(0); below++ {
			img.SetRGBA(x, below, fill)
		}
		for at := min(y, before) - thick/2; at <= max(y, before)+thick/2; at++ {
			img.SetRGBA(x, at, line)
		}
		before = y
	}
	return writePNG(img, to)
}

// drawMark draws what moves over the curve.
func drawMark(height int, to string) error {
	img := image.NewRGBA(image.Rect(0, 0, markWidth, height))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{0xd0, 0x21, 0x21, 0xff}), image.Point{}, draw.Src)
	return writePNG(img, to)
}

func writePNG(img image.Image, to string) (err error) {
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return png.Encode(f, img)
}
