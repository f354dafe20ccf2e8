package media

import (
	"math"
	"slices"
)

const stillDefault = 4

// stillCounts shares the recipe's Count among the sources: an image takes one,
// every recording at least one, the rest goes to the recordings in turn. A source of
// which none can be made takes none.
func stillCounts(sources []Source, recipe Recipe, maxFiles int) []int {
	counts := make([]int, len(sources))
	if recipe.Kind != KindImage {
		return counts
	}
	left := recipe.Count
	if left == 0 {
		left = stillDefault
	}
	if maxFiles > 0 {
		left = min(left, maxFiles)
	}
	for round := 0; left > 0; round++ {
		gave := false
		for i, s := range sources {
			if left == 0 || s.Blind || s.Probe.Kind != KindVideo && (s.Probe.Kind != KindImage || round > 0) {
				continue
			}
			if s.Probe.Kind == KindVideo && s.Probe.Frames == 1 && round > 0 {
				continue
			}
			counts[i]++
			left--
			gave = true
		}
		if !gave {
			break
		}
	}
	return counts
}

func stills(s Source, recipe Recipe, count int) []Piece {
	var moments []float64
	if s.Probe.Kind == KindImage {
		moments = make([]float64, min(1, count))
	} else {
		moments = moment(s, stretch(s, recipe.Take), count)
	}
	fit := FitSize
	if recipe.Caption {
		fit = fitCaptioned
	}
	width, height := fit(s.Probe.Width, s.Probe.Height, recipe.ShortSide, recipe.LongSide)
	var out []Piece
	for _, at := range moments {
		out = append(out, Piece{
			Kind: KindImage, Codec: "mjpeg", Range: Range{Start: at, End: at}, Width: width, Height: height, MaxBytes: int64(recipe.MaxBytes),
		})
	}
	return out
}

// moment picks at most count moments of the range that differ. Where the
// recording's settled moments are known, fewer may come: a still that shows
// what the one before showed tells nothing. The first is always kept: the
// story begins with it.
func moment(s Source, r Range, count int) []float64 {
	if count <= 0 {
		return nil
	}
	var settled []float64
	for _, at := range s.Probe.Settled {
		if at >= r.Start && at < r.End {
			settled = append(settled, at)
		}
	}
	if len(settled) == 0 {
		r.End = math.Max(r.Start, s.Probe.Shown(r.End)) // a held picture is one moment
		return evenly(s.Probe, r, count)
	}
	if len(settled) <= count {
		return settled
	}
	out := make([]float64, 0, count)
	for i := range count {
		at := 0
		if count > 1 {
			at = int(math.Round(float64(i) * float64(len(settled)-1) / float64(count-1)))
		}
		out = append(out, settled[at])
	}
	return slices.Compact(out)
}

// evenly places moments in the middles of equal parts, at most one a picture.
func evenly(p Probe, r Range, count int) []float64 {
	if whole := p.Shown(p.Duration); p.Frames > 0 && whole > 0 {
		pictures := int(math.Ceil(float64(p.Frames) * r.Length() / whole))
		count = max(1, min(count, pictures))
	}
	if count == 1 {
		return []float64{round(r.Start + r.Length()/2)}
	}
	out := make([]float64, count)
	for i := range out {
		out[i] = round(r.Start + r.Length()*(float64(i)+0.5)/float64(count))
	}
	return slices.Compact(out)
}

// round keeps moments readable in records: hundredths of a second.
func round(seconds float64) float64 { return math.Round(seconds*100) / 100 }
