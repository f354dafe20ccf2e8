package flows

import (
	"math"

	"clipcase/flows/catalog"
)

// Refusal is what a channel did not take, without a word about whose it was: it
// tells the operator which limit of the catalogue may be wrong.
type Refusal struct {
	Channel string
	Reason  string
	Limit   string // the limit that what was refused came closest to; "" = none
	Value   int64  // what was refused, in the limit's unit
}

// RefusalCount is how often that was said.
type RefusalCount struct {
	Refusal // Value is the least that was refused; 0 = not known
	Times   int64
}

// refusalOf finds the limit a refusal is about: of sizes the one that a file came
// closest to, of lengths the channel's own.
func refusalOf(p *Pack, ch catalog.Channel) *Refusal {
	r := &Refusal{Channel: p.Channel, Reason: p.Reason}
	switch p.Reason {
	case catalog.TooBig:
		closest := 0.0
		for _, piece := range p.Pieces {
			for _, fit := range piece.Fit {
				if l, ok := ch.Limit(fit.Limit); (ok && l.Unit == "bytes" || fit.Limit == "bytes") && fit.Max > 0 && fit.Value/fit.Max > closest {
					closest, r.Limit, r.Value = fit.Value/fit.Max, fit.Limit, int64(fit.Value)
				}
			}
		}
	case catalog.TooLong:
		for _, l := range ch.Limits {
			if l.Unit == "seconds" {
				r.Limit = l.Name
			}
		}
		for _, piece := range p.Pieces {
			r.Value = max(r.Value, int64(math.Ceil(piece.Duration)))
		}
	}
	return r
}
