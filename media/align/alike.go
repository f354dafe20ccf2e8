package align

import (
	"math"

	"clipcase/media"
)

// CurveRate is how many values a second Curve gives.
const CurveRate = 2

// Curve says how alike the pictures of two recordings are, 0..1, CurveRate times a
// second for length seconds; left and right are the seconds of each at which it
// begins. If one shows only a part of the other's picture, or shows it mirrored,
// like is compared with like. Where either has no picture, nothing is alike.
func Curve(l, r media.Trace, left, right, length float64) []float64 {
	out := make([]float64, max(0, int(length*CurveRate)))
	look := fit(l, r, left, right, length)
	for i := range out {
		at := (float64(i) + 0.5) / CurveRate
		a := l.Picture(int((left + at) * media.TracePictures))
		// Of two rates of pictures the same one does not come at quite the same time.
		for step := -2; step <= 2; step++ {
			b := r.Picture(int((right+at)*media.TracePictures) + step)
			if a != nil && b != nil {
				out[i] = max(out[i], look.alike(a, b))
			}
		}
	}
	return out
}

// cut is a part of a picture: where it begins and how large it is, in parts of
// width and height.
type cut struct{ x, y, width, height float64 }

// look is how two pictures are laid over each other.
type look struct {
	left, right cut
	mirrored    bool
}

const (
	points = 12 // of a picture's width and height that are compared
	flat   = 3  // levels of gray: a picture that differs less is one plain field
)

// cuts are the parts of a picture that copies show: all of it, or what is left
// when edges are cut off or the shape is changed.
func cuts() []cut {
	var out []cut
	for _, width := range []float64{1, 0.9, 0.8, 0.56, 0.32} {
		for _, height := range []float64{1, 0.9, 0.8, 0.56, 0.32} {
			for _, x := range []float64{0, 0.5, 1} {
				for _, y := range []float64{0, 0.5, 1} {
					if width == 1 && x != 0.5 || height == 1 && y != 0.5 {
						continue
					}
					out = append(out, cut{x * (1 - width), y * (1 - height), width, height})
				}
			}
		}
	}
	return out
}

// fit is the look by which some pictures over the whole length are most alike;
// something else than all of both must be clearly better.
func fit(l, r media.Trace, left, right, length float64) look {
	const samples, better = 12, 0.05
	all := cut{0, 0, 1, 1}
	best := look{all, all, false}
	var pairs [][2][]byte
	for i := range samples {
		at := (float64(i) + 0.5) / samples * length
		a, b := l.Picture(int((left+at)*media.TracePictures)), r.Picture(int((right+at)*media.TracePictures))
		if a != nil && b != nil {
			pairs = append(pairs, [2][]byte{a, b})
		}
	}
	mean := func(k look) float64 {
		sum := 0.0
		for _, p := range pairs {
			sum += k.alike(p[0], p[1])
		}
		return sum
	}
	most := mean(best) + better*float64(len(pairs))
	for _, c := range cuts() {
		for _, k := range []look{{all, c, false}, {c, all, false}, {all, c, true}, {c, all, true}} {
			if sum := mean(k); sum > most {
				best, most = k, sum
			}
		}
	}
	return best
}

// alike is the correlation of two pictures, 0..1: brighter, darker or of less
// contrast is still the same picture.
func (k look) alike(a, b []byte) float64 {
	var sumA, sumB, squareA, squareB, product float64
	for y := range points {
		for x := range points {
			u, v := (float64(x)+0.5)/points, (float64(y)+0.5)/points
			p := k.left.at(a, u, v)
			if k.mirrored {
				u = 1 - u
			}
			q := k.right.at(b, u, v)
			sumA, sumB = sumA+p, sumB+q
			squareA, squareB, product = squareA+p*p, squareB+q*q, product+p*q
		}
	}
	const n = points * points
	varA, varB := squareA/n-sumA*sumA/n/n, squareB/n-sumB*sumB/n/n
	switch {
	case varA < flat*flat && varB < flat*flat: // black beside black, not beside white
		return max(0, 1-math.Abs(sumA-sumB)/n/64)
	case varA < flat*flat || varB < flat*flat:
		return 0
	}
	return max(0, min(1, (product/n-sumA*sumB/n/n)/math.Sqrt(varA*varB)))
}

// at is the gray of a picture at a place within the cut, between its pixels.
func (c cut) at(picture []byte, u, v float64) float64 {
	const side = media.TraceSide
	x := max(0, min(side-1, (c.x+u*c.width)*side-0.5))
	y := max(0, min(side-1, (c.y+v*c.height)*side-0.5))
	i, j := min(int(x), side-2), min(int(y), side-2)
	dx, dy := x-float64(i), y-float64(j)
	g := func(i, j int) float64 { return float64(picture[j*side+i]) }
	return (g(i, j)*(1-dx)+g(i+1, j)*dx)*(1-dy) + (g(i, j+1)*(1-dx)+g(i+1, j+1)*dx)*dy
}
