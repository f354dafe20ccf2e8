package flows

import (
	"slices"

	"clipcase/flows/catalog"
)

// matter is what is known so far, wherever it stands: in the draft of the
// session before the first file, in the case afterwards.
type matter struct {
	scenario  *string
	can       *[]string
	canAsked  *bool
	consent   *[]string
	consented *bool
	statement *string
	added     *[]Addition
}

func (t *turn) matter() matter {
	if c := t.kase; c != nil {
		return matter{&c.Scenario, &c.Can, &c.CanAsked, &c.Consent, &c.Consented, &c.Statement, &c.Added}
	}
	d := &t.session.Draft
	return matter{&d.Scenario, &d.Can, &d.CanAsked, &d.Consent, &d.Consented, &d.Statement, &d.Added}
}

// touch says that the matter is about to change; it is never called for a case
// that was handed in.
func (t *turn) touch() matter {
	if t.kase != nil {
		t.changed = true
	}
	return t.matter()
}

// scenario is the one chosen; false if none is.
func (t *turn) scenario() (catalog.Scenario, bool) { return t.cat.Scenario(*t.matter().scenario) }

// choose sets the scenario; slots and consent follow it.
func (t *turn) choose(s catalog.Scenario) {
	m := t.touch()
	if *m.scenario == s.ID {
		return
	}
	*m.scenario, *m.consent, *m.consented = s.ID, nil, false
	if t.kase != nil {
		t.kase.Urgent, t.kase.Wish, t.kase.Answers = s.Priority == "urgent", "", nil
		for i := range t.kase.Exhibits {
			t.kase.Exhibits[i].Placed = false
		}
		t.place()
	}
}

// channels lists what the scenario offers, recommended first; those whose parts
// do not exist yet are left out.
func (t *turn) channels(c *Case) []catalog.Channel {
	s, _ := t.cat.Scenario(c.Scenario)
	return offered(t.cat, s)
}

func offered(cat *catalog.Catalog, s catalog.Scenario) []catalog.Channel {
	var all []catalog.Channel
	for _, id := range s.Channels {
		if ch, ok := cat.Channel(id); ok && ch.Available {
			all = append(all, ch)
		}
	}
	return all
}

// reachable says whether someone who can do can reaches a channel; nothing said
// means nothing is known against it.
func reachable(ch catalog.Channel, can []string) bool {
	return len(can) == 0 || ch.Reachable(can)
}

// recommended is the channel for a case: the one the person picked, else the
// first that can be reached. ok is false when none can; then it is the first.
func (t *turn) recommended(c *Case) (ch catalog.Channel, ok bool) {
	all := t.channels(c)
	if len(all) == 0 {
		ch, _ = t.cat.Channel("generic")
		return ch, true
	}
	if i := slices.IndexFunc(all, func(ch catalog.Channel) bool { return ch.ID == c.Wish }); i >= 0 {
		return all[i], true
	}
	if i := slices.IndexFunc(all, func(ch catalog.Channel) bool { return reachable(ch, c.Can) }); i >= 0 {
		return all[i], true
	}
	return all[0], false
}

// local is words of the catalogue in the person's language.
func (t *turn) local(l catalog.Local) Text { return Text{Plain: l.In(t.session.Lang)} }
