package flows

import (
	"strconv"

	"clipcase/flows/catalog"
)

// guideRules is what holds for every recording: a heading and how many lines.
func guideRules() []struct {
	part  string
	lines int
} {
	return []struct {
		part  string
		lines int
	}{{"record", 5}, {"never", 4}, {"send", 5}}
}

// Guide is how to record what a matter of one kind needs and how to send it
// unchanged, as blocks of a screen. ok is false for a kind that does not exist;
// with "" it is what holds for every kind.
func Guide(cat *catalog.Catalog, scenario, lang string) (blocks []Block, ok bool) {
	title := T("guide.title.all")
	s, known := cat.Scenario(scenario)
	switch {
	case known:
		title = T("guide.title", "name", Text{Plain: s.Name.In(lang)})
	case scenario != "":
		return nil, false
	}
	blocks = append(blocks, Block{Style: StyleTitle, Text: title})
	for i, slot := range s.Exhibits {
		key := "guide.slot"
		if !slot.Required {
			key = "guide.slot.optional"
		}
		blocks = append(blocks, Block{Style: StyleTitle, Text: T(key, "number", i+1, "name", Text{Plain: slot.Name.In(lang)})},
			Block{Text: Text{Plain: slot.Hint.In(lang)}})
		if avoid := slot.Avoid.In(lang); avoid != "" {
			blocks = append(blocks, Block{Style: StyleNote, Text: T("guide.avoid", "what", Text{Plain: avoid})})
		}
	}
	for _, rule := range guideRules() {
		blocks = append(blocks, Block{Style: StyleTitle, Text: T("guide." + rule.part)})
		for n := range rule.lines {
			blocks = append(blocks, Block{Style: StyleItem, Text: T("guide." + rule.part + "." + strconv.Itoa(n+1))})
		}
	}
	return append(blocks, Block{Style: StyleNote, Text: T("guide.promise")}), true
}

// guide shows one in the chat.
func (t *turn) guide(scenario string) {
	blocks, ok := Guide(t.cat, scenario, t.session.Lang)
	if !ok {
		t.unknown()
		return
	}
	t.alone("guide", [][]Choice{{t.onward()}}, blocks...)
}

// guides are the buttons that lead to them.
func (t *turn) guides() [][]Choice {
	var all []Choice
	for _, s := range t.cat.Scenarios() {
		all = append(all, Choice{ID: "guide." + s.ID, Label: T("guide.button", "name", t.local(s.Name))})
	}
	return inRows(all, 2)
}
