// Package sheet lays small pictures out on one, each with its number, so that
// people can choose one by it.
package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"

	"golang.org/x/image/draw"
)

// What a sheet is at most.
const (
	Side  = 1280    // pixels, either side: as large as messengers show a picture
	Bytes = 500_000 // the size of its file
)

const gap = 8 // pixels between pictures

// Draw writes the pictures, which are JPEG files, side by side in one JPEG at to:
// from left to right and then down, all of one height, numbered from 1.
func Draw(pictures []string, to string) error {
	all := make([]image.Image, len(pictures))
	for i, path := range pictures {
		var err error
		if all[i], err = open(path); err != nil {
			return fmt.Errorf("sheet: picture %d: %w", i+1, err)
		}
	}
	if len(all) == 0 {
		return errors.New("sheet: there are no pictures")
	}
	canvas, err := lay(all)
	if err != nil {
		return fmt.Errorf("sheet: %w", err)
	}
	for quality := 85; quality > 0; quality -= 10 {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, canvas, &jpeg.Options{Quality: quality}); err != nil {
			return fmt.Errorf("sheet: %w", err)
		}
		if out.Len() <= Bytes {
			return os.WriteFile(to, out.Bytes(), 0o600)
		}
	}
	return fmt.Errorf("sheet: over %d bytes", Bytes)
}

func open(path string) (image.Image, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	picture, err := jpeg.Decode(file)
	if err != nil {
		return nil, err
	}
	if picture.Bounds().Empty() {
		return nil, errors.New("it is empty")
	}
	return picture, nil
}

// lay puts the pictures on a canvas.
func lay(all []image.Image) (*image.RGBA, error) {
	columns, height := arrange(all)
	places := make([]image.Rectangle, len(all))
	var whole image.Rectangle
	for i, x := 0, 0; i < len(all); i++ {
		if i%columns == 0 {
			x = 0
		}
		y := i / columns * (height + gap)
		places[i] = image.Rect(x, y, x+max(1, int(ratio(all[i])*float64(height))), y+height)
		whole, x = whole.Union(places[i]), places[i].Max.X+gap
	}
	canvas := image.NewRGBA(whole)
	draw.Draw(canvas, whole, image.NewUniform(color.Gray{0x80}), image.Point{}, draw.Src)
	for i, picture := range all {
		draw.CatmullRom.Scale(canvas, places[i], picture, picture.Bounds(), draw.Src, nil)
		if err := number(canvas, places[i], i+1); err != nil {
			return nil, err
		}
	}
	return canvas, nil
}

func ratio(picture image.Image) float64 {
	return float64(picture.Bounds().Dx()) / float64(picture.Bounds().Dy())
}

// arrange finds the number of pictures in a row with which they come out largest,
// and their height: pictures of phones stand beside each other, wide ones below.
// None becomes larger than the largest is. Of equal ways it takes that with the fewest
// rows, and these as even as can be.
func arrange(all []image.Image) (columns, height int) {
	tallest, lines := 0, 0
	for _, picture := range all {
		tallest = max(tallest, picture.Bounds().Dy())
	}
	for n := len(all); n > 0; n-- {
		rows := (len(all) + n - 1) / n
		room := float64(Side-gap*(rows-1)) / float64(rows)
		for from := 0; from < len(all); from += n {
			row, wide := all[from:min(from+n, len(all))], 0.0
			for _, picture := range row {
				wide += ratio(picture)
			}
			room = math.Min(room, float64(Side-gap*(len(row)-1))/wide)
		}
		if fits := min(tallest, int(room)); fits > height || fits == height && rows == lines {
			columns, height, lines = n, fits, rows
		}
	}
	return max(1, columns), max(1, height)
}
