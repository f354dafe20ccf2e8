package prepare

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
	"clipcase/media/align"
)

// byPerson is what an offset was found by that nobody had to find.
const byPerson align.By = "person"

// pair is two recordings that are shown next to each other.
type pair struct {
	left, right *exhibit
	by          align.By
	offset      float64 // seconds by which the right one shows the same later
	confidence  float64
	from        [2]float64 // seconds of each with which the comparison begins
	length      float64    // seconds of the comparison
	curve       []float64  // how alike they are over it
}

// leastCompared is how many seconds two recordings must have in common.
const leastCompared = 1.0

// lay finds the two recordings of a comparison, if a pack wants one, and by how
// much one lags. Why there is none is said.
func (w *work) lay(ctx context.Context) error {
	if w.req.Early || !slices.ContainsFunc(w.packs, (*pack).wantsPair) {
		return nil
	}
	pr := &pair{left: w.side(catalog.SideLeft), right: w.side(catalog.SideRight)}
	switch {
	case pr.left == nil || pr.right == nil:
		w.warn(nil, flows.T("compare.warn.none"))
		return nil
	case pr.left.sha256 == pr.right.sha256:
		w.warn(nil, flows.T("compare.warn.same"))
		return nil
	}
	var traces [2]media.Trace
	for i, e := range []*exhibit{pr.left, pr.right} {
		var err error
		if traces[i], err = w.cfg.Engine.Trace(ctx, e.path, e.probe); err != nil {
			var refusal *media.Refusal
			if !errors.As(err, &refusal) {
				return err
			}
			w.warn(nil, flows.T("dossier.warn.refused", "name", e.shown, "reason", flows.RefusalText(refusal)))
			return nil
		}
	}
	pr.settle(traces, w.req.Offset)
	if w.req.Offset != nil && pr.by != byPerson {
		w.warn(nil, flows.T("compare.warn.offset", "offset", seconds(math.Abs(*w.req.Offset))))
	}
	if pr.by == align.ByNothing {
		w.warn(nil, flows.T("compare.warn.unsure"))
	}
	if pr.whole() > pr.length+1 {
		w.warn(nil, flows.T("compare.warn.long", "length", flows.FormatClock(pr.length)))
	}
	w.pair = pr
	return nil
}

// side is the recording that stands on a side: the first of those handed in
// for it.
func (w *work) side(side string) *exhibit {
	var found *exhibit
	for _, e := range w.exhibits {
		for _, s := range w.scenario.Exhibits {
			if s.ID != e.Slot || s.Side != side || !e.usable() || e.probe.Kind != media.KindVideo {
				continue
			}
			if found != nil {
				w.warn(nil, flows.T("compare.warn.first", "name", found.shown, "other", e.shown))
				return found
			}
			found = e
		}
	}
	return found
}

// settle takes the person's offset, else the one that is found; none is as good
// as 0.
func (pr *pair) settle(traces [2]media.Trace, wish *float64) {
	pr.length = -1
	if wish != nil {
		pr.by, pr.offset, pr.confidence = byPerson, *wish, 1
		pr.overlap()
	}
	if pr.length < leastCompared {
		found := align.Find(traces[0], traces[1])
		pr.by, pr.offset, pr.confidence = found.By, found.Offset, found.Confidence
		pr.overlap()
	}
	pr.curve = align.Curve(traces[0], traces[1], pr.from[0], pr.from[1], pr.length)
}

// overlap is what both show at the offset. Of two that are not known to go
// together neither is cut for the other's sake.
func (pr *pair) overlap() {
	pr.from = [2]float64{max(0, -pr.offset), max(0, pr.offset)}
	pr.length = min(pr.whole(), media.TraceLongest-max(pr.from[0], pr.from[1]))
}

// whole is how long the comparison would be without its bound.
func (pr *pair) whole() float64 {
	left, right := pr.left.probe.Duration-pr.from[0], pr.right.probe.Duration-pr.from[1]
	if pr.by == align.ByNothing {
		return max(left, right)
	}
	return min(left, right)
}

// sure is how sure the offset is, as a key of words.
func (pr *pair) sure() string {
	switch {
	case pr.by == byPerson:
		return "person"
	case pr.by == align.ByNothing:
		return "unsure"
	case pr.confidence >= align.Certain:
		return "high"
	}
	return "middle"
}

// told are the words of how the two lie to each other.
func (pr *pair) told() flows.Text {
	if pr.by == align.ByNothing {
		return flows.T("compare.unsure")
	}
	lag := "compare.later"
	if pr.offset < 0 {
		lag = "compare.earlier"
	}
	return flows.T("compare.by."+string(pr.by), "lag", flows.T(lag, "seconds", seconds(math.Abs(pr.offset))), "sure", flows.T("compare.sure."+pr.sure()))
}

// beside is the pair as cases keep it.
func (pr *pair) beside() *flows.Beside {
	return &flows.Beside{
		Left: pr.left.ID, Right: pr.right.ID, LeftFrom: tenths(pr.from[0]), RightFrom: tenths(pr.from[1]),
		Offset: tenths(pr.offset), By: string(pr.by), Confidence: pr.sure(),
	}
}

func tenths(v float64) float64 { return math.Round(v*10) / 10 }

// seconds is a time difference as it is read out.
func seconds(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }
