package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// print shows what is known of a row: each side's median with its extremes, the
// likeness of what was made, and the figures that are demanded.
func (b *bench) print(r row) error {
	var text strings.Builder
	fmt.Fprintf(&text, "\n== %s: %s\n", r.name, r.title)
	for _, name := range r.inputs {
		found, sittings := b.found(r, name)
		if len(found) == 0 {
			fmt.Fprintf(&text, "%s: nothing measured\n", name)
			continue
		}
		fmt.Fprintf(&text, "%s", name)
		if len(sittings) > 1 {
			fmt.Fprintf(&text, " (measured in %d sittings: the ratios are worth less)", len(sittings))
		}
		text.WriteString("\n")
		for _, s := range r.sides {
			if rounds := found[s.name]; len(rounds) > 0 {
				fmt.Fprintf(&text, "  %-10s wall %s s  CPU %s s  peak %s MB  n=%d\n", s.name,
					spread(rounds, func(x result) float64 { return x.Cost.Wall }, 1), spread(rounds, func(x result) float64 { return x.Cost.CPU }, 1),
					spread(rounds, func(x result) float64 { return float64(x.Cost.Peak) }, 1e6), len(rounds))
			}
		}
		for _, s := range r.sides {
			if rounds := found[s.name]; len(rounds) > 0 {
				files(&text, s.name, rounds[0].Files)
			}
		}
		for _, g := range r.gates {
			gateLine(&text, g, r.sides[0].name, found)
		}
	}
	_, err := fmt.Fprint(b.out, text.String())
	return err
}

// found are the results of a row by side, in the order of rounds, and the
// sittings they come from.
func (b *bench) found(r row, input string) (map[string][]result, map[string]bool) {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	all, sittings := map[string][]result{}, map[string]bool{}
	for _, x := range b.store.found {
		i := slices.IndexFunc(r.sides, func(s side) bool { return s.name == x.Side })
		if x.Row != r.name || x.Input != input || i < 0 || r.sides[i].ours && !strings.HasSuffix(x.Version, b.build) {
			continue
		}
		all[x.Side] = append(all[x.Side], x)
		sittings[x.Sitting] = true
	}
	for _, rounds := range all {
		slices.SortFunc(rounds, func(x, y result) int { return x.Round - y.Round })
	}
	return all, sittings
}

func files(text *strings.Builder, side string, all []file) {
	for _, f := range all {
		fmt.Fprintf(text, "    %-10s %-10s %9d bytes %4d×%-4d %5.2f fps", side, f.Channel, f.Bytes, f.Width, f.Height, f.FPS)
		if f.SSIM != nil {
			fmt.Fprintf(text, "  SSIM %.4f", *f.SSIM)
		}
		if f.Read != nil {
			fmt.Fprintf(text, "  text %.2f", *f.Read)
		}
		if len(f.Over) > 0 {
			fmt.Fprintf(text, "  OVER: %s (%s)", strings.Join(f.Over, "; "), f.Name)
		}
		text.WriteString("\n")
	}
}

// figure is what is known of a gate: the middle of several rounds and their extremes.
type figure struct {
	name              string
	middle, low, high float64
	notes             []string
}

// figure reckons a gate; false = nothing is known.
func (g gate) figure(ours string, found map[string][]result) (figure, bool) {
	of := func(x result) float64 {
		switch g.what {
		case "wall":
			return x.Cost.Wall
		case "cpu":
			return x.Cost.CPU
		}
		return x.Facts[g.what] / math.Max(1, g.unit)
	}
	f, values := figure{name: g.what}, []float64{}
	switch {
	case g.what == worse:
		if len(found[ours]) == 0 || len(found[g.over]) == 0 {
			return f, false
		}
		notes, compared := worseFiles(found[ours][0].Files, found[g.over][0].Files)
		if compared == 0 {
			return f, false
		}
		f.name, f.notes = fmt.Sprintf("worse than by %s, of %d files", g.over, compared), notes
		values = append(values, float64(len(notes)))
	case g.over == "":
		for _, x := range found[ours] {
			if _, known := x.Facts[g.what]; known {
				values = append(values, of(x))
			}
		}
	default:
		f.name = fmt.Sprintf("%s, %s / %s", g.what, ours, g.over)
		values = ratios(found[ours], found[g.over], of)
	}
	if len(values) == 0 {
		return f, false
	}
	f.middle, f.low, f.high = median(values), slices.Min(values), slices.Max(values)
	if g.over != "" && g.what != worse {
		f.middle = median(each(found[ours], of)) / median(each(found[g.over], of))
	}
	return f, true
}

// demanded is what a gate must be, in words; "" = it is only shown.
func (g gate) demanded() string {
	switch {
	case g.none:
		return "must be 0"
	case g.must > 0:
		return fmt.Sprintf("must be ≤ %g", g.must)
	}
	return ""
}

// met says whether a figure is as demanded.
func (g gate) met(f figure) bool {
	if g.none {
		return f.high == 0
	}
	return g.must <= 0 || f.middle <= g.must
}

func gateLine(text *strings.Builder, g gate, ours string, found map[string][]result) {
	f, known := g.figure(ours, found)
	if !known {
		return
	}
	fmt.Fprintf(text, "  → %s: %.3f [%.3f–%.3f]", f.name, f.middle, f.low, f.high)
	switch {
	case !g.met(f):
		fmt.Fprintf(text, "  MISSED, %s", g.demanded())
	case g.aim > 0 && f.middle > g.aim:
		fmt.Fprintf(text, "  above the aim of ≤ %g", g.aim)
	case g.none || g.aim > 0:
		text.WriteString("  reached")
	}
	text.WriteString("\n")
	for _, note := range f.notes {
		fmt.Fprintf(text, "      %s\n", note)
	}
}

// demands lists every figure that is demanded, of all rows, whether they were
// asked for or not: met, not met, or not measured.
func (b *bench) demands(all []row) error {
	var text strings.Builder
	text.WriteString("\n== what is demanded\n")
	for _, r := range all {
		for _, input := range r.inputs {
			found, _ := b.found(r, input)
			for _, g := range r.gates {
				if g.demanded() == "" {
					continue
				}
				verdict, value := "not measured", ""
				f, known := g.figure(r.sides[0].name, found)
				if known {
					value = fmt.Sprintf("%.3f, ", f.middle)
					if verdict = "met"; !g.met(f) {
						verdict = "NOT MET"
					}
				}
				fmt.Fprintf(&text, "  %-12s %s, %s: %s: %s%s\n", verdict, r.name, input, f.name, value, g.demanded())
			}
		}
	}
	_, err := fmt.Fprint(b.out, text.String())
	return err
}

// ratios are those of the rounds both sides have.
func ratios(a, b []result, of func(result) float64) []float64 {
	var out []float64
	for _, x := range a {
		for _, y := range b {
			if x.Round == y.Round && of(y) > 0 {
				out = append(out, of(x)/of(y))
			}
		}
	}
	return out
}

func each(rounds []result, of func(result) float64) []float64 {
	out := make([]float64, len(rounds))
	for i, x := range rounds {
		out[i] = of(x)
	}
	return out
}

// spread writes the median and, of several, the extremes.
func spread(rounds []result, of func(result) float64, unit float64) string {
	values := each(rounds, func(x result) float64 { return of(x) / unit })
	if len(values) == 1 {
		return fmt.Sprintf("%.1f", values[0])
	}
	return fmt.Sprintf("%.1f [%.1f–%.1f]", median(values), slices.Min(values), slices.Max(values))
}

// median of an even number is the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	if len(sorted) == 0 {
		return math.NaN()
	}
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
