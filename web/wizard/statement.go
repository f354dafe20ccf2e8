package wizard

import (
	"slices"
	"strings"

	"clipcase/flows"
	"clipcase/web/entry"
)

// wordsView is a field to write in.
type wordsView struct {
	Text string
	Most int    // characters kept
	Rows int    // 0 = one line, which no more is said about than Hint does
	Kind string // of the keyboard for one line: email, text
	Fill string // what a browser may fill one line in with
	Hint []string
}

// statement is a field for the person's own words, with what they wrote before.
func (z *Wizard) statement(v entry.Visitor, state flows.State, own []flows.Block, l look, p *sheet) error {
	text, most := written(z, state)
	p.Words = &wordsView{Text: text, Most: most, Rows: 8}
	switch p.Kind {
	case "question":
		p.Words.Rows = 3
	case "mailto":
		p.Words.Rows, p.Words.Kind, p.Words.Fill = 0, "email", "off"
	case "mailback":
		p.Words.Rows, p.Words.Kind, p.Words.Fill = 0, "email", "email"
	case "apart":
		p.Words.Rows, p.Words.Kind, p.Words.Fill = 0, "text", "off"
	}
	if p.Kind == "mailto" || p.Kind == "apart" { // without an answer the way on is the way out
		p.Others = append(p.Others, button{Name: "choice", Value: leave, Label: p.Ahead.Label})
	}
	if l.typed != nil {
		p.Words.Text = l.typed["text"]
	}
	for _, b := range own {
		switch {
		case b.Style == flows.StyleQuote, b.Text.Key == "talk.statement.sofar": // stands in the field
		case b.Text.Key == "talk.question.number":
			p.Kicker = z.say(v.Lang, b.Text)
		default:
			p.Words.Hint = append(p.Words.Hint, z.say(v.Lang, b.Text))
		}
	}
	p.Ahead.Label = z.word(v.Lang, "next")
	p.Others = slices.DeleteFunc(p.Others, func(b button) bool { return b.Value == "clear" }) // the field can be emptied
	return nil
}

// written is what the field of the step holds so far and how much is kept of it.
func written(z *Wizard, state flows.State) (text string, most int) {
	switch state.Session.Step {
	case "question":
	case "mailto", "mailback":
		return "", addressMost
	case "apart":
		return "", secondsMost
	default:
		return matterOf(state).statement, flows.MaxStatement
	}
	most = flows.MaxAnswer
	if state.Case == nil {
		return "", most
	}
	s, _ := z.cat.Scenario(state.Case.Scenario)
	if n := state.Session.Question; n >= 1 && n <= len(s.Questions) {
		q := s.Questions[n-1]
		if q.Max > 0 {
			most = q.Max
		}
		return state.Case.Answers[q.ID], most
	}
	return "", most
}

// leave is the choice to go on without what stands in the field.
const leave = "leave"

// addressMost is how long the address of a mailbox may be.
const addressMost = 254

// secondsMost is how long a number of seconds may be, however it is written.
const secondsMost = 20

// plainText is a field's text as it is compared: browsers end lines their own way.
func plainText(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}
