package flows

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"clipcase/flows/catalog"
	"clipcase/media"
)

// tokenKeep marks choices that stay valid for as long as their case exists: they
// carry the case (and the pack) in their id and are checked against their owner.
const tokenKeep = "keep"

// turn is one step in the making: what came, what was, what is to become of it.
// It is made anew for every event and works on copies.
type turn struct {
	cfg    Config
	cat    *catalog.Catalog
	talk   *talk
	event  Event
	now    time.Time
	have   *supply
	person Person
	recent []*Case

	session *Session
	kase    *Case  // the case in hand; nil = none yet
	changed bool   // kase is to be written
	before  string // the case's EarlyKey as it was
	spend   Spend
	refusal *Refusal
	effects []Effect

	lacks struct {
		number bool
		load   string
		gate   *request
	}

	notes  []Block // said above the step's screen
	toast  *Text
	screen *Screen // nil = nothing to show
	late   bool    // the screen waits for the rest of an album
	bare   bool    // the screen stands alone: not Session.Last
	undo   bool    // words were added to the statement: the screen offers to take them back
}

func newTurn(cfg Config, cat *catalog.Catalog, def *talk, state State, event Event, have *supply, now time.Time) *turn {
	t := &turn{
		cfg: cfg, cat: cat, talk: def, event: event, now: now, have: have, person: state.Person,
		session: cloneSession(&state.Session), kase: cloneCase(state.Case),
	}
	s := t.session
	if s.Schema == 0 {
		s.Schema, s.Actor = SessionSchema, event.Actor
	}
	if !event.Group && event.Chat != "" || s.Chat == "" {
		s.Chat = event.Chat
	}
	if s.Told == nil {
		s.Told = map[string]bool{}
	}
	if !s.LangSet && (s.Lang == "" || event.Lang != "") {
		s.Lang = language(event.Lang)
	}
	for _, c := range state.Recent {
		if c != nil && c.Actor == event.Actor && !slices.Contains(s.Gone, c.ID) {
			t.recent = append(t.recent, c)
		}
	}
	if t.kase != nil && (t.kase.Actor != event.Actor || slices.Contains(s.Gone, t.kase.ID)) {
		t.kase = nil
	}
	if t.kase == nil {
		s.Case = ""
	} else {
		t.before = t.kase.EarlyKey()
	}
	return t
}

// language is the nearest language we speak for a front end's hint.
func language(hint string) string {
	if hint == "" || strings.HasPrefix(strings.ToLower(hint), "zh") {
		return "zh"
	}
	return "en"
}

// commit is the turn's change. Every effect's id follows from the event's, so
// that the same commit written twice is one.
func (t *turn) commit() Commit {
	t.ahead()
	t.session.Updated = t.now
	c := Commit{Event: t.event.ID, Session: t.session, Effects: t.effects, Spend: t.spend, Refusal: t.refusal, Now: t.now}
	if t.changed && t.kase != nil {
		t.kase.age(t.now)
		c.Case = t.kase
	}
	if t.screen != nil {
		if !t.bare {
			t.session.Last = *t.screen
		}
		if !t.event.Direct && !t.session.Blocked {
			c.Effects = append(c.Effects, t.shown())
		}
	}
	for i := range c.Effects {
		e := &c.Effects[i]
		e.ID = fmt.Sprintf("%s:%d", t.event.ID, i)
		if e.Actor == "" {
			e.Actor = t.event.Actor
		}
		if e.Chat == "" {
			e.Chat = t.session.Chat
		}
	}
	return c
}

// ahead notes what a changed draft would be handed in for, and has it made while
// the person still writes.
func (t *turn) ahead() {
	if !t.changed || !t.drafting() {
		return
	}
	t.kase.Likely = ""
	if ch, ok := t.recommended(t.kase); ok && t.kase.Scenario != "" && !ch.WordsOnly && aheadOf(ch) {
		t.kase.Likely = ch.ID
	}
	if t.kase.EarlyKey() != t.before {
		t.effects = append(t.effects, t.kase.early()...)
	}
}

// aheadOf says whether a channel takes anything that does not tell of the whole
// case, the person's words included.
func aheadOf(ch catalog.Channel) bool {
	return len(ch.Tiers) > 0 && slices.ContainsFunc(ch.Tiers[0].Recipes, func(r media.Recipe) bool { return !r.Story })
}

func (t *turn) shown() Effect {
	e := Effect{Kind: EffectShow, Actor: t.event.Actor, Chat: t.session.Chat, Case: t.about(), Screen: t.screen, Press: t.event.Press}
	if t.event.Group {
		e.Chat, e.Reply = t.event.Chat, t.event.Message
	}
	if !t.bare {
		e.Slot = "step"
	}
	if t.late {
		e.After = t.now.Add(settleDelay)
	}
	return e
}

// about is the case that what is said is about: unsent, it goes with the case. What
// says that a case is deleted is about none.
func (t *turn) about() string {
	if t.kase == nil || slices.Contains(t.session.Gone, t.kase.ID) {
		return ""
	}
	return t.kase.ID
}

// answer is the screen for a caller that shows it itself.
func (t *turn) answer() Screen {
	if t.screen == nil {
		return Screen{}
	}
	return *t.screen
}

// say puts a paragraph above the screen that follows.
func (t *turn) say(text Text) { t.notes = append(t.notes, Block{Text: text}) }

// hint is say for something less important.
func (t *turn) hint(text Text) { t.notes = append(t.notes, Block{Style: StyleNote, Text: text}) }

// tell sends a message of its own beside the screen; it is never replaced.
func (t *turn) tell(blocks ...Block) {
	if t.session.Blocked {
		return
	}
	if t.event.Direct { // the caller shows one screen only
		t.notes = append(t.notes, blocks...)
		return
	}
	t.effects = append(t.effects, Effect{
		Kind: EffectShow, Chat: t.session.Chat, Case: t.about(),
		Screen: &Screen{Step: "note", Token: tokenKeep, Lang: t.session.Lang, Blocks: blocks},
	})
}

// once says whether something is to be told for the first time, and notes it.
func (t *turn) once(what string) bool {
	if t.session.Told[what] {
		return false
	}
	t.session.Told[what] = true
	return true
}

// alone shows a screen outside the steps: notes first, then blocks.
func (t *turn) alone(step string, rows [][]Choice, blocks ...Block) {
	t.screen = &Screen{
		Step: step, Token: tokenKeep, Lang: t.session.Lang, Blocks: append(t.notes, blocks...), Rows: rows,
		Replace: t.event.Kind == EventChoice && t.event.Token != tokenKeep, Toast: t.toast,
	}
	t.bare = true
}

// open makes the case in hand writable; false when the turn must be taken again
// with a case number.
func (t *turn) open() bool {
	if t.kase != nil {
		t.changed = true
		return true
	}
	if t.have.number == "" {
		t.lacks.number = true
		return false
	}
	s, d := t.session, t.session.Draft
	t.kase = &Case{
		Schema: CaseSchema, ID: t.have.number, Actor: t.event.Actor, Chat: s.Chat, Lang: s.Lang,
		Scenario: d.Scenario, Can: d.Can, CanAsked: d.CanAsked, Statement: d.Statement, Told: d.Statement != "",
		Consent: d.Consent, Consented: d.Consented, Added: d.Added,
		Created: t.now, Term: t.cfg.term(t.now, t.cfg.DraftDays),
	}
	t.kase.Expires = t.kase.Term.Until
	if d.From != "" {
		t.kase.From = map[string]string{"statement": d.From}
	}
	t.kase.Urgent = t.urgent(d.Scenario)
	t.kase.note(t.now, "created")
	s.Draft, s.Case, t.changed = Draft{}, t.kase.ID, true
	s.Cases = append([]string{t.kase.ID}, s.Cases...)
	t.effects = append(t.effects, t.kase.timer("expiry", nil, t.kase.remindAt()))
	return true
}

func (t *turn) urgent(scenario string) bool {
	s, ok := t.cat.Scenario(scenario)
	return ok && s.Priority == "urgent"
}

// drafting is the case in hand if it is not handed in yet.
func (t *turn) drafting() bool {
	return t.kase != nil && t.kase.State(t.now) == CaseDraft && !t.kase.Quarantined
}

func cloneSession(s *Session) *Session {
	copied := clone(s)
	copied.Revision = s.Revision
	return copied
}

func cloneCase(c *Case) *Case {
	if c == nil {
		return nil
	}
	copied := clone(c)
	copied.Revision = c.Revision
	return copied
}

// clone copies by way of the stored form: what a step sees is what storage gives.
func clone[V any](v *V) *V {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("flows: %T cannot be stored: %v", v, err)) // only plain data is in there
	}
	copied := new(V)
	if err := json.Unmarshal(raw, copied); err != nil {
		panic(fmt.Sprintf("flows: %T cannot be read back: %v", v, err))
	}
	return copied
}
