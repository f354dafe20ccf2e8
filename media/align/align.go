package align

import (
	"math"
	"slices"

	"clipcase/media"
)

// By says what an offset was found by.
type By string

// An offset is found by what is heard, by what is seen, or not at all.
const (
	ByNothing By = ""
	BySound   By = "sound"
	ByPicture By = "picture"
)

// Found is how two recordings lie to each other.
type Found struct {
	By         By      // ByNothing: not sure; the offset is then 0
	Offset     float64 // seconds by which the right one shows the same later than the left one
	Confidence float64 // 0..1; below Sure nothing is found
}

// From Sure on an offset is given, from Certain on it is beyond doubt.
const (
	Sure    = 0.35
	Certain = 0.75
)

const (
	leastOverlap = 4.0 // seconds that two recordings must have in common
	around       = 0.6 // seconds next to the best offset that are the same offset
	together     = 0.3 // seconds between two offsets that say the same
)

// Find lays two recordings beside each other, by their sound and by their
// pictures. Pictures decide where the two contradict each other, for a comparison
// shows pictures.
func Find(left, right media.Trace) Found {
	sound := match(heard(left), heard(right), 15)
	seen := match(watched(left, false), watched(right, false), 4)
	for _, other := range []hit{
		match(watched(left, false), watched(right, true), 4),
		match(stirred(left), stirred(right), 8),
	} {
		if other.confidence > seen.confidence {
			seen = other
		}
	}
	alike := math.Abs(sound.offset-seen.offset) <= together
	switch {
	case sound.confidence >= Sure && alike:
		return Found{BySound, sound.offset, 1 - (1-sound.confidence)*(1-seen.confidence)}
	case sound.confidence >= Sure && seen.confidence < Sure:
		return Found{BySound, sound.offset, sound.confidence}
	case seen.confidence >= Sure && sound.confidence >= Sure:
		return Found{ByPicture, seen.offset, min(seen.confidence, (Sure+Certain)/2)}
	case seen.confidence >= Sure:
		return Found{ByPicture, seen.offset, seen.confidence}
	}
	return Found{Confidence: max(sound.confidence, seen.confidence)}
}

// hit is the best offset of two series.
type hit struct{ offset, confidence float64 }

// match finds the lag at which two series go together best, by the sum of their
// products against what chance would give for as long an overlap. It must stand
// out from all other lags, and rest on at least so many events: two recordings
// with one bang each go together perfectly and say nothing.
func match(a, b series, events float64) hit {
	n, m, least := a.len(), b.len(), int(leastOverlap*a.rate)
	if n < least || m < least || a.rate != b.rate {
		return hit{}
	}
	f := newFourier(n + m)
	sums := f.crossing(a.channels, b.channels)
	energyA, energyB := grown(a), grown(b)
	first, last := least-n, m-least // lags
	z := make([]float64, 0, last-first+1)
	for lag := first; lag <= last; lag++ {
		from, to := max(0, -lag), min(n, m-lag)
		ea, eb := energyA[to]-energyA[from], energyB[to+lag]-energyB[from+lag]
		// A stretch in which next to nothing happens gives no figure.
		if ea < 1e-9*energyA[n]+1e-12 || eb < 1e-9*energyB[m]+1e-12 {
			z = append(z, 0)
			continue
		}
		sum := sums[(lag+f.size)%f.size]
		z = append(z, sum/math.Sqrt(ea*eb)*math.Sqrt(float64(to-from)))
	}
	best := 0
	for i, v := range z {
		if v > z[best] {
			best = i
		}
	}
	if z[best] <= 0 {
		return hit{}
	}
	lag, next := first+best, 0.0
	for i, v := range z {
		if math.Abs(float64(i-best)) > around*a.rate {
			next = max(next, v)
		}
	}
	return hit{
		offset:     (float64(lag) + between(z, best)) / a.rate,
		confidence: confidence(z[best]/spread(z), z[best]/max(next, 1e-9), rest(a, b, lag)/events),
	}
}

// confidence of a lag that is so many spreads above chance, so many times as good
// as the next one, and rests on so many times the events it needs. One page
// scrolled twice goes together for a while: by 9 spreads, seldom 11.
func confidence(above, ahead, rests float64) float64 {
	if rests < 1 {
		return 0
	}
	ramp := func(v, from, to float64) float64 { return max(0, min(1, (v-from)/(to-from))) }
	return ramp(above, 8, 14) * ramp(ahead, 1, 1.6)
}

// grown are the sums of squares of a series up to each of its values.
func grown(s series) []float64 {
	out := make([]float64, s.len()+1)
	for i := range s.len() {
		out[i+1] = out[i]
		for _, c := range s.channels {
			out[i+1] += c[i] * c[i]
		}
	}
	return out
}

// spread is the usual size of values, whatever the few great ones are.
func spread(z []float64) float64 {
	sizes := make([]float64, len(z))
	for i, v := range z {
		sizes[i] = math.Abs(v)
	}
	slices.Sort(sizes)
	return max(sizes[len(sizes)/2]*1.4826, 1e-9)
}

// rest is about how many moments a lag rests on.
func rest(a, b series, lag int) float64 {
	sum, squares := 0.0, 0.0
	for t := max(0, -lag); t < min(a.len(), b.len()-lag); t++ {
		one := 0.0
		for c := range a.channels {
			one += a.channels[c][t] * b.channels[c][t+lag]
		}
		sum += one
		squares += one * one
	}
	if squares == 0 {
		return 0
	}
	return sum * sum / squares
}

// between is where within a step the top of a parabola through the best value
// and its neighbours lies: -0.5..0.5.
func between(z []float64, best int) float64 {
	if best == 0 || best == len(z)-1 {
		return 0
	}
	l, m, r := z[best-1], z[best], z[best+1]
	if bend := l - 2*m + r; bend < 0 {
		return max(-0.5, min(0.5, (l-r)/(2*bend)))
	}
	return 0
}
