package flows

import (
	"slices"
	"strconv"

	"clipcase/flows/catalog"
	"clipcase/media"
)

func exhibitsPart() part {
	return part{
		blocks: exhibitBlocks,
		options: func(t *turn) [][]Choice {
			var rows [][]Choice
			if t.linked() {
				rows = append(rows, []Choice{{ID: "web", Label: T("talk.exhibits.web")}})
			}
			if t.kase != nil && len(present(t.kase)) > 0 {
				rows = append(rows, []Choice{{ID: "sort", Label: T("talk.exhibits.sort")}})
			}
			return rows
		},
		pick: func(t *turn, choice string) {
			if choice == "web" && t.linked() {
				t.offerUpload(nil)
				t.ask()
				return
			}
			if choice != "sort" || t.kase == nil || len(present(t.kase)) == 0 {
				t.unknown()
				return
			}
			t.enter("files")
			t.ask()
		},
		take:    func(t *turn, text string) { t.remark(text) },
		forward: func(*turn) Text { return T("talk.exhibits.done") },
		ahead: func(t *turn) bool {
			if t.kase == nil || len(present(t.kase)) == 0 {
				t.say(T("talk.exhibits.none"))
				return false
			}
			if len(t.kase.Usable()) == 0 {
				t.say(T("talk.exhibits.unusable"))
				return false
			}
			return true
		},
	}
}

// present lists the exhibits the person has not taken out, refused ones too.
func present(c *Case) []*Exhibit {
	var all []*Exhibit
	for i := range c.Exhibits {
		if !c.Exhibits[i].Removed {
			all = append(all, &c.Exhibits[i])
		}
	}
	return all
}

// exhibitBlocks is the list of what was asked for with what is there, and how to
// record the next one.
func exhibitBlocks(t *turn) []Block {
	s, _ := t.scenario()
	blocks := []Block{{Style: StyleTitle, Text: T("talk.exhibits.ask")}}
	var next *catalog.Slot
	for i, slot := range s.Exhibits {
		if slot.Consent != "" && *t.matter().consented && !slices.Contains(*t.matter().consent, slot.ID) {
			continue
		}
		there, coming := t.count(slot.ID)
		blocks = append(blocks, Block{Style: StyleItem, Text: counting(t.local(slot.Name), there, coming, slot.Required)})
		if there+coming == 0 && next == nil {
			next = &s.Exhibits[i]
		}
	}
	if there, coming := t.count(""); there+coming > 0 {
		blocks = append(blocks, Block{Style: StyleItem, Text: counting(T("talk.slot.other"), there, coming, false)})
	}
	if next != nil {
		blocks = append(blocks, Block{Text: T("talk.exhibits.how", "name", t.local(next.Name), "hint", t.local(next.Hint))})
		if next.Avoid.In(t.session.Lang) != "" {
			blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.exhibits.avoid", "what", t.local(next.Avoid))})
		}
	}
	return append(blocks, Block{Style: StyleNote, Text: T("talk.exhibits.hint")})
}

// counting is what there is for a slot: files that were looked at, and those that
// may still turn out to be of no use.
func counting(name Text, there, coming int, required bool) Text {
	switch {
	case there > 0 && coming > 0:
		return T("talk.exhibits.both", "name", name, "count", there, "coming", coming)
	case there > 0:
		return T("talk.exhibits.there", "name", name, "count", there)
	case coming > 0:
		return T("talk.exhibits.coming", "name", name, "count", coming)
	case required:
		return T("talk.exhibits.missing", "name", name)
	}
	return T("talk.exhibits.optional", "name", name)
}

func (t *turn) count(slot string) (there, coming int) {
	if t.kase == nil {
		return 0, 0
	}
	for _, e := range t.kase.Usable() {
		switch {
		case e.Slot != slot:
		case e.State == ExhibitProbed:
			there++
		default:
			coming++
		}
	}
	return there, coming
}

// slotName is what a file is for, in words.
func (t *turn) slotName(id string) Text {
	s, _ := t.scenario()
	for _, slot := range s.Exhibits {
		if slot.ID == id {
			return t.local(slot.Name)
		}
	}
	return T("talk.slot.other")
}

func filesPart() part {
	return part{
		blocks: func(t *turn) []Block {
			blocks := []Block{{Style: StyleTitle, Text: T("talk.files.ask")}}
			for i, e := range t.files() {
				blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.files.line",
					"number", i+1, "name", fileName(e.File), "slot", t.slotName(e.Slot), "state", t.exhibitState(e))})
			}
			return blocks
		},
		options: func(t *turn) [][]Choice {
			var all []Choice
			for i, e := range t.files() {
				all = append(all, Choice{ID: e.ID, Label: T("talk.files.number", "number", i+1)})
			}
			return inRows(all, 5)
		},
		pick: func(t *turn, choice string) {
			if !slices.ContainsFunc(t.files(), func(e *Exhibit) bool { return e.ID == choice }) {
				t.unknown()
				return
			}
			t.session.Exhibit = choice
			t.enter("slot")
			t.ask()
		},
		forward: func(*turn) Text { return T("talk.button.return") },
		ahead:   func(t *turn) bool { t.retreat(); return false },
		returns: true,
	}
}

// files is present of the case in hand; nil without one.
func (t *turn) files() []*Exhibit {
	if t.kase == nil {
		return nil
	}
	return present(t.kase)
}

// exhibitState says how far a file is.
func (t *turn) exhibitState(e *Exhibit) Text {
	switch {
	case e.Problem != nil:
		return T("talk.state.lost")
	case e.State == ExhibitRefused:
		return T("talk.state.refused")
	case e.State == ExhibitProbed && e.Probe != nil && e.Probe.Kind == media.KindVideo:
		return T("talk.state.length", "length", FormatClock(e.Probe.Duration))
	case e.State == ExhibitProbed:
		return T("talk.state.there")
	}
	return T("talk.state.fetching")
}

func slotPart() part {
	return part{
		blocks: func(t *turn) []Block {
			name := T("talk.file.unnamed")
			if e := t.moving(); e != nil {
				name = fileName(e.File)
			}
			return []Block{{Style: StyleTitle, Text: T("talk.slot.ask", "name", name)}}
		},
		options: func(t *turn) [][]Choice {
			s, _ := t.scenario()
			var all []Choice
			at := ""
			if e := t.moving(); e != nil {
				at = e.Slot
			}
			for i, slot := range s.Exhibits {
				all = append(all, Choice{ID: "s" + strconv.Itoa(i), Label: t.local(slot.Name), On: slot.ID == at})
			}
			return append(inRows(all, 1), []Choice{{ID: "remove", Label: T("talk.slot.remove")}})
		},
		pick: func(t *turn, choice string) {
			e := t.moving()
			s, _ := t.scenario()
			number, err := strconv.Atoi(choice[min(1, len(choice)):])
			switch {
			case e == nil:
				t.unknown()
				return
			case choice == "remove":
				e.Removed, t.changed = true, true
				t.kase.note(t.now, "removed", "exhibit", e.ID)
				t.place()
				t.say(T("talk.slot.removed", "name", fileName(e.File)))
			case choice[0] == 's' && err == nil && number >= 0 && number < len(s.Exhibits):
				t.move(e, s.Exhibits[number])
			default:
				t.unknown()
				return
			}
			t.session.Exhibit = ""
			t.enter("exhibits")
			t.ask()
		},
		forward: func(*turn) Text { return T("talk.button.return") },
		ahead:   func(t *turn) bool { t.retreat(); return false },
		returns: true,
	}
}

// moving is the file that is being sorted; nil if it is gone.
func (t *turn) moving() *Exhibit {
	if t.kase == nil {
		return nil
	}
	if e := t.kase.Exhibit(t.session.Exhibit); e != nil && !e.Removed {
		return e
	}
	return nil
}

// move puts a file where the person wants it; not into a slot they declined to
// hand anything in for.
func (t *turn) move(e *Exhibit, slot catalog.Slot) {
	t.changed = true
	if slot.Consent != "" && !slices.Contains(t.kase.Consent, slot.ID) {
		t.say(T("talk.slot.consent", "slot", t.local(slot.Name)))
		return
	}
	e.Slot, e.Placed = slot.ID, true
	t.place()
	t.say(T("talk.slot.moved", "name", fileName(e.File), "slot", t.local(slot.Name)))
}
