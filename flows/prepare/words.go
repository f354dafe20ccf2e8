package prepare

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/flows/wording"
	"clipcase/media"
)

// brief is what the person said, made safe to print.
type brief struct {
	statement string
	answers   []catalog.PasteAnswer
}

// messageFile holds the words to paste.
const messageFile = "message.txt"

// listen cleans what the person said and puts the answers in the order of the
// scenario's questions.
func (w *work) listen() {
	text, cut := flows.Clean(w.req.Statement, flows.MaxStatement)
	w.words.statement = text
	if cut {
		w.warn(nil, flows.T("dossier.warn.cleaned"))
	}
	for _, q := range w.scenario.Questions {
		most := q.Max
		if most <= 0 {
			most = flows.MaxAnswer
		}
		if answer, _ := flows.Clean(w.req.Answers[q.ID], most); answer != "" {
			w.record.Answers = append(w.record.Answers, dossier.Answer{ID: q.ID, Question: q.Text.In(w.req.Lang), Answer: answer})
			w.words.answers = append(w.words.answers, catalog.PasteAnswer{Question: q.Text.In(w.req.Lang), Answer: answer})
		}
	}
	w.record.Statement = text
	w.stopped()
}

// stopped names what a filter may stop in the words, unless the person knows.
func (w *work) stopped() {
	if w.req.Wording != WordingTold {
		return
	}
	var found []string
	look := func(text string) {
		for _, h := range wording.Find(w.cfg.Catalog.Wording(), w.req.Lang, text) {
			if said := w.say(flows.T("dossier.wording.item", "found", flows.Shorten(h.Found, 40), "say", h.Say)); !slices.Contains(found, said) {
				found = append(found, said)
			}
		}
	}
	look(w.words.statement)
	for _, a := range w.words.answers {
		look(a.Answer)
	}
	if len(found) > 0 {
		w.warn(nil, flows.T("dossier.warn.wording", "found", strings.Join(found, w.say(flows.T("dossier.wording.join")))))
	}
}

// neutral is what was said, in neutral wording.
func (p *pack) neutral(said brief) brief {
	say := func(text string) string { return wording.Neutral(p.cfg.Catalog.Wording(), p.req.Lang, text) }
	out := brief{statement: say(said.statement)}
	for _, a := range said.answers {
		if a.Answer = say(a.Answer); a.Answer != "" {
			out.answers = append(out.answers, a)
		}
	}
	return out
}

// say is words in the request's language.
func (w *work) say(text flows.Text) string { return flows.Render(w.cfg.Catalog, w.req.Lang, text) }

// warn adds to the case's warnings, and to a pack's own, what is not there yet.
func (w *work) warn(p *pack, text flows.Text) {
	said := w.say(text)
	if !slices.Contains(w.record.Warnings, said) {
		w.record.Warnings = append(w.record.Warnings, said)
	}
	if p != nil && !slices.ContainsFunc(p.notes, func(t flows.Text) bool { return w.say(t) == said }) {
		p.notes = append(p.notes, text)
	}
}

func (p *pack) name() string { return p.channel.Name.In(p.req.Lang) }

// slotName is what an exhibit stands for, in words; the file's name if the
// scenario does not know its slot.
func (w *work) slotName(e *exhibit) string {
	for _, s := range w.scenario.Exhibits {
		if s.ID == e.Slot {
			return s.Name.In(w.req.Lang)
		}
	}
	return flows.Shorten(e.shown, 40)
}

// compose fills the channel's words within its limits and writes them down. They
// speak of the files that are hoped for: what is still to be made comes later.
func (p *pack) compose() error {
	said := p.words
	if p.req.Wording == WordingNeutral {
		said = p.neutral(said)
	}
	if !p.channel.Links {
		said = p.withoutLinks(said)
	}
	files := p.hoped()
	data := catalog.PasteData{
		Case: p.req.Case, Date: p.begun.In(p.cfg.Zone).Format("2006-01-02"), Scenario: p.scenario.Name.In(p.req.Lang),
		Statement: said.statement, Answers: said.answers, Files: len(files),
	}
	for _, f := range files {
		if f.plan.Kind == media.KindEML { // the words stand in it
			f.line = f.exhibit.shown
			data.Files--
			continue
		}
		line, err := p.line(f)
		if err != nil {
			return err
		}
		f.line = line
		data.Pieces = append(data.Pieces, catalog.PastePiece{Line: line})
	}
	var err error
	if p.subject, err = p.fill(p.channel.Words.Title, data); err != nil {
		return err
	}
	p.subject = strings.Join(strings.Fields(p.subject), " ")
	if most := p.channel.Words.TitleMax; most > 0 && utf8.RuneCountInString(p.subject) > most {
		p.subject = flows.Shorten(p.subject, most-1)
	}
	if err := p.fit(data); err != nil {
		return err
	}
	text := p.body + "\n"
	if p.subject != "" {
		text = p.subject + "\n\n" + text
	}
	return os.WriteFile(filepath.Join(p.dir(), messageFile), []byte(text), 0o600)
}

// line is the words for one piece.
func (p *pack) line(f *file) (string, error) {
	if f.document {
		return p.say(flows.T("dossier.document.line", "name", f.plan.Name, "what", p.shown([]*exhibit{f.exhibit}))), nil
	}
	piece := f.piece()
	data := catalog.PieceData{
		Number: piece.Number, Of: piece.Of, Name: piece.Name, Slot: p.slotName(f.exhibit),
		From: flows.FormatClock(piece.Range.Start), To: flows.FormatClock(piece.Range.End),
	}
	if f.story != nil {
		data.Slot, data.From, data.To = f.exhibit.shown, "", ""
		if f.story.Compare {
			data.Slot = p.sights(f)
		}
	}
	if f.exhibit.probe.Kind == media.KindImage {
		data.From, data.To = "", "" // a picture has no running time
	}
	text, err := p.fill(p.channel.Words.PieceLine, data)
	return strings.TrimSpace(text), err
}

func (p *pack) fill(template catalog.Local, data any) (string, error) {
	text, err := p.cfg.Catalog.Fill(template.In(p.req.Lang), data)
	if err != nil {
		return "", fmt.Errorf("words: %w", err)
	}
	return text, nil
}

// fit shortens the person's words, longest first, until the body is within the
// channel's limit; the case summary has them whole.
func (p *pack) fit(data catalog.PasteData) error {
	most, short, after := p.channel.Words.BodyMax, false, p.postscript()
	for {
		body, err := p.fill(p.channel.Words.Body, data)
		if err != nil {
			return err
		}
		p.body = strings.TrimSpace(strings.TrimSpace(body) + "\n" + after)
		over := utf8.RuneCountInString(p.body) - most
		if most <= 0 || over <= 0 {
			break
		}
		short = true
		if !shortenLongest(&data, over) {
			p.body = sentences(p.body, most)
			break
		}
	}
	if short {
		p.warn(p, flows.T("dossier.warn.cut", "channel", p.name(), "max", most))
	}
	return nil
}

// shortenLongest takes at least one character from the longest of the person's
// texts; false when nothing is left to take.
func shortenLongest(data *catalog.PasteData, over int) bool {
	longest := &data.Statement
	answers := append([]catalog.PasteAnswer(nil), data.Answers...)
	for i := range answers {
		if utf8.RuneCountInString(answers[i].Answer) > utf8.RuneCountInString(*longest) {
			longest = &answers[i].Answer
		}
	}
	length := utf8.RuneCountInString(*longest)
	if length == 0 {
		return false
	}
	*longest = sentences(*longest, max(0, length-over))
	data.Answers = answers[:0]
	for _, a := range answers {
		if a.Answer != "" {
			data.Answers = append(data.Answers, a)
		}
	}
	return true
}

// sentences cuts text down to most characters after a whole sentence; where
// that would lose more than half, after a whole visible character, with an ellipsis.
func sentences(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	if most < 2 {
		return ""
	}
	kept := strings.TrimSuffix(flows.Shorten(text, most-1), "…")
	if end := strings.LastIndexAny(kept, "。！？；!?;\n"); end >= 0 {
		_, size := utf8.DecodeRuneInString(kept[end:])
		if whole := strings.TrimSpace(kept[:end+size]); utf8.RuneCountInString(whole)*2 >= most {
			return whole
		}
	}
	return strings.TrimSpace(kept) + "…"
}

// withoutLinks takes addresses out where the channel punishes them.
func (p *pack) withoutLinks(said brief) brief {
	out := brief{statement: unlinked(said.statement)}
	changed := out.statement != said.statement
	for _, a := range said.answers {
		was := a.Answer
		if a.Answer = unlinked(a.Answer); a.Answer != "" {
			out.answers = append(out.answers, a)
		}
		changed = changed || a.Answer != was
	}
	if changed {
		p.warn(p, flows.T("dossier.warn.links", "channel", p.name()))
	}
	return out
}

// unlinked is text without addresses.
func unlinked(text string) string {
	link := regexp.MustCompile(linkPattern)
	if !link.MatchString(text) {
		return text
	}
	gap := regexp.MustCompile(` +([。，、！？；：.,!?;:)）]|$)`)
	return strings.TrimSpace(gap.ReplaceAllString(link.ReplaceAllString(text, ""), "$1"))
}

// linkPattern is what people paste: with a scheme, with www, or a short link.
const linkPattern = `(?i)(?:\b[a-z][a-z0-9+.-]{1,15}://|\bwww\.|\b(?:t\.me|v\.douyin\.com|t\.cn|bit\.ly|dwz\.cn|url\.cn|pan\.baidu\.com|weixin\.qq\.com)/)[^\s<>"'，。；！？、）】》]*`
