package media

import "math"

// byActivity is the part of a sum that goes where most changes; the rest goes by
// length, so that no piece starves by a mistake about what changes.
const byActivity = 1.0 / 3

// shareTotals gives every piece its part of the recipe's sums, so that the sum
// holds whatever becomes of the single pieces. A piece in which much changes takes
// from quiet ones what they hardly need, never more than one piece may have.
func shareTotals(sources []Source, perSource [][]draft, recipe Recipe) {
	var pieces []*Piece
	var weights []float64
	total := 0.0
	for i, drafts := range perSource {
		length, change := 0.0, 0.0
		for _, d := range drafts {
			length += d.piece.Range.Length()
			change += sources[i].Probe.Change(d.piece.Range)
		}
		for n := range drafts {
			p := &drafts[n].piece
			weight := p.Range.Length()
			if change > 0 && length > 0 {
				weight = (1-byActivity)*weight + byActivity*length*sources[i].Probe.Change(p.Range)/change
			}
			pieces, weights, total = append(pieces, p), append(weights, weight), total+weight
		}
	}
	if total == 0 { // stills
		for i := range weights {
			weights[i] = 1
		}
	}
	most := make([]int64, len(pieces))
	for i, p := range pieces {
		most[i] = p.MaxBytes
	}
	for i, part := range filled(int64(recipe.MaxTotalBytes), weights, most) {
		pieces[i].MaxBytes = least(pieces[i].MaxBytes, part)
		most[i] = pieces[i].MaxBytes
	}
	for i, part := range filled(int64(recipe.WantTotalBytes), weights, most) {
		pieces[i].Target = least(pieces[i].Target, part)
	}
}

// filled shares a sum out by weight, none larger than its most (0 = no limit of its own): what one
// cannot take goes to the others. No sum gives no shares.
func filled(sum int64, weights []float64, most []int64) []int64 {
	if sum <= 0 {
		return nil
	}
	out := make([]int64, len(weights))
	full := make([]bool, len(weights))
	for {
		left, weight := float64(sum), 0.0
		for i := range out {
			if full[i] {
				left -= float64(out[i])
			} else {
				weight += weights[i]
			}
		}
		again := false
		for i := range out {
			if full[i] {
				continue
			}
			out[i] = int64(math.Max(0, left*weights[i]/weight))
			if most[i] > 0 && out[i] >= most[i] {
				out[i], full[i], again = most[i], true, true
			}
		}
		if !again {
			return out
		}
	}
}

// Change is how much happens in a range, in units of the recording's own; 0 where
// it is not known.
func (p Probe) Change(r Range) float64 {
	if len(p.Changed) != len(p.Settled) {
		return 0
	}
	sum, before := 0.0, 0.0
	for i, at := range p.Settled {
		if inside := math.Min(at, r.End) - math.Max(before, r.Start); inside > 0 && at > before {
			sum += p.Changed[i] * inside / (at - before)
		}
		before = at
	}
	return sum
}
