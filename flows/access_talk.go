package flows

import "strings"

// entitled says whether the person may use the service at all.
func (t *turn) entitled() bool {
	return t.person.Admin || t.person.Allowed || t.cfg.Access == AccessOpen
}

// admit lets in whoever brings a code and tells the others how to get in; of what
// they send nothing is kept. It returns whether the step goes on.
func (t *turn) admit() bool {
	e := t.event
	if e.Kind == EventCommand && e.Command == "start" {
		payload := strings.TrimSpace(e.Text)
		if strings.HasPrefix(payload, "i_") || strings.HasPrefix(payload, "c_") {
			return t.redeem(payload)
		}
	}
	switch {
	case e.Kind == EventCommand && e.Command == "lang":
		t.language(e.Text)
	case e.Kind == EventChoice && e.Token == tokenKeep && strings.HasPrefix(e.Choice, "lang."):
		t.kept(e.Choice)
	case e.Kind == EventCommand && e.Command == "privacy" && !e.Group:
		t.privacy()
	case e.Kind == EventEdit:
	case t.cfg.Access == AccessList:
		t.refuse(T("talk.access.list", "operator", t.operator(), "id", e.Actor))
	default:
		t.refuse(T("talk.access.invite", "operator", t.operator()))
	}
	return false
}

// refuse shows what the service is not for this person, and nothing else.
func (t *turn) refuse(text Text) {
	if t.event.Kind == EventEdit {
		return
	}
	t.alone("note", nil, append([]Block{{Text: text}}, t.leave()...)...)
	t.screen.Replace = false
}

// redeem takes an invitation or the code of the first admin. The gate is asked
// once; the answer to a wrong code tells nothing about why.
func (t *turn) redeem(payload string) bool {
	what := "redeem"
	if strings.HasPrefix(payload, "c_") {
		what = "claim"
	}
	said := t.gate(request{what: what, arg: payload[2:]})
	switch {
	case said == nil:
		return false
	case said.absent && t.entitled():
		t.hint(T("talk.access.badcode"))
	case said.absent:
		t.refuse(T("talk.access.badcode"))
		return false
	case what == "claim":
		t.person.Admin = true
		t.say(T("talk.admin.claimed"))
		t.hint(T("talk.admin.help"))
	default:
		t.person.Allowed = true
		t.say(T("talk.access.welcome"))
	}
	t.event.Text = ""
	return true
}

// gate asks the gate for something; nil means that the turn is taken again with
// the answer.
func (t *turn) gate(r request) *answer {
	if t.have.answer == nil {
		t.lacks.gate = &r
		return nil
	}
	return t.have.answer
}

// group answers in a group: what people hand in is not for others' eyes, so the
// conversation itself happens in private. Only commands and replies get here.
func (t *turn) group() {
	e := t.event
	if e.Kind == EventChoice || e.Kind == EventEdit {
		return
	}
	payload := ""
	if e.Kind == EventCommand {
		if s, ok := t.cat.ScenarioByCommand(e.Command); ok {
			payload = "s_" + s.ID
		}
	}
	var rows [][]Choice
	if t.cfg.BotName != "" {
		link := "https://t.me/" + t.cfg.BotName
		if payload != "" {
			link += "?start=" + payload
		}
		rows = [][]Choice{{{Label: T("talk.group.button"), URL: link}}}
	}
	t.alone("note", rows, Block{Text: T("talk.group.private")})
}
