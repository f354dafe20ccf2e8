package wizard

import (
	"slices"
	"strings"

	"clipcase/flows"
	"clipcase/web/page"
)

// sheet is one page, all in words: templates only lay it out.
type sheet struct {
	Kind    string // which layout: the step's id, or welcome, work, rest, bare
	Stages  []stage
	Kicker  string // a small line above the heading
	Heading string
	Notices []notice    // said since the person last looked
	Seen    int64       // when Notices were read (ms): what comes later is not dismissed with them
	Notes   []line      // said above the step
	Lines   []page.Para // the step's own words
	Unkept  string      // words that came too late for their step
	Form    ticket
	Ahead   *button // the way forward
	Others  []button
	Back    *button
	Nav     bool // ways to the person's other pages
	Admin   bool // cases: may let others in

	Scenarios []scenarioCard
	Checks    []button
	Slots     []slotCard
	Upload    *uploader
	Guide     string // page that says how to record this matter
	Key       *keyView
	Words     *wordsView
	Channels  []channelCard
	Work      *workView
	Cases     []caseCard
	Live      bool // something is on its way: the page looks again by itself

	scripts []string
	refresh int
}

// ticket is what a form brings back.
type ticket struct {
	Nonce  string // makes the event's id: the same form sent twice acts once
	Token  string // of the screen shown
	Step   string
	Number int // of the question asked
}

// stage is one part of the way.
type stage struct {
	Name string
	Now  bool
	Done bool
}

// line is one sentence.
type line struct {
	Class string // "", note, good, bad
	Text  string
}

// button is something to press.
type button struct {
	Name  string // form field; "" with URL or Copy
	Value string
	Label string
	URL   string
	Copy  string
	Class string // act, danger, ""
	On    bool
}

type notice struct {
	Lines   []page.Para
	Buttons []button
}

// stageOf says in which part of the way a step lies.
func stageOf(step string) int {
	switch step {
	case "scenario", "can", "consent":
		return 0
	case "exhibits", "files", "slot":
		return 1
	case "key", "statement", "question":
		return 2
	case "review", "channel":
		return 3
	case "work":
		return 4
	}
	return -1
}

func (z *Wizard) stages(lang, step string) []stage {
	at := stageOf(step)
	if at < 0 {
		return nil
	}
	var all []stage
	for i, key := range []string{"stage.matter", "stage.files", "stage.words", "stage.check", "stage.made"} {
		all = append(all, stage{Name: z.word(lang, key), Now: i == at, Done: i < at})
	}
	return all
}

// opening is the text with which a step's own words begin; what stands before it
// was said about the step before.
func opening(step string) []string {
	switch step {
	case "question":
		return []string{"talk.question.number"}
	case "mailto":
		return []string{"talk.mail.to"}
	case "mailback":
		return []string{"talk.mail.back"}
	case "review", "key", "statement", "channel", "scenario", "can", "consent", "exhibits", "files", "slot", "forget", "apart":
		if step == "review" {
			return []string{"talk.review.title"}
		}
		return []string{"talk." + step + ".ask", "talk.forget.nothing"}
	case "rest":
		return []string{"talk.working.title", "talk.status.title", "talk.rest.what", "talk.cancel.again", "talk.status.held", "talk.status.cancelled"}
	}
	return nil
}

// split parts a screen into what was said above the step and the step's words.
func split(s flows.Screen) (above, own []flows.Block) {
	for i, b := range s.Blocks {
		for _, key := range opening(s.Step) {
			if b.Text.Key == key {
				return s.Blocks[:i], s.Blocks[i:]
			}
		}
	}
	return nil, s.Blocks
}

// greeting takes the first screen's lines off what stands above a step.
func greeting(above []flows.Block) (welcome, rest []flows.Block) {
	for i, b := range above {
		if !strings.HasPrefix(b.Text.Key, "talk.welcome.") {
			return above[:i], above[i:]
		}
	}
	return above, nil
}

// notes are blocks said in passing.
func (z *Wizard) notes(lang string, blocks []flows.Block) []line {
	var all []line
	for _, b := range blocks {
		class := ""
		if b.Style == flows.StyleNote {
			class = "note"
		}
		all = append(all, line{Class: class, Text: z.say(lang, b.Text)})
	}
	return all
}

// button is a choice of a screen; field is the form field it is sent in.
func (z *Wizard) button(lang, field string, c flows.Choice) button {
	b := button{Label: z.say(lang, c.Label), URL: c.URL, Copy: c.Copy, On: c.On}
	if c.URL == "" && c.Copy == "" {
		b.Name, b.Value = field, c.ID
	}
	return b
}

// rows takes a screen's choices apart: those beside the way forward, the way
// forward, and what stands behind it.
func (z *Wizard) rows(lang string, s flows.Screen) (beside []button, ahead *button, behind []button) {
	field := "choice"
	if s.Token == tokenKeep {
		field = "kept"
	}
	for i, row := range s.Rows {
		row = slices.DeleteFunc(slices.Clone(row), func(c flows.Choice) bool { return c.ID == toPages })
		for j, c := range row {
			b := z.button(lang, field, c)
			switch {
			case i < len(s.Rows)-1:
				beside = append(beside, b)
			case j == 0:
				b.Class = "act"
				ahead = &b
			default:
				behind = append(behind, b)
			}
		}
	}
	return beside, ahead, behind
}

// toPages is the choice by which the chat leads here.
const toPages = "web"

// tokenKeep is the token of screens that belong to no step: their choices stay
// valid, and they are not shown again.
const tokenKeep = "keep"
