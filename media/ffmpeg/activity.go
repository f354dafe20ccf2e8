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
)

// activity is how much changes in each bin of time: the bytes of the pictures
// that are coded as changes. Key pictures are left out: they come by the clock
// and are large whatever happens. Streams of key pictures alone (MJPEG, ProRes)
// give the change of their size instead.
func (p packets) activity() []float64 {
	if len(p) == 0 {
		return nil
	}
	start := p[0].at
	bins := make([]float64, int((p[len(p)-1].at-start)/binSeconds)+1)
	keys := 0
	for _, k := range p {
		if k.key {
			keys++
		}
	}
	intra := keys*5 > len(p)*4
	for i, k := range p {
		bin := int((k.at - start) / binSeconds)
		switch {
		case intra && i > 0:
			bins[bin] += math.Abs(float64(k.size - p[i-1].size))
		case !intra && !k.key:
			bins[bin] += float64(k.size)
		}
	}
	// What a resting picture still costs (noise, a ticking clock) is no activity.
	sorted := slices.Clone(bins)
	slices.Sort(sorted)
	floor := sorted[len(sorted)/5]
	for i := range bins {
		bins[i] = math.Max(0, bins[i]-floor)
	}
	return bins
}

// settled are moments at rest after something changed. Each stands for about
// the same amount of change, so that a long rest gives one and a busy stretch
// several; the first is the beginning.
func (p packets) settled() []float64 {
	curve := p.activity()
	if len(curve) == 0 {
		return nil
	}
	total := 0.0
	for _, a := range curve {
		total += a
	}
	share := total / mostSettled
	out := []float64{seconds(calmest(curve, 0, steps(1)))}
	gathered := 0.0
	for i := 0; i < len(curve) && share > 0; i++ {
		if gathered += curve[i]; gathered < share*1.001 {
			continue
		}
		at := calmest(curve, i+1, i+steps(calmWithin))
		if at >= len(curve) {
			break
		}
		if moment := seconds(at); moment-out[len(out)-1] >= settledApart {
			out = append(out, moment)
			gathered = 0
			i = at
		}
	}
	end := p[len(p)-1].at - p[0].at
	for i := range out {
		out[i] = math.Max(0, math.Min(out[i], end))
	}
	return slices.Compact(out)
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
	p, err := e.packets(ctx, s, probe.Stream)
	if err != nil {
		return media.Range{}, err
	}
	return busiest(p.activity(), probe.Duration, length), nil
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
