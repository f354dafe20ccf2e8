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
		moments = tellingMoments(s, recipe.Take, count)
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

// tellingMoments are at most count moments of what a recipe is for. Of a whole
// recording with a key moment, half of them lie in that.
func tellingMoments(s Source, take Take, count int) []float64 {
	whole := stretch(s, take)
	if take != TakeWhole || s.Key == nil || count < 3 {
		return moment(s, whole, count)
	}
	key := stretch(s, TakeKey)
	out := moment(s, key, (count+1)/2)
	// What lies around takes the rest: the longer side more.
	left := count - len(out)
	before := Range{End: key.Start}
	after := Range{Start: key.End, End: whole.End}
	share := int(math.Round(float64(left) * before.Length() / math.Max(shortest, before.Length()+after.Length())))
	if before.Length() >= TailJoins {
		out = append(out, moment(s, before, share)...)
	}
	if after.Length() >= TailJoins {
		out = append(out, moment(s, after, left-share)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// moment picks at most count moments of the range that differ. Where the
// recording's settled moments are known, fewer may come: a still that shows
// what the one before showed tells nothing. The first is always kept: the
// story begins with it; the others have about equal amounts of change between
// them.
func moment(s Source, r Range, count int) []float64 {
	if count <= 0 {
		return nil
	}
	known := len(s.Probe.Changed) == len(s.Probe.Settled)
	var settled, before []float64
	for i, at := range s.Probe.Settled {
		if at < r.Start || at >= r.End {
			continue
		}
		change := 1.0
		if known {
			change = s.Probe.Changed[i]
		}
		settled, before = append(settled, at), append(before, change)
	}
	if len(settled) == 0 {
		r.End = math.Max(r.Start, s.Probe.Shown(r.End)) // a held picture is one moment
		return evenly(s.Probe, r, count)
	}
	if len(settled) <= count {
		return settled
	}
	return apart(settled, before, count)
}

// apart takes count of more moments: the first, the last, and those between that
// stand where about equal amounts have changed. The logarithm keeps a film from outweighing
// every change of pages.
func apart(settled, before []float64, count int) []float64 {
	if count == 1 {
		return settled[:1]
	}
	mean := 0.0
	for _, change := range before[1:] {
		mean += change / float64(len(before)-1)
	}
	so := make([]float64, len(settled)) // changed so far
	for i := 1; i < len(so); i++ {
		weight := 1.0
		if mean > 0 {
			weight = math.Log1p(4 * before[i] / mean)
		}
		so[i] = so[i-1] + weight
	}
	out := settled[:1:1]
	next := 1
	for i := 1; i < count; i++ {
		goal := so[len(so)-1] * float64(i) / float64(count-1)
		best := next
		for at := next; at < len(so)-(count-1-i); at++ {
			if math.Abs(so[at]-goal) < math.Abs(so[best]-goal) {
				best = at
			}
		}
		out, next = append(out, settled[best]), best+1
	}
	return out
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
