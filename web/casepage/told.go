package casepage

import (
	"slices"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
)

// toldView is what the case says and what it holds, as its summary has it.
type toldView struct {
	Said    string // in the person's own words
	List    []itemView
	Missing bool // something that is asked for is not there
}

// itemView is one line of the list of what is there and what is missing.
type itemView struct {
	Text  flows.Text
	Class string // good, or wait of what is missing
}

func told(c *flows.Case, s catalog.Scenario, lang string) toldView {
	view := toldView{Said: c.Said(s, lang)}
	there := func(text flows.Text) { view.List = append(view.List, itemView{text, "good"}) }
	for _, slot := range s.Exhibits {
		name := flows.Text{Plain: slot.Name.In(lang)}
		switch n := c.Holds(slot.ID); {
		case n > 0:
			there(flows.T("talk.review.there", "name", name, "count", n))
		case slot.Required:
			view.List = append(view.List, itemView{flows.T("talk.review.missing", "name", name), "wait"})
			view.Missing = true
		}
	}
	if n := c.Holds(""); n > 0 {
		there(flows.T("talk.review.there", "name", flows.T("talk.slot.other"), "count", n))
	}
	if key, ok := moment(c); ok {
		there(flows.T("talk.review.key", "from", flows.FormatClock(key.Start), "to", flows.FormatClock(key.End)))
	}
	if view.Said == "" {
		view.List = append(view.List, itemView{flows.T("talk.review.nowords"), "wait"})
	}
	return view
}

// moment is what was named as the seconds that matter, else what was chosen.
func moment(c *flows.Case) (media.Range, bool) {
	if c.Key != nil {
		return c.Key.Range, true
	}
	for i := range c.Packs {
		if all := c.Packs[i].Moments; len(all) > 0 {
			return all[0].Range, true
		}
	}
	return media.Range{}, false
}

// ordered puts what can still be handed in before what was refused or could not be
// made, and recommends the first of it if nobody has handed it in yet.
func ordered(all []packView) []packView {
	over := func(p packView) int {
		if p.Fate == flows.FateRefused || p.Error != nil && !p.Ready {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(all, func(a, b packView) int { return over(a) - over(b) })
	if len(all) > 0 && over(all[0]) == 0 && all[0].Fate != flows.FateSent && all[0].Fate != flows.FateAnswered {
		all[0].First = true
	}
	return all
}
