package ffmpeg

import (
	"context"
	"math"
	"slices"

	"clipcase/media"
)

const (
	binSeconds   = 0.25 // one step of the activity curve
	mostSettled  = 48   // moments kept of a recording
	calmWithin   = 1.5  // seconds after a change in which the picture is looked for at rest
	settledApart = 0.8  // seconds between two moments at least
	longestCurve = 24 * 3600.0
	fewRests     = 4 // with fewer rests a recording's changes fill in
)

// activity is how much changes in each bin of time up to the recording's end,
// behind the last picture nothing: the bytes of the pictures
// that are coded as changes. Key pictures come by the clock and are large
// whatever happens, so only the change of their size counts. That also serves
// streams of key pictures alone (MJPEG, ProRes).
func (p packets) activity(duration float64) []float64 {
	if len(p) == 0 || duration > longestCurve {
		return nil // nothing, or refused for its length in a moment
	}
	start := p[0].at
	bins := make([]float64, int(duration/binSeconds)+1)
	before := float64(p[0].size)
	for i, k := range p {
		size := float64(k.size)
		switch {
		case k.key && i > 0:
			bins[int((k.at-start)/binSeconds)] += math.Abs(size - before)
		case !k.key:
			bins[int((k.at-start)/binSeconds)] += size
		}
		if k.key {
			before = size
		}
	}
	return bins
}

// settled are moments at rest after something changed: what a person stopped to
// look at. Where a recording hardly rests (a film, a live room) moments of
// about equal amounts of change fill in. The first is the beginning.
func (p packets) settled(duration float64) []float64 {
	curve := p.activity(duration)
	if len(curve) == 0 {
		return nil
	}
	bins := rests(curve)
	if len(bins) < fewRests {
		bins = append(bins, quantiles(curve)...)
	}
	slices.Sort(bins)
	end := math.Max(p[len(p)-1].at-p[0].at, duration-binSeconds)
	var out []float64
	for _, bin := range bins {
		at := math.Min(seconds(bin), end)
		if len(out) == 0 || at-out[len(out)-1] >= settledApart {
			out = append(out, at)
		}
	}
	return thin(out, mostSettled)
}

// changed is how much happens before each moment, since the one before it.
func changed(curve, moments []float64) []float64 {
	var out []float64
	bin := 0
	for _, at := range moments {
		sum := 0.0
		for ; bin < len(curve) && seconds(bin) <= at; bin++ {
			sum += curve[bin]
		}
		out = append(out, sum)
	}
	return out
}

// rests are the bins at which a calm of three bins or more is under way. Calm
// is what lies nearer, by its order of magnitude, to the recording's quiet than
// to its liveliest moments.
func rests(curve []float64) []int {
	sorted := slices.Clone(curve)
	slices.Sort(sorted)
	top := sorted[max(0, len(sorted)-5):]
	high := 0.0
	for _, v := range top {
		high += v / float64(len(top))
	}
	low := math.Max(sorted[len(sorted)/4], high/10_000)
	if high < 4*low {
		return nil // always alike: a film, or nothing at all
	}
	calm := math.Sqrt(low * high)
	var out []int
	for i := 0; i < len(curve); i++ {
		run := 0
		for i+run < len(curve) && curve[i+run] <= calm {
			run++
		}
		if run >= 3 {
			out = append(out, i+min(run/2, steps(0.75)))
		}
		i += run
	}
	return out
}

// quantiles are calm bins after about equal amounts of change.
func quantiles(curve []float64) []int {
	mean := 0.0
	for _, v := range curve {
		mean += v / float64(len(curve))
	}
	out := []int{calmest(curve, 0, steps(1))}
	if mean == 0 {
		return out
	}
	// The logarithm keeps a short film from outweighing everything else.
	weigh := func(v float64) float64 { return math.Log1p(4 * v / mean) }
	share := 0.0
	for _, v := range curve {
		share += weigh(v) / (mostSettled / 2)
	}
	gathered := 0.0
	for i := 0; i < len(curve); i++ {
		if gathered += weigh(curve[i]); gathered < share*1.001 {
			continue
		}
		at := calmest(curve, i+1, i+steps(calmWithin))
		if at >= len(curve) {
			break
		}
		out = append(out, at)
		gathered, i = 0, at
	}
	return out
}

// thin keeps at most n, evenly, the first and the last among them.
func thin(moments []float64, n int) []float64 {
	if len(moments) <= n {
		return moments
	}
	out := make([]float64, n)
	for i := range out {
		out[i] = moments[i*(len(moments)-1)/(n-1)]
	}
	return out
}

// calmest is the bin of least activity from one to the one before to; the
// later of equals, where animations have ended.
func calmest(curve []float64, from, to int) int {
	best := from
	for i := from; i < min(to, len(curve)); i++ {
		if curve[i] <= curve[best] {
			best = i
		}
	}
	return best
}

func steps(s float64) int { return int(s / binSeconds) }

// seconds is the middle of a bin.
func seconds(bin int) float64 { return math.Round((float64(bin)+0.5)*binSeconds*100) / 100 }

// Choose finds the stretch of about length seconds in which most happens, on
// whole seconds. Activity is weighed by its logarithm, so that many small
// changes (pages, messages) outweigh one film; later counts a little more,
// because what a person records last is usually what they want to show; the
// last seconds are left out, for there the recording is being stopped.
// Activity is not importance: this is a proposal, and the person's own moment
// goes before it.
func (e *Engine) Choose(ctx context.Context, path string, probe media.Probe, length float64) (media.Range, error) {
	whole := media.Range{End: probe.Duration}
	if probe.Kind != media.KindVideo || length <= 0 || probe.Duration <= length+1 {
		return whole, nil
	}
	s, err := e.open(path)
	if err != nil {
		return media.Range{}, err
	}
	found, _, err := e.packets(ctx, s, probe.Stream, none)
	if err != nil {
		return media.Range{}, err
	}
	return busiest(found.pictures.activity(probe.Duration), probe.Duration, length), nil
}

func busiest(curve []float64, duration, length float64) media.Range {
	mean := 0.0
	for _, a := range curve {
		mean += a / float64(max(1, len(curve)))
	}
	sums := make([]float64, len(curve)+1)
	for i, a := range curve {
		weight := 0.0
		if mean > 0 {
			weight = math.Log1p(4 * a / mean)
		}
		sums[i+1] = sums[i] + weight*(1+0.15*float64(i)/float64(len(curve)))
	}
	lead, rest := 1.0, 3.0
	if duration < length+lead+rest {
		lead, rest = 0, 0
	}
	best, bestSum := 0.0, -1.0
	for at := math.Ceil(lead); at+length <= duration-rest; at++ {
		from, to := min(steps(at), len(curve)), min(steps(at+length), len(curve))
		if sum := sums[to] - sums[from]; sum > bestSum {
			best, bestSum = at, sum
		}
	}
	return media.Range{Start: best, End: math.Min(best+length, duration)}
}
