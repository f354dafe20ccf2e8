package wizard

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/pass"
	"clipcase/media"
	"clipcase/web/entry"
)

// slotCard is one thing that is asked for, with what was handed in for it.
type slotCard struct {
	ID       string
	Name     string
	Required bool
	Filled   bool
	Hint     string
	Avoid    string
	Accept   string // for a file field
	Takes    string // the kinds in words
	Files    []fileRow
	Upload   *uploader // nil = nothing more can be sent here
}

// fileRow is one file that was handed in.
type fileRow struct {
	ID     string
	Name   string
	Detail string // length, size in pixels, bytes
	State  string
	Class  string // wait, good, bad
	Why    string // of a refusal
	Same   string // it is what the browser sent
	Change string // above the moves
	Moves  []button
}

// uploader is where files go.
type uploader struct {
	Grant string // "" = nothing can be sent from this look
	Limit string // bytes of one file, in words
	Built bool   // the script that resumes is there; else the plain form is all there is
}

// exhibits lists what is asked for. The files are read from the case, so that a
// page that looks again shows what became of them.
func (z *Wizard) exhibits(ctx context.Context, v entry.Visitor, state flows.State, l look, p *sheet) error {
	m := matterOf(state)
	s, _ := z.cat.Scenario(m.scenario)
	coming, err := z.doors.Uploads(ctx, v.Session.Actor)
	if err != nil {
		return fmt.Errorf("uploads: %w", err)
	}
	up := &uploader{Limit: pass.InWords(z.cfg.MaxFile), Built: z.pages.Has("upload.js")}
	if !l.live {
		if up.Grant, err = z.grants.code(ctx, v.Session.ID, pass.Grant{
			Actor: v.Session.Actor, Chat: chatOf(state, v), Lang: v.Lang, Bytes: pass.GrantBytes, Files: pass.GrantFiles,
		}); err != nil {
			return err
		}
	}
	p.Others = slices.DeleteFunc(p.Others, func(b button) bool { return b.Value == "sort" })
	p.Upload, p.Guide = up, "/guide"
	if s.ID != "" {
		p.Guide += "/" + s.ID
	}
	var slots []catalog.Slot
	for _, slot := range s.Exhibits {
		if !m.declined(slot) {
			slots = append(slots, slot)
		}
	}
	for _, slot := range slots {
		card := slotCard{
			ID: slot.ID, Name: slot.Name.In(v.Lang), Required: slot.Required, Hint: slot.Hint.In(v.Lang), Avoid: slot.Avoid.In(v.Lang),
			Accept: accept(slot.Accept), Takes: z.kinds(v.Lang, slot.Accept), Upload: up,
		}
		z.fill(v.Lang, state.Case, s, coming, &card)
		p.Slots = append(p.Slots, card)
	}
	other := slotCard{Name: z.say(v.Lang, flows.T("talk.slot.other"))}
	z.fill(v.Lang, state.Case, s, coming, &other)
	if len(other.Files) > 0 {
		p.Slots = append(p.Slots, other)
	}
	for _, card := range p.Slots {
		p.Live = p.Live || slices.ContainsFunc(card.Files, func(f fileRow) bool { return f.Class == "wait" })
	}
	p.scripts = []string{"upload.js", "wizard.js"}
	return nil
}

// fill puts the files of a slot on its card: those of the case, then those that
// are still on their way into it.
func (z *Wizard) fill(lang string, c *flows.Case, s catalog.Scenario, coming []pass.Upload, card *slotCard) {
	refs := map[string]bool{}
	if c != nil {
		for i := range c.Exhibits {
			e := &c.Exhibits[i]
			refs[e.File.Ref] = true
			if e.Removed || e.Slot != card.ID {
				continue
			}
			row := z.file(lang, e)
			if row.Class == "good" && exact(coming, e.File.Ref) {
				row.Same = z.say(lang, flows.T("web.upload.js.exact"))
			}
			row.Change, row.Moves = z.word(lang, "file.change"), z.moves(lang, s, e, matter{consent: c.Consent, consented: c.Consented})
			card.Files = append(card.Files, row)
			card.Filled = card.Filled || e.State != flows.ExhibitRefused
		}
	}
	for _, u := range slices.Backward(coming) { // what is still being sent stands beside the uploader
		if u.Slot == card.ID && !refs[u.Ref()] && u.State == pass.UploadReceived {
			card.Files = append(card.Files, fileRow{
				Name: z.fileName(lang, u.Name), Detail: flows.FormatBytes(u.Bytes), Class: "wait", State: z.word(lang, "file.received"),
			})
		}
	}
}

// exact says whether a file is what the browser reckoned before it sent it.
func exact(all []pass.Upload, ref string) bool {
	return slices.ContainsFunc(all, func(u pass.Upload) bool {
		return u.Ref() == ref && u.Claimed != "" && u.Claimed == u.SHA256
	})
}

// file is a file of the case in words.
func (z *Wizard) file(lang string, e *flows.Exhibit) fileRow {
	row := fileRow{ID: e.ID, Name: z.fileName(lang, e.File.Name), Class: "wait"}
	bytes := e.Bytes
	if bytes == 0 {
		bytes = e.File.Bytes
	}
	var facts []string
	if bytes > 0 {
		facts = append(facts, flows.FormatBytes(bytes))
	}
	if p := e.Probe; p != nil {
		if p.Kind == media.KindVideo {
			facts = append(facts, flows.FormatClock(p.Duration))
		}
		if p.Width > 0 {
			facts = append(facts, strconv.Itoa(p.Width)+"×"+strconv.Itoa(p.Height))
		}
	}
	row.Detail = strings.Join(facts, " · ")
	switch {
	case e.Problem != nil:
		row.Class, row.State, row.Why = "bad", z.word(lang, "file.lost"), z.say(lang, e.Problem.Text)
	case e.State == flows.ExhibitRefused:
		row.Class, row.State = "bad", z.word(lang, "file.refused")
		if e.Refusal != nil {
			row.Why = z.say(lang, flows.RefusalText(e.Refusal))
		}
	case e.State == flows.ExhibitProbed && e.Probe != nil && e.Probe.Damaged:
		row.Class, row.State = "good", z.word(lang, "file.damaged")
	case e.State == flows.ExhibitProbed:
		row.Class, row.State = "good", z.word(lang, "file.fine")
	case e.State == flows.ExhibitStored:
		row.State = z.word(lang, "file.checking")
	default:
		row.State = z.word(lang, "file.received")
	}
	return row
}

// moves are what can be done about a file: the presses that lead there, as the
// conversation asks for them.
func (z *Wizard) moves(lang string, s catalog.Scenario, e *flows.Exhibit, m matter) []button {
	var all []button
	for i, slot := range s.Exhibits {
		if slot.ID != e.Slot && !m.declined(slot) && e.State != flows.ExhibitRefused {
			all = append(all, button{Name: "move", Value: e.ID + " s" + strconv.Itoa(i), Label: z.word(lang, "file.move", "slot", slot.Name.In(lang))})
		}
	}
	return append(all, button{Name: "move", Value: e.ID + " remove", Label: z.word(lang, "file.remove"), Class: "danger"})
}

// fileName is a file's name for people: cleaned and short.
func (z *Wizard) fileName(lang, name string) string {
	name, _ = flows.Clean(filepath.ToSlash(name), 400)
	if name = strings.Join(strings.Fields(name), " "); name == "" {
		return z.say(lang, flows.T("talk.file.unnamed"))
	}
	return flows.Shorten(name, 60)
}

// kinds is what a slot takes, in words.
func (z *Wizard) kinds(lang string, accept []string) string {
	var all []flows.Text
	for _, kind := range accept {
		all = append(all, flows.T("web.wizard.kind."+kind))
	}
	return z.word(lang, "kinds", "kinds", all)
}

// accept is the same for a file field: a hint for the picker, judged when it is
// looked at.
func accept(kinds []string) string {
	var all []string
	for _, kind := range kinds {
		switch kind {
		case "video":
			all = append(all, "video/*")
		case "image":
			all = append(all, "image/*")
		case "document":
			all = append(all, ".pdf", ".docx", ".txt")
		}
	}
	return strings.Join(all, ",")
}
