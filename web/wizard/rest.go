package wizard

import (
	"context"
	"fmt"
	"math"
	"slices"

	"clipcase/flows"
	"clipcase/web/entry"
)

// workView is a case that was handed in: what is ready, what is being made.
type workView struct {
	Case     string
	Packs    []packLine
	Progress *progressView // nil = nothing is being made
	Files    []fileRow     // that cannot be used, and why
	Kept     string
	Cancel   *button
}

type packLine struct {
	Name  string
	State string
	Class string // wait, good, bad
	Why   string
	URL   string
}

// progressView is how far the work is; the script keeps it up to date.
type progressView struct {
	Words   string
	Percent int
	Known   bool   // percent is known: not in the queue
	Open    string // address at which what is made so far can be seen
	Some    bool   // there is something to be seen
}

// rest is the page of someone who is asked nothing: the case that was handed in,
// or what can be begun.
func (z *Wizard) rest(ctx context.Context, v entry.Visitor, state flows.State, own []flows.Block, p *sheet) error {
	c := state.Case
	if c == nil || c.Submitted.IsZero() || !c.Cancelled.IsZero() || c.Quarantined {
		p.Lines = z.pages.Paras(v.Lang, own)
		return nil
	}
	token, err := z.doors.CaseToken(ctx, c.ID)
	if err != nil {
		return fmt.Errorf("case token: %w", err)
	}
	link := "/case/" + token
	s, _ := z.cat.Scenario(c.Scenario)
	p.Kind, p.Stages = "work", z.stages(v.Lang, "work")
	p.Kicker = z.word(v.Lang, "work.case", "case", c.ID, "name", flows.Text{Plain: s.Name.In(v.Lang)})
	p.Work = &workView{Case: c.ID, Kept: z.say(v.Lang, flows.T("talk.status.kept", "date", flows.FormatDay(c.Expires)))}
	p.Others, p.Ahead, p.Back = nil, nil, nil
	busy, some := false, false
	for i := range c.Packs {
		row := z.packLine(v.Lang, c, &c.Packs[i], link)
		busy, some = busy || row.Class == "wait", some || row.URL != ""
		p.Work.Packs = append(p.Work.Packs, row)
	}
	for i := range c.Exhibits {
		if e := &c.Exhibits[i]; !e.Removed && e.State == flows.ExhibitRefused {
			p.Work.Files = append(p.Work.Files, z.file(v.Lang, e))
		}
	}
	fresh := button{Name: "command", Value: "new", Label: z.say(v.Lang, flows.T("talk.button.new"))}
	more := button{Name: "kept", Value: "more." + c.ID, Label: z.say(v.Lang, flows.T("deliver.button.more"))}
	p.scripts = []string{"progress.js", "wizard.js"}
	switch {
	case some:
		p.Heading = z.word(v.Lang, "work.ready")
		p.Ahead = &button{Label: z.word(v.Lang, "work.open"), URL: link, Class: "act"}
		p.Others = []button{more, fresh}
	case busy:
		p.Heading = z.word(v.Lang, "work.making")
	default:
		p.Heading = z.word(v.Lang, "work.failed")
		more.Class = "act"
		p.Ahead, p.Others = &more, []button{fresh}
	}
	if busy {
		p.Work.Progress = z.progressOf(v.Lang, c)
		p.Work.Progress.Open, p.Work.Progress.Some = link, !some && begun(c)
		p.Work.Cancel = &button{Name: "command", Value: "cancel", Label: z.say(v.Lang, flows.T("talk.working.cancel")), Class: "danger"}
		p.refresh = 10
	}
	return nil
}

func (z *Wizard) packLine(lang string, c *flows.Case, pack *flows.Pack, link string) packLine {
	row := packLine{Name: pack.Channel, State: z.say(lang, c.PackState(pack)), Class: "wait"}
	if ch, ok := z.cat.Channel(pack.Channel); ok {
		row.Name = ch.Name.In(lang)
	}
	switch {
	case pack.State == flows.PackFailed:
		row.Class = "bad"
		if pack.Error != nil {
			row.Why = z.say(lang, pack.Error.Text)
			if n := pack.Error.Incident; n != "" {
				row.Why += " " + z.say(lang, flows.T("talk.incident", "number", n))
			}
		}
	case out(pack):
		row.Class, row.URL = "good", link+"#"+pack.Channel
	}
	return row
}

// out says whether a pack can be looked at.
func out(p *flows.Pack) bool {
	return slices.Contains([]flows.PackState{flows.PackReady, flows.PackDelivering, flows.PackDelivered}, p.State)
}

// begun says whether some pieces are made of a pack that is not whole yet.
func begun(c *flows.Case) bool {
	return slices.ContainsFunc(c.Packs, func(p flows.Pack) bool {
		return p.State == flows.PackRendering && p.Parted && slices.ContainsFunc(p.Pieces, func(x flows.Piece) bool { return x.Blob != "" })
	})
}

// busy says whether something is still being made of a case.
func busy(c *flows.Case) bool {
	return c.Cancelled.IsZero() && !c.Quarantined && slices.ContainsFunc(c.Packs, func(p flows.Pack) bool {
		return p.State == flows.PackPlanned || p.State == flows.PackRendering
	})
}

// progressOf is the last that was heard of a case's work.
func (z *Wizard) progressOf(lang string, c *flows.Case) *progressView {
	p, ok := z.hub.last(c.Chat, c.ID)
	switch {
	case c.Pending():
		return &progressView{Words: z.word(lang, "progress.fetching")}
	case !ok:
		return &progressView{Words: z.word(lang, "progress.soon")}
	}
	return z.progressWords(lang, p)
}

func (z *Wizard) progressWords(lang string, p flows.WorkProgress) *progressView {
	switch {
	case p.Stopped:
		return &progressView{Words: z.word(lang, "progress.stopped")}
	case p.Done:
		return &progressView{Words: z.word(lang, "progress.done"), Percent: 100, Known: true}
	case p.Place > 0:
		return &progressView{Words: z.word(lang, "progress.place", "count", p.Place)}
	}
	step := "web.wizard.progress.step." + p.Step
	if !z.cat.Has(lang, step) {
		step = "web.wizard.progress.step.render"
	}
	percent := int(math.Min(99, math.Max(0, p.Percent)))
	return &progressView{Percent: percent, Known: true, Words: z.word(lang, "progress.working",
		"step", flows.T(step), "percent", percent, "left", left(p.Left))}
}

// left is about how long it still takes, in steps that do not flicker.
func left(seconds float64) flows.Text {
	switch {
	case seconds < 0 || math.IsNaN(seconds):
		return flows.T("web.wizard.progress.left.unknown")
	case seconds < 55:
		return flows.T("web.wizard.progress.left.seconds", "count", int(math.Ceil(math.Max(1, seconds)/10))*10)
	}
	return flows.T("web.wizard.progress.left.minutes", "count", int(math.Ceil(math.Min(seconds, 1e6)/60)))
}
