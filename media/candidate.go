package media

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Candidate is a moment that may be the one that matters.
type Candidate struct {
	At   float64 `json:"at"`             // seconds
	Text string  `json:"text,omitempty"` // the line that speaks for it; "" = only that much happens
}

const (
	candidateApart = 5.0 // seconds between two of them: nearer ones are one moment
	busyBonus      = 0.4 // for lying where most happens; the first word of the matter counts 1
	lateBonus      = 0.15
)

// weight is how much a line says about a matter: the words stand in the order of
// what they say, the first one twice as much as the last. A headline says it in
// few letters, a paragraph in passing.
func weight(text string, words []string) float64 {
	text = strings.ToLower(text)
	sum := 0.0
	for i, w := range words {
		if w != "" && strings.Contains(text, strings.ToLower(w)) {
			sum += 1 - 0.5*float64(i)/float64(len(words))
		}
	}
	if sum > 0 {
		sum += math.Max(0, 0.5-0.02*float64(letters(text)))
	}
	return sum
}

// Telling is the line of a reading that says most in the words of the matter;
// "" if none has any.
func Telling(lines []string, words []string) string {
	best, most := "", 0.0
	for _, l := range lines {
		if w := weight(l, words); w > most {
			best, most = l, w
		}
	}
	return best
}

// Candidates are at most n moments that may be the one that matters, the likeliest
// first. The words on the screen speak for a moment, and so does that much
// happens there: busiest is the stretch in which most does, nil if it is not
// known. A moment at which no word of the matter stands is none, but for the
// busiest. What is shown late counts a little more: a person records last what
// they want to show.
func Candidates(seen []Seen, busiest *Range, words []string, duration float64, n int) []Candidate {
	type scored struct {
		Candidate
		score float64
	}
	var all []scored
	for i := 0; i < len(seen); {
		at := seen[i].At
		c := scored{Candidate: Candidate{At: at}}
		best := 0.0
		for ; i < len(seen) && seen[i].At == at; i++ {
			w := weight(seen[i].Text, words)
			c.score += w / 4 // what stands beside the best line counts, but a long page must not outweigh a notice
			if w > best {
				best, c.Text = w, seen[i].Text
			}
		}
		if best == 0 {
			continue
		}
		c.score = best + math.Min(c.score, 1)
		if busiest != nil && at >= busiest.Start && at <= busiest.End {
			c.score += busyBonus
		}
		if duration > 0 {
			c.score *= 1 + lateBonus*at/duration
		}
		all = append(all, c)
	}
	if busiest != nil {
		all = append(all, scored{Candidate{At: math.Min(busiest.Start+MomentBefore, busiest.End)}, busyBonus})
	}
	slices.SortStableFunc(all, func(a, b scored) int { return cmp.Compare(b.score, a.score) })
	var out []Candidate
	for _, c := range all {
		near := func(o Candidate) bool {
			return math.Abs(o.At-c.At) < candidateApart || c.Text != "" && alike(o.Text, c.Text)
		}
		if len(out) < n && !slices.ContainsFunc(out, near) {
			out = append(out, c.Candidate)
		}
	}
	return out
}

// Highlights are at most n lines of a time line, in order of time: those that
// say most in the words of the matter.
func Highlights(seen []Seen, words []string, n int) []Seen {
	order := make([]int, 0, len(seen))
	for i, s := range seen {
		if weight(s.Text, words) > 0 {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(weight(seen[b].Text, words), weight(seen[a].Text, words))
	})
	var kept []int
	for _, i := range order {
		same := func(k int) bool { return alike(seen[k].Text, seen[i].Text) }
		if len(kept) < n && !slices.ContainsFunc(kept, same) {
			kept = append(kept, i)
		}
	}
	slices.Sort(kept)
	out := make([]Seen, len(kept))
	for i, k := range kept {
		out[i] = seen[k]
	}
	return out
}
