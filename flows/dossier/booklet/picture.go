package booklet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"os"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"clipcase/flows/dossier"
)

// pictureHeight is the height of a long picture at most: more than that no
// phone shows, and a JPEG ends at 65535.
const pictureHeight = 40000

// ErrTooLong says that a book does not fit on one picture within the bytes it may have.
var ErrTooLong = errors.New("booklet: the long picture does not fit")

// Picture writes the book as one JPEG, width pixels wide and of no more than most
// bytes, to a new file, and says how high it became. It is the same content as the PDF.
func (f *Font) Picture(ctx context.Context, book dossier.Book, width int, most int64, to string) (height int, err error) {
	size := float64(width) / 33
	s := set(paper{width: float64(width), margin: size * 1.4, size: size, columns: 2}, f, book)
	if s.height > pictureHeight {
		return 0, fmt.Errorf("%w: %.0f pixels high", ErrTooLong, s.height)
	}
	canvas := image.NewRGBA(image.Rect(0, 0, width, int(s.height)))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	b := brush{font: f, canvas: canvas, faces: map[float64]font.Face{}}
	for _, m := range s.pages[0].marks {
		if err := errors.Join(ctx.Err(), b.draw(m)); err != nil {
			return 0, fmt.Errorf("booklet: %w", err)
		}
	}
	for quality := 85; quality >= 35; quality -= 10 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		var out bytes.Buffer
		if err := jpeg.Encode(&out, canvas, &jpeg.Options{Quality: quality}); err != nil {
			return 0, fmt.Errorf("booklet: %w", err)
		}
		if int64(out.Len()) <= most {
			if err := os.WriteFile(to, out.Bytes(), 0o600); err != nil {
				return 0, fmt.Errorf("booklet: %w", err)
			}
			return canvas.Bounds().Dy(), nil
		}
	}
	return 0, fmt.Errorf("%w: over %d bytes", ErrTooLong, most)
}

// brush draws marks on a canvas.
type brush struct {
	font   *Font
	canvas *image.RGBA
	faces  map[float64]font.Face
}

func (b *brush) draw(m mark) error {
	shade := image.NewUniform(color.RGBA{m.colour.r, m.colour.g, m.colour.b, 0xff})
	box := image.Rect(int(math.Round(m.x)), int(math.Round(m.y)), int(math.Round(m.x+m.w)), int(math.Round(m.y+m.h)))
	switch {
	case m.picture != "":
		return b.paste(m.picture, box)
	case m.text != "":
		face, err := b.face(m.size)
		if err != nil {
			return err
		}
		d := font.Drawer{Dst: b.canvas, Src: shade, Face: face, Dot: fixed.Point26_6{X: fixed.Int26_6(m.x * 64), Y: fixed.Int26_6(m.y * 64)}}
		d.DrawString(m.text)
	case m.w > 0:
		box.Max.Y = max(box.Max.Y, box.Min.Y+1)
		draw.Draw(b.canvas, box, shade, image.Point{}, draw.Src)
	}
	return nil
}

func (b *brush) face(size float64) (font.Face, error) {
	if face, ok := b.faces[size]; ok {
		return face, nil
	}
	face, err := opentype.NewFace(b.font.face, &opentype.FaceOptions{Size: size, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, err
	}
	b.faces[size] = face
	return face, nil
}

func (b *brush) paste(path string, box image.Rectangle) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	picture, err := jpeg.Decode(file)
	if err != nil {
		return err
	}
	draw.ApproxBiLinear.Scale(b.canvas, box, picture, picture.Bounds(), draw.Src, nil)
	return nil
}
