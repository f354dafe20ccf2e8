package wizard

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"clipcase/flows"
	"clipcase/web/entry"
)

// caseCard is one of the person's cases.
type caseCard struct {
	ID    string
	Name  string
	State string
	Date  string
	Kept  string
	URL   string // of its page, once something is ready
}

// cases lists the person's own cases, newest first.
func (z *Wizard) cases(w http.ResponseWriter, r *http.Request, v entry.Visitor) {
	if !z.visitors.Limit(w, r, "wizard", perMinute, time.Minute) {
		return
	}
	now := z.cfg.Clock()
	state, err := z.people.Load(r.Context(), v.Session.Actor, now)
	if err != nil {
		z.visitors.Trouble(w, r, fmt.Errorf("load: %w", err))
		return
	}
	p := &sheet{
		Heading: z.word(v.Lang, "cases.title"), Nav: true, Admin: state.Person.Admin, scripts: []string{"wizard.js"},
		Form:  ticket{Nonce: z.cfg.IDs(), Token: state.Session.Token, Step: "cases"},
		Ahead: &button{Label: z.word(v.Lang, "toStep"), URL: "/#step", Class: "act"},
	}
	all := state.Recent
	if c := state.Case; c != nil && !slices.ContainsFunc(all, func(x *flows.Case) bool { return x != nil && x.ID == c.ID }) {
		all = append([]*flows.Case{c}, all...)
	}
	for _, c := range all {
		if c == nil || c.Actor != v.Session.Actor || slices.Contains(state.Session.Gone, c.ID) {
			continue
		}
		card, err := z.caseCard(r, v, c, now)
		if err != nil {
			z.visitors.Trouble(w, r, err)
			return
		}
		p.Cases = append(p.Cases, card)
	}
	z.write(w, http.StatusOK, v, "cases", p)
}

func (z *Wizard) caseCard(r *http.Request, v entry.Visitor, c *flows.Case, now time.Time) (caseCard, error) {
	card := caseCard{
		ID: c.ID, Name: z.say(v.Lang, flows.T("talk.scenario.open")), Date: flows.FormatDay(c.Created),
		State: z.say(v.Lang, c.StateText(now)), Kept: z.say(v.Lang, flows.T("talk.status.kept", "date", flows.FormatDay(c.Expires))),
	}
	if s, ok := z.cat.Scenario(c.Scenario); ok {
		card.Name = s.Name.In(v.Lang)
	}
	if c.Quarantined || !slices.ContainsFunc(c.Packs, func(p flows.Pack) bool { return out(&p) }) {
		return card, nil
	}
	token, err := z.doors.CaseToken(r.Context(), c.ID)
	if err != nil {
		return card, fmt.Errorf("case token: %w", err)
	}
	card.URL = "/case/" + token
	return card, nil
}

// number is a form's number; 0 for anything else.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}
