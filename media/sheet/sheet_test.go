package sheet

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/draw"
)

// pictures are JPEG files of these sizes, all of one shade.
func pictures(t *testing.T, shade color.Color, sizes ...image.Point) []string {
	t.Helper()
	dir := t.TempDir()
	paths := make([]string, len(sizes))
	for i, size := range sizes {
		canvas := image.NewRGBA(image.Rectangle{Max: size})
		draw.Draw(canvas, canvas.Bounds(), image.NewUniform(shade), image.Point{}, draw.Src)
		paths[i] = save(t, filepath.Join(dir, fmt.Sprint(i, ".jpg")), canvas)
	}
	return paths
}

func save(t *testing.T, path string, picture image.Image) string {
	t.Helper()
	file, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, jpeg.Encode(file, picture, &jpeg.Options{Quality: 95}))
	require.NoError(t, file.Close())
	return path
}

func drawn(t *testing.T, paths []string) image.Image {
	t.Helper()
	to := filepath.Join(t.TempDir(), "sheet.jpg")
	require.NoError(t, Draw(paths, to))
	info, err := os.Stat(to)
	require.NoError(t, err)
	require.LessOrEqual(t, info.Size(), int64(Bytes))
	picture, err := open(to)
	require.NoError(t, err)
	return picture
}

// Pictures of phones stand beside each other, wide ones below; all as large as fits.
func TestArrangement(t *testing.T) {
	t.Parallel()
	phone, wide, small := image.Pt(416, 900), image.Pt(900, 506), image.Pt(320, 240)
	for name, row := range map[string]struct {
		sizes []image.Point
		want  image.Point
	}{
		"one":                {[]image.Point{phone}, phone},
		"three of a phone":   {[]image.Point{phone, phone, phone}, image.Pt(1264, 900)},
		"three wide ones":    {[]image.Point{wide, wide, wide}, image.Pt(748, 1279)},
		"small ones stay":    {[]image.Point{small, small}, image.Pt(648, 240)},
		"two recordings":     {[]image.Point{phone, phone, phone, phone, phone, phone}, image.Pt(895, 1280)},
		"thin as a hair":     {[]image.Point{image.Pt(2, 900), image.Pt(900, 2)}, image.Pt(909, 2)},
		"a phone and a wide": {[]image.Point{phone, wide}, image.Pt(1131, 1280)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := drawn(t, pictures(t, color.White, row.sizes...)).Bounds().Size()
			require.LessOrEqual(t, max(got.X, got.Y), Side)
			require.Equal(t, row.want, got)
		})
	}
}

// Every number shows: the corner of each place differs from the picture in both
// directions, whatever its shade.
func TestNumbersShowOnAnyShade(t *testing.T) {
	t.Parallel()
	phone := image.Pt(416, 900)
	for name, shade := range map[string]color.Gray{"white": {255}, "grey": {128}, "black": {0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sheet := drawn(t, pictures(t, shade, phone, phone, phone))
			seen := map[string]bool{}
			for n := range 3 {
				light, dark, at := 0, 0, image.Pt(n*(phone.X+gap), 0)
				shape := make([]byte, 0, 90*90)
				for y := range 90 {
					for x := range 90 {
						v := color.GrayModel.Convert(sheet.At(at.X+x, at.Y+y)).(color.Gray).Y
						shape = append(shape, v>>7)
						if v > 200 {
							light++
						}
						if v < 50 {
							dark++
						}
					}
				}
				require.Greater(t, light, 300, "white of number %d", n+1)
				require.Greater(t, dark, 1000, "black of number %d", n+1)
				seen[string(shape)] = true
				plain := color.GrayModel.Convert(sheet.At(at.X+300, 500)).(color.Gray).Y
				require.InDelta(t, shade.Y, plain, 3, "the picture itself")
			}
			require.Len(t, seen, 3, "three different numbers")
		})
	}
}

// What cannot be compressed well loses quality before it is over the limit.
func TestNoiseStaysWithinItsBytes(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	noise := image.NewGray(image.Rect(0, 0, 1200, 1200))
	for i := range noise.Pix {
		noise.Pix[i] = byte(random.IntN(256))
	}
	path := save(t, filepath.Join(t.TempDir(), "noise.jpg"), noise)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Greater(t, info.Size(), int64(2*Bytes))
	drawn(t, []string{path})
}

func TestWhatIsNoPicture(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	bad, to := filepath.Join(dir, "bad.jpg"), filepath.Join(dir, "sheet.jpg")
	require.NoError(t, os.WriteFile(bad, []byte("no picture"), 0o600))
	good := pictures(t, color.White, image.Pt(40, 90))[0]
	require.ErrorContains(t, Draw([]string{good, bad}, to), "picture 2")
	require.ErrorIs(t, Draw([]string{filepath.Join(dir, "gone.jpg")}, to), os.ErrNotExist)
	require.Error(t, Draw(nil, to))
	require.NoFileExists(t, to)
}
