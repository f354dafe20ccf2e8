package flows

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// wordsEnough is how many characters make a line more than a greeting: such a
// line is kept as the statement, or added to it, when it comes outside the
// question for it.
const wordsEnough = 8

// Addition is words that came after the statement was there. The statement ends
// with its additions, in this order.
type Addition struct {
	Text string `json:"text"`           // as it stands in the statement
	From string `json:"from,omitempty"` // reference of the message it came in
}

// ending is how additions stand at the end of a statement.
func ending(added []Addition) string {
	var b strings.Builder
	for _, a := range added {
		b.WriteString("\n" + a.Text)
	}
	return b.String()
}

// setStatement keeps words as the whole statement; from is the message they
// stand in.
func (t *turn) setStatement(words, from string) {
	if kept, _ := Clean(words, MaxStatement); kept != "" {
		*t.touch().added = nil
	}
	t.restate(words, from)
}

// clearStatement takes the statement back, with all that was added to it.
func (t *turn) clearStatement() {
	m := t.touch()
	*m.statement, *m.added = "", nil
	if t.kase != nil {
		delete(t.kase.From, "statement")
	} else {
		t.session.Draft.From = ""
	}
	t.hint(T("talk.statement.cleared"))
}

// restate puts words in the place of what the statement was at first; what was
// added later stays.
func (t *turn) restate(words, from string) {
	m := t.matter()
	end := ending(*m.added)
	room := MaxStatement - utf8.RuneCountInString(end)
	words, cut := Clean(words, max(1, room))
	if words == "" {
		t.hint(T("talk.statement.empty"))
		return
	}
	t.touch()
	*m.statement = words + end
	if t.kase != nil {
		t.kase.Told = true
		t.origin("statement", from)
	} else {
		t.session.Draft.From = from
	}
	if cut {
		t.say(T("talk.statement.cut", "max", room))
	}
}

// keepWords makes words the statement, or adds them to the one there is, so that
// nothing a person says is lost. It says what it did; quiet keeps it from saying
// that words became the statement.
func (t *turn) keepWords(raw string, quiet bool) {
	if *t.matter().statement != "" {
		t.addWords(raw)
		return
	}
	t.setStatement(raw, t.event.Message)
	if !quiet && *t.matter().statement != "" {
		t.hint(T("talk.remark.kept"))
	}
}

// addWords adds words to the statement and offers to take them back.
func (t *turn) addWords(raw string) {
	m := t.matter()
	words, cut := Clean(raw, MaxStatement)
	if words == "" {
		return
	}
	text, lines := t.addition(words), "\n"+*m.statement+"\n"
	if strings.Contains(lines, "\n"+words+"\n") || strings.Contains(lines, "\n"+text+"\n") {
		t.hint(T("talk.remark.same"))
		return
	}
	room := MaxStatement - utf8.RuneCountInString(*m.statement) - 1
	if room < utf8.RuneCountInString(t.addition(""))+wordsEnough {
		t.say(T("talk.remark.full", "max", MaxStatement))
		return
	}
	text, over := Clean(text, room)
	t.touch()
	*m.added = append(*m.added, Addition{Text: text, From: t.event.Message})
	*m.statement += "\n" + text
	t.undo = true
	if cut || over {
		t.say(T("talk.statement.cut", "max", MaxStatement))
	}
}

// addition is words as they stand in the statement.
func (t *turn) addition(words string) string {
	return t.cat.Say(t.session.Lang, "talk.statement.addition", map[string]any{"words": words})
}

// correct puts words in the place of what was added in a message; false if
// nothing was.
func (t *turn) correct(words, from string) bool {
	m := t.matter()
	for i, a := range *m.added {
		if a.From != from {
			continue
		}
		t.touch()
		base := strings.TrimSuffix(*m.statement, ending(*m.added))
		(*m.added)[i].Text = ""
		room := MaxStatement - utf8.RuneCountInString(base+ending(*m.added))
		text, cut := Clean(t.addition(words), max(1, room))
		(*m.added)[i].Text = text
		*m.statement = base + ending(*m.added)
		if cut {
			t.say(T("talk.statement.cut", "max", MaxStatement))
		}
		return true
	}
	return false
}

// takeBack drops what was added last; false if nothing was.
func (t *turn) takeBack() bool {
	m := t.matter()
	n := len(*m.added)
	if n == 0 || t.kase != nil && !t.drafting() {
		return false
	}
	t.touch()
	base := strings.TrimSuffix(*m.statement, ending(*m.added))
	*m.added = (*m.added)[:n-1]
	*m.statement = base + ending(*m.added)
	t.hint(T("talk.remark.undone"))
	return true
}

// origin remembers which message a text came from.
func (t *turn) origin(what, from string) {
	if from == "" {
		return
	}
	if t.kase.From == nil {
		t.kase.From = map[string]string{}
	}
	t.kase.From[what] = from
}

// tells says whether a line tells something: it has more letters than a time or
// a greeting has.
func tells(words string) bool {
	letters := 0
	for _, r := range words {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	return letters >= wordsEnough
}
