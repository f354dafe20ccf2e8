package flows

import (
	"slices"
	"strings"
)

// Commands lists the commands for people, in the order of a menu: those before
// the scenarios' own commands, which come from the catalogue, and those after.
func Commands() (before, after []string) {
	return []string{"start", "new"},
		[]string{"cases", "status", "done", "back", "cancel", "delete", "lang", "privacy", "help"}
}

// AdminCommands lists the commands of ADMIN_IDS; no menu shows them.
func AdminCommands() []string {
	return []string{"invite", "allow", "ban", "unban", "quarantine", "queue", "bounce"}
}

// command does what a command says, in every state. f is the file whose caption
// held it.
func (t *turn) command(name, text string, f *File) {
	if t.person.Admin && slices.Contains(AdminCommands(), name) {
		t.admin(name, strings.Fields(text))
		return
	}
	if asks := []string{"delete", "done", "back", "cancel", "lang"}; t.session.Step == "forget" && !slices.Contains(asks, name) {
		t.session.Step = "" // the question is dropped with anything else that is begun; nothing was deleted
	}
	if s, ok := t.cat.ScenarioByCommand(name); ok {
		t.scenarioCommand(s.ID, text, f)
		return
	}
	if f != nil && !t.commandWithFile(name, text, *f) {
		return
	}
	switch name {
	case "start":
		t.start(strings.TrimSpace(text))
	case "new":
		t.fresh()
		if f != nil {
			t.file(*f, text)
			return
		}
		t.words(text)
		t.begin()
	case "cases":
		t.cases()
	case "status":
		t.status()
	case "done":
		if t.session.Step == "" {
			t.status()
			return
		}
		t.advance()
	case "back":
		if t.session.Step == "" {
			t.hint(T("talk.back.first"))
			t.reask()
			return
		}
		t.retreat()
	case "cancel":
		t.cancel()
	case "delete":
		t.enter("forget")
		t.ask()
	case "lang":
		t.language(text)
	case "web":
		t.enterPage()
	case "privacy":
		t.privacy()
	case "help":
		t.help(text)
	default:
		t.say(T("talk.command.unknown"))
		t.reask()
	}
}

// commandWithFile takes in a file whose caption holds a command that is not about
// files: what was sent counts more than the command. Only what ends or deletes is
// still carried out, and then the file is not taken. It says whether to go on
// with the command.
func (t *turn) commandWithFile(name, text string, f File) bool {
	switch name {
	case "new":
		return true
	case "cancel", "delete":
		t.tell(Block{Text: T("talk.file.left", "name", fileName(f))})
		return true
	}
	if before, after := Commands(); !slices.Contains(before, name) && !slices.Contains(after, name) {
		t.hint(T("talk.command.unknown"))
	}
	t.file(f, text)
	return false
}

// words keeps the words after a command as the statement.
func (t *turn) words(text string) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
	case t.talk.bypasses(text):
		t.say(T("talk.bypass"))
	default:
		t.keepWords(text, true)
	}
}

// scenarioCommand begins a matter of a kind, or makes the one in hand of that
// kind.
func (t *turn) scenarioCommand(id, text string, f *File) {
	s, ok := t.cat.Scenario(id)
	if !ok {
		t.unknown()
		return
	}
	if t.kase != nil && !t.drafting() {
		t.fresh()
	}
	t.choose(s)
	t.words(text)
	if f == nil {
		t.begin()
		return
	}
	t.session.Step = ""
	t.file(*f, "")
}

// start is the first contact, plain or by a link.
func (t *turn) start(payload string) {
	switch {
	case strings.HasPrefix(payload, "c_"), strings.HasPrefix(payload, "i_") && t.cfg.Access != AccessOpen && !t.person.Admin && !t.person.Allowed:
		t.redeem(payload)
		if t.waiting() {
			return
		}
	case strings.HasPrefix(payload, "s_"):
		t.scenarioCommand(strings.TrimPrefix(payload, "s_"), "", nil)
		return
	case strings.HasPrefix(payload, "case_"):
		t.openCase(strings.TrimPrefix(payload, "case_"))
		return
	}
	t.notes = append(t.notes, append(t.welcome(), Block{Text: T("talk.welcome.now")})...)
	switch {
	case t.drafting():
		t.hint(T("talk.start.draft", "case", t.kase.ID))
		t.reask()
	case t.kase != nil && working(t.kase) && !t.kase.ended():
		t.session.Step = ""
		t.status()
	default:
		if t.kase != nil {
			t.fresh()
		}
		t.begin()
	}
}

// greet tells somebody new who runs this and what becomes of their files before
// the first screen, also when they did not begin with /start: in a message of its
// own, which nothing that comes at the same time replaces.
func (t *turn) greet() {
	e, s := t.event, t.session
	if e.Direct || e.Kind == EventEdit || e.Kind == EventCommand && e.Command == "lang" || !t.once("welcome") {
		return
	}
	known := len(s.Cases) > 0 || len(t.recent) > 0 || s.Last.Step != ""
	linked := strings.HasPrefix(e.Text, "s_") || strings.HasPrefix(e.Text, "case_")
	if known || e.Kind == EventCommand && e.Command == "start" && !linked {
		return // who was here before the greeting was noted, or will read it in the screen
	}
	t.tell(t.welcome()...)
}

// welcome is the first screen in five lines, the last of which is what can be
// done now: scams look exactly like help.
func (t *turn) welcome() []Block {
	return append([]Block{
		{Style: StyleTitle, Text: T("talk.welcome.what")},
		{Text: T("talk.welcome.who", "operator", t.operator())},
		{Text: T("talk.welcome.never")},
		{Text: T("talk.welcome.kept", "days", t.cfg.RetentionDays)},
	}, t.keptShorter("")...)
}

// keptShorter says what is kept for a shorter time, where that is so.
func (t *turn) keptShorter(style Style) []Block {
	var blocks []Block
	for _, part := range []struct {
		key  string
		days int
	}{{"talk.kept.draft", t.cfg.DraftDays}, {"talk.kept.delivered", t.cfg.DeliveredDays}, {"talk.kept.closed", t.cfg.ClosedDays}} {
		if part.days < t.cfg.RetentionDays {
			blocks = append(blocks, Block{Style: style, Text: T(part.key, "days", part.days)})
		}
	}
	return blocks
}

// openCase shows one of the person's own cases; a foreign one is answered like
// one that does not exist.
func (t *turn) openCase(id string) {
	c, ok := t.own(id)
	if !ok {
		if !t.waiting() {
			t.toasted(T("talk.absent"))
			t.reask()
		}
		return
	}
	if t.kase == nil || t.kase.ID != c.ID {
		t.fresh()
		t.take(c)
	}
	t.status()
}

// own finds one of the person's own cases. ok is false when there is none, and
// when the turn must be taken again with it loaded.
func (t *turn) own(id string) (*Case, bool) {
	if t.kase != nil && t.kase.ID == id {
		return t.kase, true
	}
	for _, c := range t.recent {
		if c.ID == id {
			return c, true
		}
	}
	switch {
	case slices.Contains(t.session.Gone, id):
		return nil, false
	case !caseNumber(id):
		t.suspect()
		return nil, false
	}
	c, known := t.have.loaded[id]
	switch {
	case !known:
		t.lacks.load = id
		return nil, false
	case c == nil || c.Actor != t.event.Actor:
		t.suspect()
		return nil, false
	}
	return c, true
}

// caseNumber says whether id could be one: CC and at least four digits.
func caseNumber(id string) bool {
	digits, ok := strings.CutPrefix(id, "CC")
	return ok && len(digits) >= 4 && len(digits) <= 12 && strings.Trim(digits, "0123456789") == ""
}

// cancel stops what is going on and says what that was.
func (t *turn) cancel() {
	if t.session.Step == "forget" { // it is the deleting that is called off
		t.keepFiles()
		return
	}
	c := t.kase
	switch {
	case c != nil && c.Cancelled.IsZero() && c.Submitted.IsZero():
		t.effects = append(t.effects, c.Cancel(t.now)...)
		t.changed = true
		t.say(T("talk.cancel.draft", "case", c.ID, "date", FormatDay(c.Expires)))
	case c != nil && c.Cancelled.IsZero() && working(c):
		t.effects = append(t.effects, c.Cancel(t.now)...)
		t.changed = true
		t.say(T("talk.cancel.work", "case", c.ID, "date", FormatDay(c.Expires)))
	case c == nil && (t.session.Step != "" || t.session.Draft.Scenario != "" || t.session.Draft.Statement != ""):
		t.say(T("talk.cancel.talk"))
	default:
		t.say(T("talk.cancel.nothing"))
	}
	t.session.Draft, t.session.Question, t.session.Exhibit = Draft{}, 0, ""
	t.atRest([]Block{{Style: StyleNote, Text: T("talk.cancel.again")}}, []Choice{{ID: "new", Label: T("talk.button.new")}})
}

// working says whether something is still being made or handed out.
func working(c *Case) bool {
	return slices.ContainsFunc(c.Packs, func(p Pack) bool {
		return p.State != PackDelivered && p.State != PackFailed
	})
}
