package flows

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// alertEvery keeps staff from being told of the same person's forged presses
// more than once in a while.
const alertEvery = time.Hour

// run takes the step. Afterwards either lacks says what is missing, or session,
// case, effects and screen are what is to become of the event.
func (t *turn) run() {
	switch t.event.Kind {
	case EventBlocked:
		t.session.Blocked = true
		return
	case EventTimer:
		t.timer()
		return
	}
	t.session.Blocked = false
	if t.kase != nil {
		if resumed := t.kase.Resume(); len(resumed) > 0 {
			t.effects, t.changed = append(t.effects, resumed...), true
		}
	}
	if !t.allowed() && t.leaving() {
		return
	}
	if t.person.Banned {
		t.refuse(T("talk.access.banned"))
		return
	}
	if !t.entitled() && !t.admit() {
		return
	}
	if t.event.Group {
		t.group()
		return
	}
	t.repair()
	t.greet()
	switch t.event.Kind {
	case EventCommand:
		t.command(t.event.Command, t.event.Text, t.event.File)
	case EventChoice:
		t.choice()
	case EventText:
		t.text(t.event.Text)
	case EventFile:
		if t.event.File == nil {
			t.other("file")
			return
		}
		t.file(*t.event.File, t.event.Text)
	case EventEdit:
		t.edit()
	default:
		t.other(t.event.Other)
	}
}

// repair brings the session back to a step that exists for the case in hand: it
// may have been cancelled, quarantined or deleted elsewhere.
func (t *turn) repair() {
	s := t.session
	def := t.talk.step(s.Step)
	switch {
	case s.Step == "" || s.Step == "forget":
	case def == nil:
		s.Step, s.Token = "", ""
	case strings.HasPrefix(s.Step, "mail"):
		if t.envelope() == nil || t.kase.ended() || t.kase.Quarantined {
			s.Step, s.Token, s.Envelope = "", "", Envelope{}
		}
	case s.Step == "apart":
		if t.aligned() == nil || t.kase.ended() || t.kase.Quarantined {
			s.Step, s.Token, s.Apart = "", "", ""
		}
	case s.Step == "channel" && t.kase != nil && !t.kase.Quarantined && t.kase.Cancelled.IsZero():
	case t.kase == nil && !slices.Contains([]string{"scenario", "can", "consent", "exhibits"}, s.Step):
		s.Step, s.Token = "", ""
	case t.kase != nil && !t.drafting():
		s.Step, s.Token = "", ""
	case s.Step == "question":
		if _, _, ok := t.asked(); !ok {
			s.Step = "statement"
		}
	}
}

// choice is a press.
func (t *turn) choice() {
	s, e := t.session, t.event
	switch {
	case e.Token == tokenKeep:
		t.kept(e.Choice)
		return
	case e.Token == "" || e.Token != s.Token:
		t.toasted(T("talk.stale"))
		t.reask()
		return
	}
	if s.Step == "" {
		switch e.Choice {
		case "status", "cancel", "new", "help", "web":
			t.command(e.Choice, "", nil)
		default:
			t.unknown()
		}
		return
	}
	switch e.Choice {
	case choiceNext:
		t.advance()
	case choiceBack:
		t.retreat()
	case choiceShow:
		t.ask()
	case choiceUndo:
		if !t.takeBack() {
			t.unknown()
			return
		}
		t.ask()
	default:
		if pick := t.talk.parts[s.Step].pick; pick != nil {
			t.pick(pick)
			return
		}
		t.unknown()
	}
}

// pick answers only what the screen really offered: a press that no screen of
// the step has is treated like one of a foreign case.
func (t *turn) pick(pick func(*turn, string)) {
	offered := t.talk.parts[t.session.Step].options
	if offered == nil || !slices.ContainsFunc(offered(t), func(row []Choice) bool {
		return slices.ContainsFunc(row, func(c Choice) bool { return c.ID == t.event.Choice })
	}) {
		t.unknown()
		return
	}
	pick(t, t.event.Choice)
}

// text is a typed line.
func (t *turn) text(raw string) {
	words, _ := Clean(raw, MaxStatement)
	step := t.session.Step
	switch def := t.talk.step(step); {
	case words == "":
		t.hint(T("talk.statement.empty"))
		t.reask()
	case t.talk.bypasses(words):
		t.say(T("talk.bypass"))
		t.reask()
	case means(words, t.talk.Stop) && (def == nil || def.Kind != kindText): // in an answer it is part of the story
		t.cancel()
	case step != "" && means(words, t.talk.Forward):
		t.advance()
	case step != "" && means(words, t.talk.Back):
		t.retreat()
	case def != nil && t.talk.parts[step].take != nil:
		t.talk.parts[step].take(t, raw)
	default:
		t.remark(raw)
	}
}

// remark is words where no words were asked for: enough of them are kept as the
// statement or added to it, a short line may be the comment of a file that follows.
func (t *turn) remark(raw string) {
	words, _ := Clean(raw, MaxStatement)
	enough := utf8.RuneCountInString(words) >= wordsEnough
	if enough && t.kase != nil && !t.kase.Cancelled.IsZero() {
		t.fresh()
	}
	switch {
	case enough && (t.kase == nil || t.drafting()):
		t.keepWords(raw, false)
	case enough:
		t.session.Noted = Noted{Text: words, From: t.event.Message, At: t.now}
		t.say(T("talk.remark.late", "case", t.kase.ID))
	default:
		t.session.Noted = Noted{Text: words, From: t.event.Message, At: t.now}
		t.hint(T("talk.unknown"))
	}
	t.reask()
}

// reask shows where the person stands: the step in hand, the first open one of a
// matter that has begun, else what can be done here.
func (t *turn) reask() {
	switch {
	case t.waiting():
	case t.session.Step != "":
		t.ask()
	case t.drafting() || t.kase == nil && (t.session.Draft.Scenario != "" || t.session.Draft.Statement != ""):
		t.begin()
	default:
		t.rest()
	}
}

// begin enters the first step that has something to ask.
func (t *turn) begin() {
	first := &t.talk.Steps[0]
	if !t.talk.parts[first.ID].done(t) {
		t.enter(first.ID)
		t.ask()
		return
	}
	t.goOn(first)
}

// fresh leaves the case in hand as it is and begins a new matter.
func (t *turn) fresh() {
	s := t.session
	t.kase, t.changed = nil, false
	s.Case, s.Draft, s.Step, s.Question, s.Exhibit = "", Draft{}, "", 0, ""
}

// unknown answers a press that no screen offers: the same for what never
// existed and for what belongs to someone else.
func (t *turn) unknown() {
	t.suspect()
	t.toasted(T("talk.absent"))
	t.reask()
}

// suspect tells staff that presses are being forged, without a word of whose.
func (t *turn) suspect() {
	if t.now.Sub(t.session.Suspect) < alertEvery {
		return
	}
	t.session.Suspect = t.now
	t.effects = append(t.effects, Effect{Kind: EffectAlert, Slot: "forged", Screen: &Screen{
		Step: "note", Token: tokenKeep, Lang: "zh",
		Blocks: []Block{{Text: T("talk.alert.forged", "actor", t.event.Actor)}},
	}})
}

// toasted is said as a short answer to a press, and above the screen where there
// is no press.
func (t *turn) toasted(text Text) {
	if t.event.Press == "" {
		t.hint(text)
		return
	}
	t.toast = &text
}

// other explains what no step can use.
func (t *turn) other(what string) {
	switch what {
	case "voice":
		t.say(T("talk.other.voice"))
	case "forged":
		t.unknown()
		return
	case "sticker", "location", "contact", "poll", "dice", "venue", "game":
		t.say(T("talk.other.useless"))
	default:
		t.say(T("talk.other.unknown"))
	}
	t.reask()
}

// edit corrects what an edited message gave.
func (t *turn) edit() {
	words := t.event.Text
	if strings.HasPrefix(words, "/") {
		words = strings.TrimLeftFunc(words, func(r rune) bool { return !unicode.IsSpace(r) })
	}
	from, open := t.event.Message, t.kase == nil || t.drafting()
	d := &t.session.Draft
	if text, _ := Clean(words, MaxStatement); text == "" {
		return // nothing is left of it: what was said before stays
	}
	switch {
	case from == "":
	case t.session.Noted.From == from && t.session.Noted.Text != "":
		t.session.Noted.Text, _ = Clean(words, MaxStatement)
		t.hint(T("talk.edit.kept"))
		t.reask()
	case open && t.correct(words, from):
		t.hint(T("talk.edit.kept"))
		t.reask()
	case t.kase == nil && d.From == from:
		t.restate(words, from)
		t.hint(T("talk.edit.kept"))
		t.reask()
	case t.kase != nil && !t.drafting() && slices.ContainsFunc(origins(t.kase), func(o string) bool { return o == from }):
		t.say(T("talk.edit.late", "case", t.kase.ID))
		t.reask()
	case t.kase != nil:
		t.editCase(words, from)
	}
}

func (t *turn) editCase(words, from string) {
	s, _ := t.scenario()
	for what, origin := range t.kase.From {
		if origin != from {
			continue
		}
		if what == fromKey {
			t.editKey(words)
			return
		}
		if what == "statement" {
			t.restate(words, from)
		}
		for _, q := range s.Questions {
			if q.ID == what {
				t.setAnswer(q, words, from)
			}
		}
		t.hint(T("talk.edit.kept"))
		t.reask()
		return
	}
	if _, ok := parseMoment(words); ok && t.session.Step == "key" { // what was typed first could not be read
		t.setKey(words)
		return
	}
	captioned := slices.ContainsFunc(t.kase.Exhibits, func(e Exhibit) bool { return e.Message == from && !e.Removed })
	if captioned && t.drafting() && !t.talk.bypasses(words) {
		t.keepWords(words, false)
		t.reask()
	}
}

// origins lists the messages a case's words came from.
func origins(c *Case) []string {
	var all []string
	for _, from := range c.From {
		all = append(all, from)
	}
	for _, a := range c.Added {
		all = append(all, a.From)
	}
	return all
}
