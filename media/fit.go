package media

import "math"

// The floors of legibility: below them text on a phone's screen cannot be read,
// and a piece is refused rather than made.
const (
	MinShortSide    = 360 // pixels, video
	MinFPS          = 8.0 // video
	MinGIFShortSide = 360 // pixels
	MinGIFFPS       = 1.0 // a GIF may become a slide show, but each slide can be read
)

// FitSize is the largest even size of the same shape within the limits, never
// larger than the source; 0 = no limit on that side.
func FitSize(width, height, shortSide, longSide int) (int, int) {
	scale := 1.0
	short, long := min(width, height), max(width, height)
	if shortSide > 0 && short > shortSide {
		scale = float64(shortSide) / float64(short)
	}
	if longSide > 0 && float64(long)*scale > float64(longSide) {
		scale = float64(longSide) / float64(long)
	}
	return even(float64(width) * scale), even(float64(height) * scale)
}

// even rounds down to an even number of pixels, at least 2. The small addition
// keeps 719.9999 from losing two pixels to arithmetic.
func even(v float64) int {
	return max(2, int(math.Floor(v+1e-6))/2*2)
}

// fitRate is the constant rate a piece plays at: at most limit, never above the
// source's, a rate that encoders and players know. A variable rate has no rate
// of its own: it is sampled at the limit, which repeats pictures and loses none.
func fitRate(p Probe, limit float64) float64 {
	const most = 60
	if limit <= 0 || limit > most {
		limit = most
	}
	if p.VFR || p.FPS <= 0 {
		return math.Min(limit, 30)
	}
	rate := math.Min(p.FPS, limit)
	for _, whole := range []float64{24, 30, 60} {
		if ntsc := whole * 1000 / 1001; math.Abs(rate-ntsc) < 0.012 {
			return ntsc
		}
	}
	return math.Max(1, math.Round(rate))
}

// CaptionBar is the height, in pixels, of the bar for one line of words under a
// still of this width.
func CaptionBar(width int) int { return even(math.Max(28, float64(width)*0.09)) }

// fitCaptioned is FitSize with the caption bar counted in the height.
func fitCaptioned(width, height, shortSide, longSide int) (int, int) {
	w, h := FitSize(width, height, shortSide, longSide)
	if longSide <= 0 {
		return w, h + CaptionBar(w)
	}
	for limit := longSide; limit > 32 && max(w, h+CaptionBar(w)) > longSide; limit -= 2 {
		w, h = FitSize(width, height, shortSide, limit)
	}
	return w, h + CaptionBar(w)
}
