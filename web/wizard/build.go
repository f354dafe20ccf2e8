package wizard

import (
	"context"
	"fmt"
	"slices"

	"clipcase/flows"
	"clipcase/web/entry"
	"clipcase/web/page"
)

// sheet is the page for a person's step.
func (z *Wizard) sheet(ctx context.Context, v entry.Visitor, state flows.State, l look) (*sheet, error) {
	screen := state.Session.Last
	above, own := split(screen)
	welcome, above := greeting(above)
	p := &sheet{
		Kind: screen.Step, Stages: z.stages(v.Lang, screen.Step), Notes: z.notes(v.Lang, above), Nav: true,
		Form:    ticket{Nonce: z.cfg.IDs(), Token: screen.Token, Step: screen.Step, Number: state.Session.Question},
		scripts: []string{"wizard.js"},
	}
	if screen.Toast != nil {
		p.Notes = append(p.Notes, line{Class: "note", Text: z.say(v.Lang, *screen.Toast)})
	}
	if l.wrong != "" {
		p.Notes = append(p.Notes, line{Class: "bad", Text: l.wrong})
	}
	p.Seen = z.cfg.Clock().UnixMilli()
	notices, err := z.doors.Notices(ctx, chatOf(state, v))
	if err != nil {
		return nil, fmt.Errorf("notices: %w", err)
	}
	for _, n := range notices {
		if receipt(n) {
			continue
		}
		p.Notices = append(p.Notices, z.notice(v, n))
	}
	if len(welcome) > 0 && !l.begun && l.wrong == "" {
		z.welcome(v, p, welcome)
		return p, nil
	}
	beside, ahead, behind := z.rows(v.Lang, screen)
	p.Ahead, p.Others = ahead, beside
	for i := range behind {
		if behind[i].Value == "back" {
			p.Back = &behind[i]
		} else {
			p.Others = append(p.Others, behind[i])
		}
	}
	p.Heading, own = z.heading(v.Lang, own)
	if err := z.step(ctx, v, state, own, l, p); err != nil {
		return nil, err
	}
	return p, nil
}

// step fills in what is particular to a step; own are its words after the heading.
func (z *Wizard) step(ctx context.Context, v entry.Visitor, state flows.State, own []flows.Block, l look, p *sheet) error {
	switch p.Kind {
	case "scenario":
		z.scenarios(v, state, p)
	case "can":
		p.Checks, p.Others = p.Others, nil
		p.Ahead.Label = z.word(v.Lang, "next")
	case "exhibits":
		return z.exhibits(ctx, v, state, l, p)
	case "key":
		return z.keyMoment(ctx, v, state, l, p)
	case "statement", "question", "mailto", "mailback", "apart":
		return z.statement(v, state, own, l, p)
	case "channel":
		z.channels(v, state, p)
	case "review":
		z.review(v, state, own, p)
	case "forget":
		p.Lines = z.pages.Paras(v.Lang, own)
		for i := range p.Others {
			p.Others[i].Class = "danger"
		}
	case "rest":
		return z.rest(ctx, v, state, own, p)
	default:
		p.Lines = z.pages.Paras(v.Lang, own)
		return nil
	}
	if p.Kind == "scenario" || p.Kind == "can" {
		p.Lines = z.pages.Paras(v.Lang, own)
	}
	return nil
}

// heading is the first title among blocks, and the others.
func (z *Wizard) heading(lang string, blocks []flows.Block) (string, []flows.Block) {
	if title, rest, ok := page.Heading(blocks); ok {
		return z.say(lang, title), rest
	}
	return z.word(lang, "title"), blocks
}

// welcome is the first page: who this is, in five lines, and one button.
func (z *Wizard) welcome(v entry.Visitor, p *sheet, blocks []flows.Block) {
	p.Kind, p.Stages = "welcome", nil
	p.Heading, blocks = z.heading(v.Lang, blocks)
	p.Lines = z.pages.Paras(v.Lang, blocks)
	p.Ahead = &button{Label: z.word(v.Lang, "begin"), URL: "/?begin=1#step", Class: "act"}
}

// bare is a page of a screen that belongs to no step.
func (z *Wizard) bare(v entry.Visitor, screen flows.Screen) *sheet {
	heading, own := z.heading(v.Lang, screen.Blocks)
	p := &sheet{
		Kind: "bare", Heading: heading, Lines: z.pages.Paras(v.Lang, own), Nav: true, scripts: []string{"wizard.js"},
		Form: ticket{Nonce: z.cfg.IDs(), Token: screen.Token, Step: screen.Step},
	}
	beside, ahead, behind := z.rows(v.Lang, screen)
	p.Ahead, p.Others = ahead, append(beside, behind...)
	if p.Ahead == nil {
		p.Ahead = &button{Label: z.word(v.Lang, "toStep"), URL: "/#step", Class: "act"}
	}
	return p
}

// receipt says whether all a notice tells is that files are here: the list of
// files says it better.
func receipt(n flows.Screen) bool {
	return !slices.ContainsFunc(n.Blocks, func(b flows.Block) bool { return b.Text.Key != "talk.got.line" })
}

func (z *Wizard) notice(v entry.Visitor, screen flows.Screen) notice {
	n := notice{Lines: z.pages.Paras(v.Lang, screen.Blocks)}
	for _, row := range screen.Rows {
		for _, c := range row {
			n.Buttons = append(n.Buttons, z.button(v.Lang, "kept", c))
		}
	}
	return n
}

func chatOf(state flows.State, v entry.Visitor) string {
	if state.Session.Chat != "" {
		return state.Session.Chat
	}
	return v.Session.Actor
}
