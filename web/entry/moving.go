package entry

import (
	"slices"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// Moving says whether a case's pages will look different by themselves. Every page
// and the stream of news go by it: where two of them thought differently, a page
// would load itself again and again.
func Moving(c *flows.Case) bool {
	return c.Cancelled.IsZero() && !c.Quarantined && slices.ContainsFunc(c.Packs, func(p flows.Pack) bool {
		switch p.State {
		case flows.PackPlanned, flows.PackRendering:
			return true
		case flows.PackReady, flows.PackDelivering:
			// who has no messenger gets it on the case page: it is theirs a moment after
			// it is ready, and only then can they say what became of it
			return pass.IsWeb(c.Chat) && !p.Stopped
		}
		return false
	})
}
