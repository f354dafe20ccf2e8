package catalog

import (
	"fmt"
	"slices"
)

// scenarioCheck notes what is wrong with one scenario.
type scenarioCheck struct {
	Scenario
	doc       *document
	channels  map[string]entry[Channel]
	abilities map[string]entry[Ability]
}

// reach is what someone may be reduced to; for each there must be a channel.
func reach() []string { return []string{"form", "message", "mail"} }

func (c scenarioCheck) run() {
	shape(c.doc, "id", c.ID)
	if !only(c.Command, "_") || len(c.Command) > 32 {
		c.doc.wrong("command", "command %q: want a-z, 0-9 and _, at most 32, without slash", c.Command)
	}
	local(c.doc, "name", c.Name)
	local(c.doc, "help", c.Help)
	oneOf(c.doc, "priority", c.Priority, "urgent", "normal")
	clock(c.doc, "clock", c.Clock, c.abilities)
	c.slots()
	c.questions()
	c.places()
}

func (c scenarioCheck) slots() {
	if len(c.Exhibits) == 0 {
		c.doc.wrong("exhibits", "exhibits: want at least one")
	}
	ids, wanted := map[string]bool{}, false
	for i, s := range c.Exhibits {
		path := fmt.Sprintf("exhibits[%d]", i)
		shape(c.doc, join(path, "id"), s.ID)
		if ids[s.ID] {
			c.doc.wrong(join(path, "id"), "exhibit %q stands twice", s.ID)
		}
		ids[s.ID] = true
		wanted = wanted || s.Required
		local(c.doc, join(path, "name"), s.Name)
		local(c.doc, join(path, "hint"), s.Hint)
		local(c.doc, join(path, "avoid"), s.Avoid)
		if len(s.Accept) == 0 {
			c.doc.wrong(join(path, "accept"), "%s.accept: want at least one of video, image, document", path)
		}
		for j, kind := range s.Accept {
			oneOf(c.doc, fmt.Sprintf("%s.accept[%d]", path, j), kind, "video", "image", "document")
		}
		if s.Max < 1 || s.Max > 20 {
			c.doc.wrong(join(path, "max"), "%s.max: %d files, want 1 to 20", path, s.Max)
		}
		oneOf(c.doc, join(path, "side"), s.Side, "", SideLeft, SideRight)
		oneOf(c.doc, join(path, "consent"), s.Consent, "", "face", "identity", "minor")
	}
	if len(c.Exhibits) > 0 && !wanted {
		c.doc.wrong("exhibits", "exhibits: at least one must be required")
	}
}

func (c scenarioCheck) questions() {
	if len(c.Questions) > 5 {
		c.doc.wrong("questions", "questions: %d, at most 5 are asked", len(c.Questions))
	}
	ids := map[string]bool{}
	for i, q := range c.Questions {
		path := fmt.Sprintf("questions[%d]", i)
		shape(c.doc, join(path, "id"), q.ID)
		if ids[q.ID] {
			c.doc.wrong(join(path, "id"), "question %q stands twice", q.ID)
		}
		ids[q.ID] = true
		local(c.doc, join(path, "text"), q.Text)
		local(c.doc, join(path, "hint"), q.Hint)
		if q.Max < 1 || q.Max > 1000 {
			c.doc.wrong(join(path, "max"), "%s.max: %d characters, want 1 to 1000", path, q.Max)
		}
	}
}

// places checks the recommended channels: each exists, and whoever is left with
// one way only still finds one that is available.
func (c scenarioCheck) places() {
	var known []Channel
	for i, id := range c.Channels {
		path := fmt.Sprintf("channels[%d]", i)
		if slices.Contains(c.Channels[:i], id) {
			c.doc.wrong(path, "channel %q stands twice", id)
		}
		e, ok := c.channels[id]
		if !ok {
			c.doc.wrong(path, "unknown channel %q", id)
			continue
		}
		known = append(known, e.value)
	}
	if len(known) < len(c.Channels) {
		return
	}
	for _, left := range reach() {
		if !slices.ContainsFunc(known, func(ch Channel) bool { return ch.Available && ch.Reachable([]string{left}) }) {
			c.doc.wrong("channels", "channels: someone left with %q only reaches none of them", left)
		}
	}
}
