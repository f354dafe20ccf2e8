package catalog

import (
	"cmp"
	"maps"
	"slices"
)

// Scenario finds a scenario by id.
func (c *Catalog) Scenario(id string) (Scenario, bool) {
	s, ok := c.scenarios[id]
	return s, ok
}

// ScenarioByCommand finds a scenario by its command, without slash.
func (c *Catalog) ScenarioByCommand(command string) (Scenario, bool) {
	for _, s := range c.scenarios {
		if s.Command == command {
			return s, true
		}
	}
	return Scenario{}, false
}

// Scenarios is all scenarios in the order of the menu.
func (c *Catalog) Scenarios() []Scenario {
	return slices.SortedFunc(maps.Values(c.scenarios), func(a, b Scenario) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
	})
}

// Channel finds a channel by id, also one that is not available.
func (c *Catalog) Channel(id string) (Channel, bool) {
	ch, ok := c.channels[id]
	return ch, ok
}

// Channels is all channels in the order of lists, also those that are not available.
func (c *Catalog) Channels() []Channel {
	return slices.SortedFunc(maps.Values(c.channels), func(a, b Channel) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.ID, b.ID))
	})
}

// Ability finds something a person may still be able to do.
func (c *Catalog) Ability(id string) (Ability, bool) {
	for _, a := range c.abilities {
		if a.ID == id {
			return a, true
		}
	}
	return Ability{}, false
}

// Abilities is all abilities in the order they are asked.
func (c *Catalog) Abilities() []Ability { return slices.Clone(c.abilities) }

// Wording is what channels' filters may stop, by class.
func (c *Catalog) Wording() []Wording { return slices.Clone(c.wording) }

// Version is the SHA-256 of all data in hex: packs made from the same version
// were made by the same limits.
func (c *Catalog) Version() string { return c.version }

// Limit finds one of the channel's limits by name.
func (c Channel) Limit(name string) (Limit, bool) {
	for _, l := range c.Limits {
		if l.Name == name {
			return l, true
		}
	}
	return Limit{}, false
}

// Reachable says whether someone who can do what is in can reaches the channel.
func (c Channel) Reachable(can []string) bool {
	for _, need := range c.Needs {
		if !slices.Contains(can, need) {
			return false
		}
	}
	return true
}

// Unverified says that nobody has shown where this comes from: people are told
// to check in the app (words "catalog.unverified").
func (p Provenance) Unverified() bool { return p.Source == "" }
