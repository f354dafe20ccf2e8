package flows

import (
	"slices"
	"strings"
)

// rest is the screen of someone for whom nothing is under way.
func (t *turn) rest() {
	if t.kase != nil && !t.drafting() && t.kase.Cancelled.IsZero() {
		t.status()
		return
	}
	t.atRest([]Block{{Text: T("talk.rest.what")}}, []Choice{{ID: "new", Label: T("talk.button.new")}, {ID: "help", Label: T("talk.button.help")}})
}

// status says where the case in hand stands; it answers in every state.
func (t *turn) status() {
	c := t.kase
	switch {
	case c == nil && t.session.Step != "":
		t.say(T("talk.status.begun"))
		t.ask()
	case c == nil:
		t.say(T("talk.status.none"))
		t.reask()
	case c.Quarantined:
		t.atRest([]Block{{Text: T("talk.status.held", "case", c.ID, "operator", t.operator())}}, []Choice{{ID: "new", Label: T("talk.button.new")}})
	case !c.Cancelled.IsZero():
		t.atRest([]Block{{Text: T("talk.status.cancelled", "case", c.ID, "date", FormatDay(c.Expires))}}, []Choice{{ID: "new", Label: T("talk.button.new")}})
	case c.Submitted.IsZero():
		t.notes = append(t.notes, Block{Text: T("talk.status.draft", "case", c.ID)})
		t.notes = append(t.notes, t.fileLines(c)...)
		t.reask()
	default:
		t.handedIn(c)
	}
}

// fileLines is one line for each file of a case, at most a screenful.
func (t *turn) fileLines(c *Case) []Block {
	var blocks []Block
	for i, e := range present(c) {
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.status.file",
			"number", i+1, "name", fileName(e.File), "state", t.exhibitState(e))})
	}
	return limitBlocks(blocks, 12)
}

// handedIn is the state of a case that was handed in: what is ready, what is not.
func (t *turn) handedIn(c *Case) {
	s, _ := t.cat.Scenario(c.Scenario)
	blocks := []Block{{Style: StyleTitle, Text: T("talk.status.title", "case", c.ID, "scenario", t.local(s.Name))}}
	for _, p := range c.Packs {
		name := Text{Plain: p.Channel}
		if ch, ok := t.cat.Channel(p.Channel); ok {
			name = t.local(ch.Name)
		}
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.status.pack", "channel", name, "state", packState(c, p))})
	}
	blocks = append(blocks, t.fileLines(c)...)
	blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.status.kept", "date", FormatDay(c.Expires))})
	row := []Choice{{ID: "new", Label: T("talk.button.new")}}
	if working(c) {
		row = []Choice{{ID: "status", Label: T("talk.working.status")}, {ID: "cancel", Label: T("talk.working.cancel")}}
	}
	if t.linked() {
		row = append([]Choice{{ID: "web", Label: T("talk.web.open")}}, row...)
	}
	t.atRest(blocks, row)
}

// packState is a pack's state in words.
func packState(c *Case, p Pack) Text {
	switch p.State {
	case PackPlanned:
		if c.Pending() {
			return T("talk.pack.fetching")
		}
		return T("talk.pack.waiting")
	case PackRendering:
		return T("talk.pack.making")
	case PackReady, PackDelivering:
		return T("talk.pack.sending")
	case PackFailed:
		return T("talk.pack.failed")
	}
	switch p.Fate {
	case FateSent:
		return T("talk.pack.sent")
	case FateRefused:
		return T("talk.pack.refused")
	case FateAnswered:
		return T("talk.pack.answered")
	}
	return T("talk.pack.delivered")
}

// cases lists the person's cases, newest first.
func (t *turn) cases() {
	all := slices.Clone(t.recent)
	if t.kase != nil && !slices.ContainsFunc(all, func(c *Case) bool { return c.ID == t.kase.ID }) {
		all = append([]*Case{t.kase}, all...)
	}
	if len(all) == 0 {
		t.say(T("talk.cases.none"))
		t.reask()
		return
	}
	blocks := []Block{{Style: StyleTitle, Text: T("talk.cases.title", "count", len(all))}}
	var buttons []Choice
	for _, c := range all {
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.cases.line",
			"case", c.ID, "scenario", t.scenarioName(c), "state", c.StateText(t.now), "date", FormatDay(c.Created))})
		buttons = append(buttons, Choice{ID: "case." + c.ID, Label: Text{Plain: c.ID}})
	}
	t.alone("cases", append(inRows(buttons, 3), []Choice{t.onward()}), blocks...)
}

func (t *turn) scenarioName(c *Case) Text {
	if s, ok := t.cat.Scenario(c.Scenario); ok {
		return t.local(s.Name)
	}
	return T("talk.scenario.open")
}

// onward leads from a screen of information back to where the person was.
func (t *turn) onward() Choice {
	if t.session.Step == "" && t.kase == nil {
		return Choice{ID: "go.new", Label: T("talk.button.new")}
	}
	return Choice{ID: "go.on", Label: T("talk.button.continue")}
}

func (t *turn) privacy() {
	rows := [][]Choice{{t.onward()}}
	if !t.allowed() {
		rows = nil
	}
	blocks := append([]Block{
		{Style: StyleTitle, Text: T("talk.privacy.title")},
		{Style: StyleItem, Text: T("talk.privacy.who", "operator", t.operator())},
		{Style: StyleItem, Text: T("talk.privacy.what")},
		{Style: StyleItem, Text: T("talk.privacy.kept", "days", t.cfg.RetentionDays)},
	}, t.keptShorter(StyleItem)...)
	t.alone("privacy", rows, append(blocks,
		Block{Style: StyleItem, Text: T("talk.privacy.share")},
		Block{Style: StyleItem, Text: T("talk.privacy.proof")},
		Block{Style: StyleItem, Text: T("talk.privacy.delete")})...)
}

// help is how everything works, or with a scenario's name, id or command how
// to record that.
func (t *turn) help(about string) {
	if about = strings.TrimPrefix(strings.TrimSpace(about), "/"); about != "" {
		for _, s := range t.cat.Scenarios() {
			if strings.EqualFold(about, s.Command) || strings.EqualFold(about, s.ID) || strings.EqualFold(about, s.Name.In(t.session.Lang)) {
				t.guide(s.ID)
				return
			}
		}
	}
	blocks := []Block{
		{Style: StyleTitle, Text: T("talk.help.title")},
		{Style: StyleItem, Text: T("talk.help.send")},
		{Style: StyleItem, Text: T("talk.help.file")},
		{Style: StyleItem, Text: T("talk.help.commands")},
		{Text: T("talk.help.scenarios")},
	}
	for _, s := range t.cat.Scenarios() {
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.help.scenario", "command", s.Command, "name", t.local(s.Name))})
	}
	blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.help.limits")})
	if t.cfg.PublicURL == "" {
		blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.help.nolinks")})
	}
	if t.person.Admin {
		blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.admin.help")})
	}
	t.alone("help", append(t.guides(), []Choice{t.onward()}), blocks...)
}

// language switches, or offers to.
func (t *turn) language(arg string) {
	switch strings.ToLower(strings.TrimSpace(arg)) {
	case "zh", "cn", "中文":
		t.speak("zh")
	case "en", "english", "英文":
		t.speak("en")
	default:
		t.alone("lang", [][]Choice{{{ID: "lang.zh", Label: Text{Plain: "中文"}}, {ID: "lang.en", Label: Text{Plain: "English"}}}},
			Block{Text: T("talk.lang.ask")})
		return
	}
	t.hint(T("talk.lang.done"))
	if !t.entitled() {
		t.refuse(T("talk.access.invite", "operator", t.operator()))
		return
	}
	t.reask()
}

func (t *turn) speak(lang string) {
	t.session.Lang, t.session.LangSet = lang, true
	if t.kase != nil && t.kase.Lang != lang {
		t.kase.Lang, t.changed = lang, true
	}
}
