package entry

import (
	"slices"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// Made is how many files of a case are there to be handed in. Together with Moving
// it says when its page shows something new.
func Made(c *flows.Case) (n int) {
	for i := range c.Packs {
		n += c.Packs[i].Made()
	}
	return n
}

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
