package flows

import (
	"slices"
	"strings"
	"time"

	"clipcase/flows/catalog"
	"clipcase/flows/wording"
)

func reviewPart() part {
	return part{
		blocks: func(t *turn) []Block {
			ch, ok := t.recommended(t.kase)
			blocks := []Block{
				{Style: StyleTitle, Text: T("talk.review.title", "case", t.kase.ID)},
				{Text: T("talk.review.channel", "channel", t.local(ch.Name))},
			}
			if !ok {
				blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.review.unreachable")})
			}
			blocks = append(blocks, t.checklist(t.kase)...)
			return append(blocks, Block{Style: StyleNote, Text: T("talk.review.only")})
		},
		options: func(t *turn) [][]Choice {
			row := []Choice{{ID: "words", Label: T("talk.review.words")}, {ID: "files", Label: T("talk.review.files")}}
			var rows [][]Choice
			if _, offer := t.stopped(t.kase, t.told(t.kase)); offer != nil {
				rows = append(rows, offer)
			}
			if len(t.channels(t.kase)) > 1 {
				rows = append(rows, []Choice{{ID: "channel", Label: T("talk.review.other")}})
			}
			return append(rows, row)
		},
		pick: func(t *turn, choice string) {
			if choice == "wording" {
				t.kase.Neutral, t.changed = !t.kase.Neutral, true
				t.ask()
				return
			}
			to, ok := map[string]string{"words": "statement", "files": "exhibits", "channel": "channel"}[choice]
			if !ok {
				t.unknown()
				return
			}
			t.enter(to)
			t.ask()
		},
		take:    func(t *turn, text string) { t.remark(text) },
		forward: func(*turn) Text { return T("talk.review.submit") },
		ahead:   func(t *turn) bool { t.submit(); return false },
	}
}

// checklist is the list of what is there and what is missing.
func (t *turn) checklist(c *Case) []Block {
	s, _ := t.cat.Scenario(c.Scenario)
	blocks := []Block{{Style: StyleItem, Text: T("talk.review.scenario", "name", t.local(s.Name))}}
	missing := false
	for _, slot := range s.Exhibits {
		switch n := c.Holds(slot.ID); {
		case n > 0:
			blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.review.there", "name", t.local(slot.Name), "count", n)})
		case slot.Required:
			missing = true
			blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.review.missing", "name", t.local(slot.Name))})
		}
	}
	if n := c.Holds(""); n > 0 {
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.review.there", "name", T("talk.slot.other"), "count", n)})
	}
	if len(recordings(c)) > 0 {
		text := T("talk.review.key.choose")
		if c.Key != nil {
			text = T("talk.review.key", "from", FormatClock(c.Key.Range.Start), "to", FormatClock(c.Key.Range.End))
		}
		blocks = append(blocks, Block{Style: StyleItem, Text: text})
	}
	if words := t.told(c); words == "" {
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.review.nowords")})
	} else {
		shown := words
		if c.Neutral {
			shown = wording.Neutral(t.cat.Wording(), t.session.Lang, words)
		}
		blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.review.said")},
			Block{Style: StyleQuote, Text: Text{Plain: Shorten(shown, maxShown)}})
		lines, _ := t.stopped(c, words)
		blocks = append(blocks, lines...)
	}
	if missing {
		blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.review.gaps")})
	}
	return blocks
}

// told is what the person said of the case, in their language.
func (t *turn) told(c *Case) string {
	s, _ := t.cat.Scenario(c.Scenario)
	return said(c, s, t.session.Lang)
}

// said is the statement with the answers, in the order of the questions.
func said(c *Case, s catalog.Scenario, lang string) string {
	var lines []string
	if c.Statement != "" {
		lines = append(lines, c.Statement)
	}
	for _, q := range s.Questions {
		if a := c.Answers[q.ID]; a != "" {
			lines = append(lines, q.Text.In(lang)+" "+a)
		}
	}
	return strings.Join(lines, "\n")
}

// submit hands the case in: the pack for one channel is planned, and work begins
// as soon as every file is here.
func (t *turn) submit() {
	c := t.kase
	if len(c.Usable()) == 0 {
		t.say(T("talk.exhibits.unusable"))
		t.enter("exhibits")
		t.ask()
		return
	}
	ch, _ := t.recommended(c)
	c.Submitted, c.Term, c.Lang, t.changed = t.now, t.cfg.term(t.now, t.cfg.RetentionDays), t.session.Lang, true
	c.Expires, c.Reminded = c.Term.Until, time.Time{}
	c.Packs = []Pack{{Channel: ch.ID, State: PackPlanned, Fate: FateUnsent}}
	c.dropEarly(ch.ID)
	c.note(t.now, "submitted", "channel", ch.ID)
	t.effects = append(t.effects, c.wake()...)
	t.effects = append(t.effects, c.timer("expiry", nil, c.remindAt()))
	blocks := []Block{
		{Style: StyleTitle, Text: T("talk.working.title", "case", c.ID)},
		{Text: T("talk.working.what", "channel", t.local(ch.Name))},
	}
	if c.Pending() {
		blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.working.fetching")})
	}
	blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.working.where", "days", t.cfg.RetentionDays)})
	t.atRest(blocks, []Choice{{ID: "status", Label: T("talk.working.status")}, {ID: "cancel", Label: T("talk.working.cancel")}})
}

// atRest ends the steps with a screen whose buttons stand for commands.
func (t *turn) atRest(blocks []Block, row []Choice) {
	t.enter("")
	t.screen = &Screen{
		Step: "rest", Token: t.session.Token, Lang: t.session.Lang, Blocks: append(t.notes, blocks...), Toast: t.toast,
		Replace: t.event.Kind == EventChoice && t.event.Token == t.session.Last.Token && t.session.Last.Token != tokenKeep,
	}
	if len(row) > 0 {
		t.screen.Rows = [][]Choice{row}
	}
}

func channelPart() part {
	return part{
		blocks: func(t *turn) []Block {
			blocks := []Block{{Style: StyleTitle, Text: T("talk.channel.ask")}}
			for _, ch := range t.eligible(t.kase) {
				key := "talk.channel.line"
				switch {
				case !reachable(ch, t.kase.Can):
					key = "talk.channel.needs"
				case ch.WordsOnly:
					key = "talk.channel.words"
				}
				blocks = append(blocks, Block{Style: StyleItem, Text: T(key, "name", t.local(ch.Name), "needs", t.needs(ch))})
			}
			return blocks
		},
		options: func(t *turn) [][]Choice {
			best, _ := t.recommended(t.kase)
			var all []Choice
			for _, ch := range t.eligible(t.kase) {
				all = append(all, Choice{ID: ch.ID, Label: t.local(ch.Name), On: t.drafting() && ch.ID == best.ID})
			}
			return inRows(all, 2)
		},
		pick: func(t *turn, choice string) {
			if !slices.ContainsFunc(t.eligible(t.kase), func(ch catalog.Channel) bool { return ch.ID == choice }) {
				t.unknown()
				return
			}
			if !t.drafting() {
				t.plan(choice)
				return
			}
			t.kase.Wish, t.changed = choice, true
			t.enter("review")
			t.ask()
		},
		forward: func(*turn) Text { return T("talk.button.return") },
		ahead:   func(t *turn) bool { t.retreat(); return false },
		returns: true,
	}
}

// eligible lists the channels a case can still be made ready for: all of them before
// it is handed in, afterwards those without a pack.
func (t *turn) eligible(c *Case) []catalog.Channel {
	return slices.DeleteFunc(t.channels(c), func(ch catalog.Channel) bool {
		p := c.Pack(ch.ID)
		return p != nil && p.State != PackFailed
	})
}

// needs is what a person must be able to do for a channel, in words.
func (t *turn) needs(ch catalog.Channel) []Text {
	var all []Text
	for _, id := range ch.Needs {
		if a, ok := t.cat.Ability(id); ok {
			all = append(all, t.local(a.Name))
		}
	}
	return all
}
