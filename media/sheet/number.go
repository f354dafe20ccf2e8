package sheet

import (
	"image"
	"image/color"
	"math"
	"strconv"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

const (
	badgeShare = 0.17 // of a picture's shorter side, the width of a number's disc
	badgeLeast = 48   // pixels: what can still be read where the sheet is shown small
)

// number puts a number into the upper left corner of a place: white on a black
// disc with a white edge, which shows on light and on dark.
func number(canvas *image.RGBA, place image.Rectangle, n int) error {
	side := min(place.Dx(), place.Dy())
	wide := min(max(badgeLeast, int(badgeShare*float64(side))), side)
	edge := wide / 8
	disc(canvas, place.Min.Add(image.Pt(edge, edge)), wide, color.White)
	inner := wide - 2*max(2, wide/14)
	disc(canvas, place.Min.Add(image.Pt(edge+(wide-inner)/2, edge+(wide-inner)/2)), inner, color.Black)
	return digits(canvas, place.Min.Add(image.Pt(edge+wide/2, edge+wide/2)), strconv.Itoa(n), float64(inner))
}

// disc fills a circle whose square begins at a point.
func disc(canvas *image.RGBA, at image.Point, wide int, shade color.Color) {
	mask := image.NewAlpha(image.Rect(0, 0, wide, wide))
	middle := float64(wide) / 2
	for y := range wide {
		for x := range wide {
			far := math.Hypot(float64(x)+0.5-middle, float64(y)+0.5-middle)
			mask.SetAlpha(x, y, color.Alpha{uint8(255 * max(0, min(1, middle-far+0.5)))})
		}
	}
	draw.DrawMask(canvas, mask.Bounds().Add(at), image.NewUniform(shade), image.Point{}, mask, image.Point{}, draw.Over)
}

// digits writes words around a point, within a disc.
func digits(canvas *image.RGBA, middle image.Point, words string, wide float64) error {
	letters, err := opentype.Parse(gobold.TTF)
	if err != nil {
		return err
	}
	size := wide * 0.78
	if len(words) > 1 {
		size = wide * 1.1 / float64(len(words))
	}
	face, err := opentype.NewFace(letters, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return err
	}
	d := font.Drawer{Dst: canvas, Src: image.White, Face: face}
	bounds, _ := d.BoundString(words)
	d.Dot = fixed.P(middle.X, middle.Y).Sub(bounds.Min.Add(bounds.Max).Div(fixed.I(2)))
	d.DrawString(words)
	return face.Close()
}
