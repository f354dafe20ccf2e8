package media

import (
	"errors"
	"fmt"
	"math"
)

// Check says in what a finished piece differs from its plan; nil = in nothing
// that matters. Size and rate may have become smaller to fit, never larger.
func Check(p Piece, m Made) error {
	var errs []error
	miss := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{p.Name}, args...)...))
	}
	if m.Bytes <= 0 {
		miss("it is empty")
	}
	if p.MaxBytes > 0 && m.Bytes > p.MaxBytes {
		miss("%d bytes, at most %d are allowed", m.Bytes, p.MaxBytes)
	}
	if m.Codec != p.Codec {
		miss("codec %q, planned %q", m.Codec, p.Codec)
	}
	if m.Width > p.Width || m.Height > p.Height || m.Width <= 0 || m.Height <= 0 {
		miss("%d×%d pixels, planned %d×%d", m.Width, m.Height, p.Width, p.Height)
	}
	if m.Width%2 != 0 || m.Height%2 != 0 {
		miss("%d×%d pixels, sides must be even", m.Width, m.Height)
	}
	if p.Kind == KindVideo || p.Kind == KindGIF {
		moving(p, m, miss)
	}
	return errors.Join(errs...)
}

func moving(p Piece, m Made, miss func(string, ...any)) {
	if m.FPS > p.FPS*1.001+0.001 {
		miss("%.3f pictures a second, planned at most %.3f", m.FPS, p.FPS)
	}
	want := p.Range.Length()
	slack := 1/math.Max(1, p.FPS) + 0.002
	if m.FPS > 0 {
		slack = math.Max(slack, 1/m.FPS+0.002)
	}
	short, long := slack, slack
	if p.Kind == KindGIF {
		// Pictures that repeat are joined, and the telling one stands in front.
		short, long = slack+1.1, slack+GIFLead+1.1
	}
	if m.Duration < want-short || m.Duration > math.Max(want, 1/math.Max(1, m.FPS))+long {
		miss("%.3f s long, planned %.3f", m.Duration, want)
	}
	if p.Bitrate > 0 && m.Duration > 0 && float64(m.Bytes)*8/m.Duration > float64(p.Bitrate)*1.001 {
		miss("%.0f bits a second, at most %d are allowed", float64(m.Bytes)*8/m.Duration, p.Bitrate)
	}
}

// GIFLead is how long, in seconds, a GIF shows its most telling picture before it runs.
const GIFLead = 0.6

// Fits are the limits of a piece with what was measured against them.
func Fits(p Piece, m Made) []Fit {
	var out []Fit
	if p.MaxBytes > 0 {
		out = append(out, Fit{Limit: "bytes", Max: float64(p.MaxBytes), Value: float64(m.Bytes), Source: p.Source})
	}
	if p.Kind == KindVideo || p.Kind == KindGIF || p.Kind == KindImage {
		out = append(out,
			Fit{Limit: "long_side", Max: float64(max(p.Width, p.Height)), Value: float64(max(m.Width, m.Height)), Source: p.Source},
			Fit{Limit: "short_side", Max: float64(min(p.Width, p.Height)), Value: float64(min(m.Width, m.Height)), Source: p.Source})
	}
	if p.FPS > 0 {
		out = append(out, Fit{Limit: "fps", Max: p.FPS, Value: m.FPS, Source: p.Source})
	}
	if p.Bitrate > 0 && m.Duration > 0 {
		out = append(out, Fit{Limit: "bitrate", Max: float64(p.Bitrate), Value: float64(m.Bytes) * 8 / m.Duration, Source: p.Source})
	}
	return out
}
