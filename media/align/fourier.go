package align

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// fourier transforms series whose length is a power of two.
type fourier struct {
	size  int
	turns []complex128 // e^(-2πik/size) for the first half
}

// newFourier is for series of at least n values.
func newFourier(n int) *fourier {
	size := 1 << bits.Len(uint(max(1, n-1)))
	f := &fourier{size: size, turns: make([]complex128, size/2)}
	for k := range f.turns {
		f.turns[k] = cmplx.Rect(1, -2*math.Pi*float64(k)/float64(size))
	}
	return f
}

// forward transforms x, of exactly size values, in place.
func (f *fourier) forward(x []complex128) {
	shift := 64 - bits.Len(uint(f.size-1))
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	for half := 1; half < f.size; half *= 2 {
		step := f.size / (2 * half)
		for from := 0; from < f.size; from += 2 * half {
			for k := range half {
				a, b := x[from+k], x[from+k+half]*f.turns[k*step]
				x[from+k], x[from+k+half] = a+b, a-b
			}
		}
	}
}

// crossing gives, for each lag d, the sum over all channels and t of
// a[t]·b[t+d]; lag d stands at d modulo size.
func (f *fourier) crossing(a, b [][]float64) []float64 {
	sum, one, two := make([]complex128, f.size), make([]complex128, f.size), make([]complex128, f.size)
	for c := range a {
		f.real(one, a[c])
		f.real(two, b[c])
		for i := range sum {
			sum[i] += one[i] * cmplx.Conj(two[i])
		}
	}
	// The conjugate of what is wanted, so that forward serves as its own inverse.
	f.forward(sum)
	out := make([]float64, f.size)
	for i := range out {
		out[i] = real(sum[i]) / float64(f.size)
	}
	return out
}

func (f *fourier) real(to []complex128, from []float64) {
	clear(to)
	for i, v := range from {
		to[i] = complex(v, 0)
	}
	f.forward(to)
}
