package align

import (
	"math"

	"clipcase/media"
)

// series is what changes in a recording: some channels of equal length, at a
// rate of so many values a second.
type series struct {
	rate     float64
	channels [][]float64
}

func (s series) len() int {
	if len(s.channels) == 0 {
		return 0
	}
	return len(s.channels[0])
}

const (
	soundRate = 100 // values a second
	window    = 128 // samples that a value is made of
	quiet     = 1e-3
	silence   = 4.0 // mean power of samples below which nothing is heard
)

// edges of the bands of sound, in steps of the window's spectrum (62.5 Hz each).
func edges() []int { return []int{2, 4, 8, 15, 25, 40, 62} }

// heard is how the loudness of each band of sound changes. What is louder or
// softer as a whole, of another sampling rate or coded anew, stays alike.
func heard(t media.Trace) series {
	const hop = media.TraceRate / soundRate
	n := (len(t.Sound) - window) / hop
	if n <= 0 {
		return series{rate: soundRate}
	}
	shape := make([]float64, window)
	for i := range shape {
		shape[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/window)
	}
	bands := edges()
	power := rows(len(bands)-1, n)
	f, x, mean := newFourier(window), make([]complex128, window), 0.0
	for k := range n {
		for i, v := range t.Sound[k*hop : k*hop+window] {
			x[i] = complex(float64(v)*shape[i], 0)
			mean += float64(v) * float64(v) / float64(window*n)
		}
		f.forward(x)
		for b := range power {
			for _, v := range x[bands[b]:bands[b+1]] {
				power[b][k] += real(v)*real(v) + imag(v)*imag(v)
			}
		}
	}
	if mean < silence {
		return series{rate: soundRate}
	}
	for b := range power {
		average := 0.0
		for _, v := range power[b] {
			average += v / float64(n)
		}
		for k, v := range power[b] {
			power[b][k] = math.Log(v + quiet*average + 1)
		}
		power[b] = change(power[b], 3)
	}
	return series{rate: soundRate, channels: power}
}

const fields = 4 // of a picture's width and height, each a channel

// watched is how the brightness of each field of the picture changes. Mirrored is
// as if the picture were seen in a mirror.
func watched(t media.Trace, mirrored bool) series {
	out := series{rate: media.TracePictures, channels: rows(fields*fields, t.Count())}
	const side = media.TraceSide / fields
	for k := range t.Count() {
		for i, v := range t.Picture(k) {
			x, y := i%media.TraceSide/side, i/media.TraceSide/side
			if mirrored {
				x = fields - 1 - x
			}
			out.channels[y*fields+x][k] += float64(v) / (side * side)
		}
	}
	for c := range out.channels {
		out.channels[c] = calm(change(out.channels[c], 1))
	}
	return out
}

// stirred is how much of the picture changes, wherever in it: it stays when the
// picture is cut, moved, or shown within another.
func stirred(t media.Trace) series {
	out := make([]float64, max(0, t.Count()))
	for k := 1; k < t.Count(); k++ {
		before, now, sum := t.Picture(k-1), t.Picture(k), 0.0
		for i := range now {
			sum += math.Abs(float64(now[i]) - float64(before[i]))
		}
		out[k] = math.Log1p(sum / float64(len(now)))
	}
	return series{rate: media.TracePictures, channels: [][]float64{change(out, 1)}}
}

// change is the difference to steps before.
func change(of []float64, steps int) []float64 {
	out := make([]float64, len(of))
	for i := steps; i < len(of); i++ {
		out[i] = of[i] - of[i-steps]
	}
	return out
}

// calm takes out what coding stirs up, and lets a cut not outweigh everything
// between two of them.
func calm(of []float64) []float64 {
	const noise = 0.3 // levels of gray
	for i, v := range of {
		of[i] = math.Copysign(math.Sqrt(max(0, math.Abs(v)-noise)), v)
	}
	return of
}

func rows(count, length int) [][]float64 {
	out := make([][]float64, count)
	for i := range out {
		out[i] = make([]float64, length)
	}
	return out
}
