package wizard

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/web/entry"
)

// act takes a form in: one event, or a few that belong together, each with an id
// that follows from the form's nonce, so that the same form sent twice acts once.
func (z *Wizard) act(w http.ResponseWriter, r *http.Request, v entry.Visitor) {
	if !z.visitors.Limit(w, r, "wizard", perMinute, time.Minute) {
		return
	}
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			z.visitors.Trouble(w, r, &flows.Error{Class: flows.Invalid, Text: flows.T("web.wizard.toolong", "max", flows.MaxStatement), Err: err})
			return
		}
		z.visitors.Trouble(w, r, entry.Broken())
		return
	}
	form := r.PostForm
	if form.Has("dismiss") {
		seen, err := strconv.ParseInt(form.Get("dismiss"), 10, 64)
		if err != nil {
			z.visitors.Trouble(w, r, entry.Broken())
			return
		}
		if err := z.dismiss(r.Context(), v, time.UnixMilli(seen)); err != nil {
			z.visitors.Trouble(w, r, err)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	if !entry.IsNonce(form.Get("nonce")) {
		z.visitors.Trouble(w, r, entry.Broken())
		return
	}
	state, err := z.people.Load(r.Context(), v.Session.Actor, z.cfg.Clock())
	if err != nil {
		z.visitors.Trouble(w, r, fmt.Errorf("load: %w", err))
		return
	}
	todo, wrong := z.todo(form, state)
	if wrong != nil {
		z.again(w, r, v, form, *wrong)
		return
	}
	if len(todo) == 0 {
		z.visitors.Trouble(w, r, entry.Broken())
		return
	}
	screen, err := z.run(r.Context(), v, state, form, todo)
	switch {
	case err != nil:
		z.visitors.Trouble(w, r, err)
	case z.unkept(form, state):
		z.unwritten(w, r, v, form)
	case screen.Token == tokenKeep:
		z.write(w, http.StatusOK, v, "step", z.bare(v, screen))
	case oneLine(form) && screen.Step == form.Get("step"): // it was not understood: the step says why
		z.again(w, r, v, form, flows.Text{})
	default:
		http.Redirect(w, r, "/#step", http.StatusSeeOther)
	}
}

// dismiss takes away what was said until a page was made.
func (z *Wizard) dismiss(ctx context.Context, v entry.Visitor, seen time.Time) error {
	state, err := z.people.Load(ctx, v.Session.Actor, z.cfg.Clock())
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	if err := z.doors.ClearNotices(ctx, chatOf(state, v), seen); err != nil {
		return fmt.Errorf("clear notices: %w", err)
	}
	return nil
}

// oneLine says whether a form brings a line that the step has to understand.
func oneLine(form url.Values) bool {
	return slices.Contains([]string{"mailto", "mailback", "apart"}, form.Get("step")) && form.Get("choice") == "next" && plainText(form.Get("text")) != ""
}

// again shows the step with what was filled in and what is wrong with it; without
// words of its own for that the step's must do.
func (z *Wizard) again(w http.ResponseWriter, r *http.Request, v entry.Visitor, form url.Values, wrong flows.Text) {
	state, err := z.people.Load(r.Context(), v.Session.Actor, z.cfg.Clock())
	if err != nil {
		z.visitors.Trouble(w, r, fmt.Errorf("load: %w", err))
		return
	}
	seen := look{begun: true}
	if wrong.Key != "" {
		seen.wrong = z.say(v.Lang, wrong)
	}
	seen.typed = map[string]string{}
	for _, name := range []string{"text", "file", "from", "to"} {
		seen.typed[name], _ = flows.Clean(form.Get(name), flows.MaxStatement)
	}
	p, err := z.sheet(r.Context(), v, state, seen)
	if err != nil {
		z.visitors.Trouble(w, r, err)
		return
	}
	z.write(w, http.StatusUnprocessableEntity, v, "step", p)
}

// unkept says whether a form brings words for a step that is over, which are not
// what stands there already.
func (z *Wizard) unkept(form url.Values, state flows.State) bool {
	step, text := form.Get("step"), plainText(form.Get("text"))
	if text == "" || form.Get("choice") == leave || here(form, state) {
		return false
	}
	m := matterOf(state)
	kept := []string{m.statement}
	if state.Case != nil {
		for _, answer := range state.Case.Answers {
			kept = append(kept, answer)
		}
	}
	return slices.Contains([]string{"statement", "question"}, step) &&
		!slices.ContainsFunc(kept, func(k string) bool { return plainText(k) == text })
}

// unwritten shows the step in hand with words that were written on a page of
// before: nothing was changed by them, and they can be copied.
func (z *Wizard) unwritten(w http.ResponseWriter, r *http.Request, v entry.Visitor, form url.Values) {
	state, err := z.people.Load(r.Context(), v.Session.Actor, z.cfg.Clock())
	if err != nil {
		z.visitors.Trouble(w, r, fmt.Errorf("load: %w", err))
		return
	}
	p, err := z.sheet(r.Context(), v, state, look{begun: true})
	if err != nil {
		z.visitors.Trouble(w, r, err)
		return
	}
	p.Unkept, _ = flows.Clean(form.Get("text"), flows.MaxStatement)
	z.write(w, http.StatusConflict, v, "step", p)
}

// here says whether a form's words are for the step in hand.
func here(form url.Values, state flows.State) bool {
	step := form.Get("step")
	return state.Session.Step == step && (step != "question" || number(form.Get("number")) == state.Session.Question)
}

// move is one event of a form. Its id is the form's with mark behind it; the last
// one's mark is empty.
type move struct {
	kind flows.EventKind
	text string   // command, choice or words
	keep bool     // a choice that belongs to no step
	at   []string // steps at which it makes sense; nil = any
	mark string
}

func press(choice string, at ...string) move {
	return move{kind: flows.EventChoice, text: choice, at: at}
}

// run takes the moves one after the other, as long as the conversation is where
// they belong.
func (z *Wizard) run(ctx context.Context, v entry.Visitor, state flows.State, form url.Values, todo []move) (flows.Screen, error) {
	last := len(todo) - 1
	token := form.Get("token")
	if fresh := token == state.Session.Token; !fresh && last > 0 && !todo[0].keep {
		// An old page, or the same form once more: the last event tells which.
		todo, last = []move{{kind: flows.EventChoice, text: "next"}}, 0
	}
	var screen flows.Screen
	for i, m := range todo {
		if i > 0 && m.at != nil && !slices.Contains(m.at, screen.Step) {
			return screen, nil
		}
		id := form.Get("nonce")
		if i < last {
			id += ":" + m.mark
		}
		event := z.event(v, state, id)
		event.Kind, event.Token = m.kind, token
		switch m.kind {
		case flows.EventCommand:
			event.Command = m.text
		case flows.EventText:
			event.Text = m.text
		default:
			event.Choice = m.text
		}
		if m.keep {
			event.Token = tokenKeep
		}
		var err error
		if screen, err = z.talk.Handle(ctx, event); err != nil {
			return screen, fmt.Errorf("take the step: %w", err)
		}
		token = screen.Token
	}
	return screen, nil
}

// commands are those that pages have buttons for.
func commands() []string { return []string{"new", "cancel", "help", "privacy", "invite"} }

// todo is what a form asks for. wrong says what is to be filled in differently.
func (z *Wizard) todo(form url.Values, state flows.State) (todo []move, wrong *flows.Text) {
	step, choice := form.Get("step"), form.Get("choice")
	switch {
	case form.Has("kept"):
		return []move{{kind: flows.EventChoice, text: form.Get("kept"), keep: true}}, nil
	case form.Has("command"):
		if !slices.Contains(commands(), form.Get("command")) {
			return nil, nil
		}
		return []move{{kind: flows.EventCommand, text: form.Get("command")}}, nil
	case form.Has("delete"):
		open := move{kind: flows.EventChoice, text: "case." + form.Get("delete"), keep: true, mark: "open"}
		if !mine(state, form.Get("delete")) {
			open.mark = ""
			return []move{open}, nil // the answer to what is not there
		}
		return []move{open, {kind: flows.EventCommand, text: "delete"}}, nil
	case form.Has("move"):
		file, to, _ := strings.Cut(form.Get("move"), " ")
		sort, pick := press("sort"), press(file, "files")
		sort.mark, pick.mark = "sort", "pick"
		return []move{sort, pick, press(to, "slot")}, nil
	case step == "can" && (choice == "next" || choice == "back"):
		return append(toggles(form["can"], state), press(choice, "can")), nil
	case step == "key" && choice == "next":
		return keyMoves(form, state)
	case choice == leave:
		return []move{press("next")}, nil
	case slices.Contains([]string{"statement", "question", "mailto", "mailback", "apart"}, step) && choice != "":
		return z.wordMoves(form, state), nil
	case choice != "":
		return []move{press(choice)}, nil
	}
	return nil, nil
}

// mine says whether a case is one of the person's own.
func mine(state flows.State, id string) bool {
	return state.Case != nil && state.Case.ID == id || slices.ContainsFunc(state.Recent, func(c *flows.Case) bool {
		return c != nil && c.ID == id && c.Actor == state.Session.Actor
	})
}

// toggles turns on what is ticked and off what is not. "None of it" beside
// something else is taken as the something.
func toggles(ticked []string, state flows.State) []move {
	wanted := slices.DeleteFunc(slices.Clone(ticked), func(id string) bool { return id == "none" && len(ticked) > 1 })
	var all []move
	add := func(id string) {
		m := press(id, "can")
		m.mark = "can." + id
		all = append(all, m)
	}
	on := matterOf(state).can
	for _, row := range state.Session.Last.Rows {
		for _, c := range row {
			switch is := slices.Contains(on, c.ID); {
			case c.ID == "next" || c.ID == "back" || c.ID == "undo" || c.ID == toPages:
			case is && c.ID == "none" && len(wanted) > 0: // the first of the others turns it off
			case is != slices.Contains(wanted, c.ID):
				add(c.ID)
			}
		}
	}
	return all
}

// keyMoves is the key moment as a typed line, or the way on without one.
func keyMoves(form url.Values, state flows.State) ([]move, *flows.Text) {
	text, ok := moment(form, state.Case)
	switch {
	case !ok:
		t := flows.T("web.wizard.key.unclear")
		return nil, &t
	case text == "" || state.Session.Step != "key":
		return []move{press("next")}, nil
	}
	return []move{{kind: flows.EventText, text: text}}, nil
}

// wordMoves keeps what was written before it does what was pressed. Words for a
// step that is over are not taken for another one's.
func (z *Wizard) wordMoves(form url.Values, state flows.State) []move {
	step, choice := form.Get("step"), form.Get("choice")
	text := plainText(form.Get("text"))
	was, _ := written(z, state)
	was = plainText(was)
	switch {
	case !here(form, state) || text == was, step == "apart" && choice != "next": // another answer than the words
		return []move{press(choice)}
	case text == "": // an empty field takes back what was in it
		clear := press("clear", step)
		clear.mark = "clear"
		return []move{clear, press(choice, step)}
	}
	words := move{kind: flows.EventText, text: text, mark: "words"}
	switch {
	case choice == "next":
		return []move{words}
	case step == "statement" && choice == "ask":
		to := press("words", "review")
		to.mark = "to"
		return []move{words, to, press("ask", "statement")}
	case step == "statement" && choice == "back":
		to := press("back", "review")
		to.mark = "to"
		return []move{words, to, press("back", "statement")}
	case choice == "back":
		return []move{words, press("back", "question", "review")}
	}
	return []move{words, press(choice)}
}
