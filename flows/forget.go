package flows

import (
	"slices"
	"strings"
)

// forgetPart asks before files are deleted; the way forward keeps them.
func forgetPart() part {
	return part{
		blocks: func(t *turn) []Block {
			ids := t.deletable()
			if len(ids) == 0 {
				return []Block{{Text: T("talk.forget.nothing")}}
			}
			return []Block{
				{Style: StyleTitle, Text: T("talk.forget.ask", "case", ids[0])},
				{Text: T("talk.forget.what")},
			}
		},
		options: func(t *turn) [][]Choice {
			ids := t.deletable()
			if len(ids) == 0 {
				return nil
			}
			rows := [][]Choice{{{ID: "yes." + ids[0], Label: T("talk.forget.yes", "case", ids[0])}}}
			if len(ids) > 1 {
				rows = append(rows, []Choice{{ID: "all", Label: T("talk.forget.all", "count", len(ids))}})
			}
			return rows
		},
		pick: func(t *turn, choice string) {
			ids := t.deletable()
			if choice != "all" {
				ids = []string{strings.TrimPrefix(choice, "yes.")}
			}
			t.forget(ids)
		},
		forward: func(*turn) Text { return T("talk.forget.no") },
		ahead:   func(t *turn) bool { t.keepFiles(); return false },
	}
}

// keepFiles is the answer no to the question whether files are to be deleted.
func (t *turn) keepFiles() {
	t.session.Step = ""
	if len(t.deletable()) > 0 {
		t.say(T("talk.forget.kept"))
	}
	if !t.allowed() {
		t.notes = append(t.notes, t.leave()...)
		t.alone("note", nil)
		return
	}
	t.reask()
}

// allowed says whether the person may use the service.
func (t *turn) allowed() bool { return t.entitled() && !t.person.Banned }

// leave tells someone who may not use the service (any longer) how to take back
// what they handed in when they did.
func (t *turn) leave() []Block {
	if t.allowed() || len(t.deletable()) == 0 {
		return nil
	}
	return []Block{{Style: StyleNote, Text: T("talk.access.delete")}}
}

// leaving lets someone who may not use the service (any longer) delete what is
// kept of them; that they may is promised to everyone. It says whether the event
// was about that and is dealt with.
func (t *turn) leaving() bool {
	e, s := t.event, t.session
	if e.Group || len(t.deletable()) == 0 {
		return false
	}
	asked := s.Step == "forget"
	s.Step = ""
	switch {
	case e.Kind == EventCommand && e.Command == "delete":
		t.enter("forget")
		t.ask()
	case e.Kind == EventCommand && e.Command == "privacy":
		t.privacy()
	case !asked:
		return false
	case e.Kind == EventChoice && e.Token == s.Token && e.Choice != choiceNext:
		s.Step = "forget"
		t.pick(forgetPart().pick)
	case e.Kind == EventChoice && e.Token == s.Token, e.Kind == EventCommand && e.Command == "cancel",
		e.Kind == EventText && (means(e.Text, t.talk.Stop) || means(e.Text, t.talk.Back)):
		t.keepFiles()
	default:
		return false
	}
	return true
}

// deletable lists the person's cases, the one in hand first.
func (t *turn) deletable() []string {
	var ids []string
	if t.kase != nil {
		ids = append(ids, t.kase.ID)
	}
	for _, c := range t.recent {
		ids = append(ids, c.ID)
	}
	ids = append(ids, t.session.Cases...)
	var unique []string
	for _, id := range ids {
		if !slices.Contains(unique, id) && !slices.Contains(t.session.Gone, id) {
			unique = append(unique, id)
		}
	}
	return unique
}

// maxGone is how many deleted cases a session remembers while storage still
// lists them.
const maxGone = 50

// forget deletes cases with all their files and says so.
func (t *turn) forget(ids []string) {
	s := t.session
	for _, id := range ids {
		t.effects = append(t.effects, Effect{Kind: EffectForget, Case: id})
		s.Gone = append(s.Gone, id)
		s.Cases = slices.DeleteFunc(s.Cases, func(x string) bool { return x == id })
		if t.kase != nil && t.kase.ID == id {
			t.effects = append(t.effects, t.kase.Cancel(t.now)...)
			t.changed, s.Case = true, ""
		}
	}
	if over := len(s.Gone) - maxGone; over > 0 {
		s.Gone = slices.Delete(s.Gone, 0, over)
	}
	if slices.Contains(ids, s.Batch.Case) {
		s.Batch = Batch{}
	}
	s.Question, s.Exhibit, s.Noted = 0, "", Noted{}
	list := make([]Text, len(ids))
	for i, id := range ids {
		list[i] = Text{Plain: id}
	}
	t.say(T("talk.forget.done", "cases", list, "count", len(ids)))
	if !t.allowed() {
		s.Step = ""
		t.alone("note", nil)
		return
	}
	t.atRest([]Block{{Style: StyleNote, Text: T("talk.cancel.again")}}, []Choice{{ID: "new", Label: T("talk.button.new")}})
}
