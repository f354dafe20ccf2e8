package wizard

import (
	"slices"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/web/entry"
)

// scenarioCard is one kind of matter to choose.
type scenarioCard struct {
	button
	Help   string
	Urgent bool
}

// scenarios makes cards of the kinds of matter; what else can be pressed stays.
func (z *Wizard) scenarios(v entry.Visitor, state flows.State, p *sheet) {
	chosen := matterOf(state).scenario
	var others []button
	for _, b := range p.Others {
		s, ok := z.cat.Scenario(b.Value)
		if !ok {
			others = append(others, b)
			continue
		}
		b.On = s.ID == chosen
		p.Scenarios = append(p.Scenarios, scenarioCard{button: b, Help: s.Help.In(v.Lang), Urgent: s.Priority == "urgent"})
	}
	p.Others = others
}

// matter is what is known of what a person is putting together, wherever it stands.
type matter struct {
	scenario  string
	can       []string
	consent   []string
	consented bool
	statement string
}

func matterOf(state flows.State) matter {
	if c := state.Case; c != nil {
		return matter{c.Scenario, c.Can, c.Consent, c.Consented, c.Statement}
	}
	d := state.Session.Draft
	return matter{d.Scenario, d.Can, d.Consent, d.Consented, d.Statement}
}

// declined says whether a person did not agree to hand something in for a slot.
func (m matter) declined(slot catalog.Slot) bool {
	return slot.Consent != "" && m.consented && !slices.Contains(m.consent, slot.ID)
}

// channelCard is one place to hand in to.
type channelCard struct {
	button
	Name   string
	Gets   string // what is made for it
	Where  string
	Needs  []string
	More   string // above what follows
	Steps  []string
	Limits []string
}

// channels makes cards of the places that can be chosen.
func (z *Wizard) channels(v entry.Visitor, state flows.State, p *sheet) {
	var others []button
	for _, b := range p.Others {
		ch, ok := z.cat.Channel(b.Value)
		if !ok {
			others = append(others, b)
			continue
		}
		card := z.channel(v.Lang, ch, matterOf(state).can)
		card.button = b
		p.Channels = append(p.Channels, card)
	}
	p.Others = others
	if state.Case != nil && !state.Case.Submitted.IsZero() {
		p.Stages = nil
	}
}

func (z *Wizard) channel(lang string, ch catalog.Channel, can []string) channelCard {
	card := channelCard{Name: ch.Name.In(lang), More: z.word(lang, "channel.more")}
	if where := ch.Where.In(lang); where != "" {
		card.Where = z.word(lang, "channel.where", "where", where)
		if ch.WhereFrom.Unverified() {
			card.Where = z.word(lang, "channel.where.unverified", "where", where, "note", flows.T("catalog.unverified"))
		}
	}
	switch {
	case ch.WordsOnly:
		card.Gets = z.word(lang, "channel.words")
	case len(ch.Tiers) > 0:
		card.Gets = z.word(lang, "channel.gets", "what", ch.Tiers[0].Name.In(lang))
	}
	for _, id := range ch.Needs {
		a, ok := z.cat.Ability(id)
		if !ok {
			continue
		}
		key := "channel.need"
		if slices.Contains(can, id) {
			key = "channel.can"
		}
		card.Needs = append(card.Needs, z.word(lang, key, "what", a.Name.In(lang)))
	}
	for _, l := range ch.Limits {
		key := "web.wizard.limit." + l.Name
		if !z.cat.Has(lang, key) {
			continue // a fact for the making, not for people
		}
		value := int64(l.Value)
		card.Limits = append(card.Limits, z.say(lang, flows.T(key, "count", int(value), "size", flows.FormatBytes(value))))
	}
	for _, s := range ch.Steps {
		card.Steps = append(card.Steps, s.In(lang))
	}
	return card
}

// review is the last look: where it goes first, what is there and what is missing.
func (z *Wizard) review(v entry.Visitor, state flows.State, own []flows.Block, p *sheet) {
	var rest []flows.Block
	for _, b := range own {
		name, ok := b.Text.Args["channel"].(flows.Text)
		if b.Text.Key != "talk.review.channel" || !ok {
			rest = append(rest, b)
			continue
		}
		i := slices.IndexFunc(z.cat.Channels(), func(ch catalog.Channel) bool { return ch.Name.In(v.Lang) == name.Plain })
		if i < 0 {
			rest = append(rest, b)
			continue
		}
		p.Channels = []channelCard{z.channel(v.Lang, z.cat.Channels()[i], matterOf(state).can)}
	}
	p.Lines = z.pages.Paras(v.Lang, rest)
}
