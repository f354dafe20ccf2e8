package flows

import (
	"slices"

	"clipcase/flows/catalog"
)

// canNone is the choice of someone who can do none of it.
const canNone = "none"

func scenarioPart() part {
	return part{
		done: func(t *turn) bool { _, ok := t.scenario(); return ok },
		blocks: func(t *turn) []Block {
			blocks := []Block{{Style: StyleTitle, Text: T("talk.scenario.ask")}}
			if c := t.kase; c != nil && len(c.Usable()) > 0 {
				blocks = append(blocks, Block{Text: T("talk.scenario.received", "count", len(c.Usable()))})
			}
			return append(blocks, Block{Style: StyleNote, Text: T("talk.scenario.hint")})
		},
		options: func(t *turn) [][]Choice {
			var all []Choice
			for _, s := range t.cat.Scenarios() {
				all = append(all, Choice{ID: s.ID, Label: t.local(s.Name)})
			}
			return inRows(all, 2)
		},
		pick: func(t *turn, choice string) {
			s, ok := t.cat.Scenario(choice)
			if !ok {
				t.unknown()
				return
			}
			t.choose(s)
			t.goOn(t.talk.step("scenario"))
		},
		take: func(t *turn, text string) {
			for _, s := range t.cat.Scenarios() {
				if means(text, []string{s.Command, s.Name["zh"], s.Name["en"]}) {
					t.choose(s)
					t.goOn(t.talk.step("scenario"))
					return
				}
			}
			t.remark(text)
		},
		forward: func(*turn) Text { return T("talk.scenario.unsure") },
		ahead: func(t *turn) bool {
			if _, ok := t.scenario(); !ok {
				s, _ := t.cat.Scenario(t.talk.Default)
				t.choose(s)
			}
			return true
		},
	}
}

// abilities is what the channels of the scenario need of a person.
func (t *turn) abilities() []catalog.Ability {
	s, _ := t.scenario()
	var all []catalog.Ability
	for _, a := range t.cat.Abilities() {
		if slices.ContainsFunc(offered(t.cat, s), func(ch catalog.Channel) bool { return slices.Contains(ch.Needs, a.ID) }) {
			all = append(all, a)
		}
	}
	return all
}

func canPart() part {
	return part{
		needed: func(t *turn) bool { return len(t.abilities()) > 0 },
		done:   func(t *turn) bool { return *t.matter().canAsked },
		blocks: func(*turn) []Block {
			return []Block{
				{Style: StyleTitle, Text: T("talk.can.ask")},
				{Style: StyleNote, Text: T("talk.can.hint")},
			}
		},
		options: func(t *turn) [][]Choice {
			can := *t.matter().can
			var all []Choice
			for _, a := range t.abilities() {
				all = append(all, Choice{ID: a.ID, Label: t.local(a.Name), On: slices.Contains(can, a.ID)})
			}
			return append(inRows(all, 1), []Choice{{ID: canNone, Label: T("talk.can.none"), On: slices.Contains(can, canNone)}})
		},
		pick: func(t *turn, choice string) {
			known := slices.ContainsFunc(t.abilities(), func(a catalog.Ability) bool { return a.ID == choice })
			if choice != canNone && !known {
				t.unknown()
				return
			}
			m := t.touch()
			*m.can = toggled(*m.can, choice)
			t.ask()
		},
		forward: func(t *turn) Text {
			if len(*t.matter().can) == 0 {
				return T("talk.can.unsure")
			}
			return T("talk.button.next")
		},
		ahead: func(t *turn) bool {
			*t.touch().canAsked = true
			return true
		},
	}
}

// toggled turns one on or off; "none of it" and the others exclude each other.
func toggled(can []string, choice string) []string {
	if i := slices.Index(can, choice); i >= 0 {
		return slices.Delete(slices.Clone(can), i, i+1)
	}
	if choice == canNone {
		return []string{canNone}
	}
	can = slices.DeleteFunc(slices.Clone(can), func(c string) bool { return c == canNone })
	return append(can, choice)
}

// delicate lists the slots that need consent.
func (t *turn) delicate() []catalog.Slot {
	s, _ := t.scenario()
	var slots []catalog.Slot
	for _, slot := range s.Exhibits {
		if slot.Consent != "" {
			slots = append(slots, slot)
		}
	}
	return slots
}

func consentPart() part {
	return part{
		needed: func(t *turn) bool { return len(t.delicate()) > 0 },
		done:   func(t *turn) bool { return *t.matter().consented },
		blocks: func(t *turn) []Block {
			blocks := []Block{{Style: StyleTitle, Text: T("talk.consent.ask")}}
			for _, slot := range t.delicate() {
				blocks = append(blocks, Block{Style: StyleItem, Text: T(consentKey(slot.Consent), "slot", t.local(slot.Name))})
			}
			blocks = append(blocks, Block{Text: T("talk.consent.use", "operator", t.operator(), "days", t.cfg.RetentionDays)})
			return append(append(blocks, t.keptShorter("")...), Block{Style: StyleNote, Text: T("talk.consent.free")})
		},
		options: func(*turn) [][]Choice {
			return [][]Choice{{{ID: "no", Label: T("talk.consent.no")}}}
		},
		pick: func(t *turn, choice string) {
			if choice != "no" {
				t.unknown()
				return
			}
			m := t.touch()
			*m.consent, *m.consented = nil, true
			t.place()
			t.say(T("talk.consent.without"))
			t.goOn(t.talk.step("consent"))
		},
		forward: func(*turn) Text { return T("talk.consent.yes") },
		ahead: func(t *turn) bool {
			m := t.touch()
			*m.consent, *m.consented = nil, true
			for _, slot := range t.delicate() {
				*m.consent = append(*m.consent, slot.ID)
			}
			t.place()
			return true
		},
	}
}

func consentKey(kind string) string {
	switch kind {
	case "minor":
		return "talk.consent.minor"
	case "identity":
		return "talk.consent.identity"
	}
	return "talk.consent.face"
}

// operator is who runs the service, in words.
func (t *turn) operator() Text {
	if t.cfg.Operator == "" {
		return T("talk.operator.unnamed")
	}
	return Text{Plain: t.cfg.Operator}
}

// inRows lays choices out, most to a row.
func inRows(all []Choice, most int) [][]Choice {
	var rows [][]Choice
	for row := range slices.Chunk(all, most) {
		rows = append(rows, row)
	}
	return rows
}
