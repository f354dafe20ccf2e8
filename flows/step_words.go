package flows

import (
	"clipcase/flows/catalog"
	"clipcase/media"
)

// shortEnough is the length in seconds up to which nobody is asked for the key
// moment: all of it is.
const shortEnough = media.ChosenLength

func keyPart() part {
	return part{
		needed: func(t *turn) bool {
			if t.kase == nil {
				return false
			}
			for _, e := range recordings(t.kase) {
				if l := length(e); l == 0 || l > shortEnough {
					return true
				}
			}
			return false
		},
		done: func(t *turn) bool { return t.kase.Key != nil || t.kase.KeyAsked },
		blocks: func(t *turn) []Block {
			blocks := []Block{{Style: StyleTitle, Text: T("talk.key.ask")}}
			switch {
			case t.sheet() != "":
				blocks = append(blocks, Block{Text: T("talk.key.pictured")})
			case len(t.proposals()) > 0:
				blocks = append(blocks, Block{Text: T("talk.key.seen")})
			}
			blocks = append(blocks, Block{Text: T("talk.key.how")})
			if len(recordings(t.kase)) > 1 {
				blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.key.several")})
			}
			return append(blocks, Block{Style: StyleNote, Text: T("talk.key.hint")})
		},
		options: (*turn).momentRows,
		picture: (*turn).sheet,
		pick:    (*turn).pickMoment,
		take:    func(t *turn, text string) { t.setKey(text) },
		forward: func(*turn) Text { return T("talk.key.choose") },
		ahead: func(t *turn) bool {
			t.kase.Key, t.kase.KeyAsked, t.changed = nil, true, true
			delete(t.kase.From, fromKey)
			return true
		},
	}
}

// fromKey is where Case.From notes the message a key moment was typed in.
const fromKey = "key moment"

// setKey keeps a typed key moment if it lies in a recording.
func (t *turn) setKey(text string) {
	if m, ok := parseMoment(text); !ok && tells(text) {
		t.keepWords(text, false)
	} else if e, r, why := t.typedKey(m, ok); why != nil {
		t.say(*why)
	} else {
		t.keepKey(e, r)
		t.origin(fromKey, t.event.Message)
		t.goOn(t.talk.step("key"))
		return
	}
	t.ask()
}

// editKey takes over a key moment that was typed anew; what cannot be one leaves
// the first one as it is.
func (t *turn) editKey(text string) {
	if e, r, why := t.typedKey(parseMoment(text)); why != nil {
		t.say(*why)
	} else {
		t.keepKey(e, r)
	}
	t.reask()
}

// typedKey is the stretch of a recording that was typed, or why it is none.
func (t *turn) typedKey(m moment, ok bool) (*Exhibit, media.Range, *Text) {
	no := func(why Text) (*Exhibit, media.Range, *Text) { return nil, media.Range{}, &why }
	all := recordings(t.kase)
	switch {
	case !ok:
		return no(T("talk.key.unclear"))
	case m.file > len(all) || len(all) == 0:
		return no(T("talk.key.nofile", "number", max(1, m.file), "count", len(all)))
	}
	e := all[max(0, m.file-1)]
	if l := length(e); l > 0 {
		start := m.Range.Start
		if m.Point {
			start = m.Range.End - media.MomentAfter
		}
		if start >= l {
			return no(T("talk.key.beyond", "length", FormatClock(l)))
		}
		m.Range.End = min(m.Range.End, l)
	}
	return e, m.Range, nil
}

// keepKey keeps a stretch of a recording as the key moment.
func (t *turn) keepKey(e *Exhibit, r media.Range) {
	t.kase.Key = &KeyMoment{Exhibit: e.ID, Range: r}
	t.kase.KeyAsked, t.changed = true, true
	t.hint(T("talk.key.kept", "from", FormatClock(r.Start), "to", FormatClock(r.End)))
}

func statementPart() part {
	return part{
		done: func(t *turn) bool { return t.kase != nil && t.kase.Told },
		blocks: func(t *turn) []Block {
			blocks := []Block{{Style: StyleTitle, Text: T("talk.statement.ask")}, {Text: T("talk.statement.how")}}
			if words := *t.matter().statement; words != "" {
				blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.statement.sofar")},
					Block{Style: StyleQuote, Text: Text{Plain: Shorten(words, maxShown)}})
			}
			return blocks
		},
		options: func(t *turn) [][]Choice {
			var rows [][]Choice
			if s, ok := t.scenario(); ok && len(s.Questions) > 0 {
				rows = append(rows, []Choice{{ID: "ask", Label: T("talk.statement.questions", "count", len(s.Questions))}})
			}
			if *t.matter().statement != "" {
				rows = append(rows, clearing())
			}
			return rows
		},
		pick: func(t *turn, choice string) {
			if choice == choiceClear {
				t.clearStatement()
				t.ask()
				return
			}
			if s, ok := t.scenario(); choice != "ask" || !ok || len(s.Questions) == 0 {
				t.unknown()
				return
			}
			t.session.Question = 1
			t.enter("question")
			t.ask()
		},
		take: func(t *turn, text string) {
			t.setStatement(text, t.event.Message)
			if *t.matter().statement == "" {
				t.ask()
				return
			}
			t.goOn(t.talk.step("statement"))
		},
		ahead: func(t *turn) bool {
			if t.kase != nil {
				t.kase.Told, t.changed = true, true
			}
			return true
		},
	}
}

// clearing is the way to take back what was written.
func clearing() []Choice { return []Choice{{ID: choiceClear, Label: T("talk.statement.clear")}} }

// asked is the statement's question in hand; false if there is none (any more).
func (t *turn) asked() (q catalog.Question, of int, ok bool) {
	s, _ := t.scenario()
	n := t.session.Question
	if n < 1 || n > len(s.Questions) {
		return q, len(s.Questions), false
	}
	return s.Questions[n-1], len(s.Questions), true
}

func questionPart() part {
	return part{
		blocks: func(t *turn) []Block {
			q, of, ok := t.asked()
			if !ok {
				return []Block{{Text: T("talk.statement.ask")}}
			}
			blocks := []Block{
				{Style: StyleNote, Text: T("talk.question.number", "number", t.session.Question, "of", of)},
				{Style: StyleTitle, Text: t.local(q.Text)},
			}
			if hint := q.Hint.In(t.session.Lang); hint != "" {
				blocks = append(blocks, Block{Style: StyleNote, Text: Text{Plain: hint}})
			}
			if was := t.kase.Answers[q.ID]; was != "" {
				blocks = append(blocks, Block{Style: StyleQuote, Text: Text{Plain: Shorten(was, maxShown)}})
			}
			return blocks
		},
		options: func(t *turn) [][]Choice {
			if q, _, ok := t.asked(); ok && t.kase.Answers[q.ID] != "" {
				return [][]Choice{clearing()}
			}
			return nil
		},
		pick: func(t *turn, choice string) {
			q, _, ok := t.asked()
			if choice != choiceClear || !ok {
				t.unknown()
				return
			}
			delete(t.kase.Answers, q.ID)
			t.changed = true
			delete(t.kase.From, q.ID)
			t.hint(T("talk.statement.cleared"))
			t.ask()
		},
		take: func(t *turn, text string) {
			q, _, ok := t.asked()
			if ok && !t.setAnswer(q, text, t.event.Message) {
				t.ask()
				return
			}
			t.nextQuestion()
		},
		forward: func(*turn) Text { return T("talk.question.skip") },
		ahead:   func(t *turn) bool { t.nextQuestion(); return false },
	}
}

// setAnswer keeps the answer to a question; false if nothing of it can be kept.
func (t *turn) setAnswer(q catalog.Question, text, from string) bool {
	most := q.Max
	if most <= 0 {
		most = MaxAnswer
	}
	words, cut := Clean(text, most)
	if words == "" {
		t.hint(T("talk.statement.empty"))
		return false
	}
	if t.kase.Answers == nil {
		t.kase.Answers = map[string]string{}
	}
	t.kase.Answers[q.ID], t.changed = words, true
	t.origin(q.ID, from)
	if cut {
		t.say(T("talk.question.cut", "max", most))
	}
	return true
}

// nextQuestion asks the next of the statement's questions, or goes on.
func (t *turn) nextQuestion() {
	t.session.Question++
	if _, _, ok := t.asked(); ok {
		t.enter("question")
		t.ask()
		return
	}
	t.session.Question = 0
	t.kase.Told, t.changed = true, true
	t.enter("question")
	t.goOn(t.talk.step("question"))
}
