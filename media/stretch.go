package media

import "math"

const (
	gifSeconds  = 6.0 // a GIF of this length can stay legible in 2 MB
	gifPieces   = 3   // several short ones rather than one blurred
	gifShort    = 400 // pixels: text of a phone's screen reads well
	gifFPS      = 8.0
	shortest    = 0.04 // seconds: one picture
	twinDefault = "h264"
)

// stretch is the range of the source a recipe is for, within the recording.
func stretch(s Source, take Take) Range {
	whole := Range{End: s.Probe.Duration}
	if take == TakeWhole || s.Key == nil {
		return whole
	}
	r := Range{Start: math.Max(0, s.Key.Start), End: math.Min(s.Probe.Duration, s.Key.End)}
	if r.Length() >= shortest {
		return r
	}
	// The moment lies at or behind the end: what is left of it is the end.
	r.Start = math.Max(0, s.Probe.Duration-math.Max(1, s.Key.Length()))
	r.End = s.Probe.Duration
	return r
}

// cut divides a range into pieces of seconds each; a remainder shorter than
// TailJoins joins the piece before. Nothing is left out and nothing twice.
func cut(r Range, seconds float64) []Range {
	if seconds <= 0 || r.Length() <= seconds {
		return []Range{r}
	}
	n := int(math.Floor(r.Length()/seconds + 1e-9))
	if r.Length()-float64(n)*seconds >= TailJoins {
		n++
	}
	out := make([]Range, n)
	for i := range out {
		out[i] = Range{Start: r.Start + float64(i)*seconds, End: r.Start + float64(i+1)*seconds}
	}
	out[n-1].End = r.End
	return out
}

// atMost keeps the first n ranges; 0 = all.
func atMost(ranges []Range, n int) []Range {
	if n > 0 && len(ranges) > n {
		return ranges[:n]
	}
	return ranges
}

// Missing is the part of the wished stretch that a recipe of few pieces leaves
// out of a recording, at its end; false when all of it is in.
func Missing(s Source, recipe Recipe) (Range, bool) {
	if s.Probe.Kind != KindVideo || recipe.Kind != KindVideo {
		return Range{}, false // an animation is a choice of its own, stills are moments
	}
	wished := stretch(s, recipe.Take)
	all := cut(wished, recipe.SegmentSeconds)
	kept := atMost(all, recipe.MaxPieces)
	return Range{Start: kept[len(kept)-1].End, End: wished.End}, len(kept) < len(all)
}

func videos(s Source, recipe Recipe) []Piece {
	codec := recipe.Codec
	if codec == "" {
		codec = twinDefault
	}
	width, height := FitSize(s.Probe.Width, s.Probe.Height, recipe.ShortSide, recipe.LongSide)
	audio := recipe.Audio
	if s.Probe.Audio == nil {
		audio = 0
	}
	var out []Piece
	for _, r := range atMost(cut(stretch(s, recipe.Take), recipe.SegmentSeconds), recipe.MaxPieces) {
		out = append(out, Piece{
			Kind: KindVideo, Codec: codec, Range: r, Width: width, Height: height,
			FPS: fitRate(s.Probe, recipe.FPS), MaxBytes: int64(recipe.MaxBytes), Bitrate: recipe.Bitrate, Audio: audio,
		})
	}
	return out
}

// gifs cuts the stretch into equal parts short enough to stay legible, as long
// as that needs no more than three (or what the recipe says).
func gifs(s Source, recipe Recipe) []Piece {
	r := stretch(s, recipe.Take)
	seconds, most := recipe.SegmentSeconds, recipe.MaxPieces
	if most == 0 {
		most = gifPieces
	}
	if seconds == 0 {
		n := math.Min(float64(most), math.Ceil(r.Length()/gifSeconds-1e-9))
		seconds = r.Length() / math.Max(1, n)
	}
	short := recipe.ShortSide
	if short == 0 {
		short = gifShort
	}
	width, height := FitSize(s.Probe.Width, s.Probe.Height, short, recipe.LongSide)
	rate := recipe.FPS
	if rate == 0 {
		rate = gifFPS
	}
	if !s.Probe.VFR && s.Probe.FPS > 0 {
		rate = math.Min(rate, math.Max(1, s.Probe.FPS))
	}
	var out []Piece
	for _, part := range atMost(cut(r, seconds), most) {
		out = append(out, Piece{
			Kind: KindGIF, Codec: "gif", Range: part, Width: width, Height: height, FPS: rate, MaxBytes: int64(recipe.MaxBytes),
		})
	}
	return out
}
