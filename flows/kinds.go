package flows

import (
	"errors"
	"fmt"
)

// kind is how a step asks: what it shows and what it can take.
type kind string

// The kinds of steps.
const (
	kindOne     kind = "choose_one"  // one of its options, at once
	kindMany    kind = "choose_many" // options that can be turned on and off, then on
	kindCollect kind = "collect"     // files, then on
	kindText    kind = "text"        // a line of words
	kindConfirm kind = "confirm"     // yes, or something else
)

// part is what a step asks and keeps; its kind does the rest.
type part struct {
	needed  func(t *turn) bool           // nil = always asked
	blocks  func(t *turn) []Block        // the question
	options func(t *turn) [][]Choice     // what can be pressed beside the way forward
	picture func(t *turn) string         // shows the options; nil or "" = no picture
	pick    func(t *turn, choice string) // an option was pressed
	take    func(t *turn, text string)   // words came; nil = they are no answer here
	forward func(t *turn) Text           // label of the way forward; nil = next or skip
	ahead   func(t *turn) bool           // pressed; false = the step stays. nil = goes on
	done    func(t *turn) bool           // already answered: skipped on the way forward
	returns bool                         // the way forward is the way back
}

// fits checks that a step has what its kind needs.
func (k kind) fits(p part) error {
	switch {
	case p.blocks == nil:
		return errors.New("asks nothing")
	case (k == kindOne || k == kindMany) && (p.options == nil || p.pick == nil):
		return fmt.Errorf("a %s step needs options", k)
	case k == kindText && p.take == nil:
		return errors.New("a text step must take words")
	}
	switch k {
	case kindOne, kindMany, kindCollect, kindText, kindConfirm:
		return nil
	}
	return fmt.Errorf("kind %q is not known", k)
}

// input is what the kind takes besides a choice.
func (k kind) input() Input {
	switch k {
	case kindCollect:
		return InputFiles
	case kindText:
		return InputText
	}
	return InputNone
}

// parts is what is known of every step, by id.
func parts() map[string]part {
	return map[string]part{
		"scenario":  scenarioPart(),
		"can":       canPart(),
		"consent":   consentPart(),
		"exhibits":  exhibitsPart(),
		"files":     filesPart(),
		"slot":      slotPart(),
		"key":       keyPart(),
		"statement": statementPart(),
		"question":  questionPart(),
		"review":    reviewPart(),
		"channel":   channelPart(),
		"forget":    forgetPart(),
		"mailto":    mailtoPart(),
		"mailback":  mailbackPart(),
		"mailgo":    mailgoPart(),
		"apart":     apartPart(),
	}
}

// choices ids that every step knows.
const (
	choiceNext  = "next"
	choiceBack  = "back"
	choiceShow  = "show"  // the current step again
	choiceUndo  = "undo"  // takes back what was just added to the statement
	choiceClear = "clear" // takes back the words of this step, all of them
)

// ask shows the step the session is at: notes, question, options, and in the
// last row the way forward first.
func (t *turn) ask() {
	s := t.session
	def := t.talk.step(s.Step)
	if def == nil {
		t.rest()
		return
	}
	p := t.talk.parts[def.ID]
	rows := [][]Choice{}
	if t.undo {
		t.hint(T("talk.remark.added"))
		rows = append(rows, []Choice{{ID: choiceUndo, Label: T("talk.remark.undo")}})
	}
	if p.options != nil {
		rows = append(rows, p.options(t)...)
	}
	label := T("talk.button.next")
	if def.Optional {
		label = T("talk.button.skip")
	}
	if p.forward != nil {
		label = p.forward(t)
	}
	last := []Choice{{ID: choiceNext, Label: label}}
	if !p.returns && (def.Back != "" || t.previous(def.ID) != "") {
		last = append(last, Choice{ID: choiceBack, Label: T("talk.button.back")})
	}
	t.screen = &Screen{
		Step: def.ID, Token: s.Token, Lang: s.Lang, Blocks: append(t.notes, p.blocks(t)...),
		Rows: append(rows, last), Input: def.Kind.input(), Toast: t.toast,
		Replace: t.event.Kind == EventChoice && t.event.Token == s.Last.Token && s.Last.Token != tokenKeep,
	}
	if p.picture != nil {
		t.screen.Picture = p.picture(t)
	}
}

// enter goes to a step; its screen gets a fresh token so that presses of older
// ones are noticed.
func (t *turn) enter(id string) {
	t.session.Step, t.session.Token = id, t.have.token
}

// advance leaves the step by the way forward.
func (t *turn) advance() {
	def := t.talk.step(t.session.Step)
	if def == nil {
		t.rest()
		return
	}
	if p := t.talk.parts[def.ID]; p.ahead != nil && !p.ahead(t) {
		if t.screen == nil && !t.waiting() {
			t.ask()
		}
		return
	}
	if t.waiting() || t.screen != nil {
		return
	}
	t.goOn(def)
}

// goOn enters the next step that still has something to ask.
func (t *turn) goOn(def *stepDef) {
	for to := t.talk.step(def.Next); to != nil; to = t.talk.step(to.Next) {
		p := t.talk.parts[to.ID]
		if p.needed != nil && !p.needed(t) || p.done != nil && p.done(t) {
			continue
		}
		t.enter(to.ID)
		t.ask()
		return
	}
	t.ask()
}

// retreat goes one step back.
func (t *turn) retreat() {
	def := t.talk.step(t.session.Step)
	if def == nil {
		t.rest()
		return
	}
	to := def.Back
	if to == "" {
		to = t.previous(def.ID)
	}
	switch {
	case def.ID == "forget": // asked from anywhere: back is to where the person was
		t.session.Step = ""
		t.reask()
		return
	case t.kase != nil && !t.drafting(): // a detour from a case that was handed in
		t.session.Step = ""
		t.status()
		return
	}
	if to == "" {
		t.hint(T("talk.back.first"))
		t.ask()
		return
	}
	t.enter(to)
	t.ask()
}

// previous is the step before id that applies; "" if there is none.
func (t *turn) previous(id string) string {
	for to := t.talk.before(id); to != ""; to = t.talk.before(to) {
		if p := t.talk.parts[to]; p.needed == nil || p.needed(t) {
			return to
		}
	}
	return ""
}

// waiting says whether the turn must be taken again with something it lacks.
func (t *turn) waiting() bool {
	return t.lacks.number || t.lacks.load != "" || t.lacks.gate != nil
}
