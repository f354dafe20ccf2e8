package flows

import (
	"context"
	"slices"
)

// Links makes addresses of the web pages for people in the chat. Each holds a
// code that lets in whoever has it, so that it is made when asked for and ends
// soon.
type Links interface {
	// Upload is the address of an upload page for the person, into one case, or
	// into what they are putting together when caseID is "".
	Upload(ctx context.Context, actor, chat, caseID, lang string) (url string, err error)
	// Enter is an address that logs the person's browser in once and leads to the
	// case's page, or to the beginning when caseID is "".
	Enter(ctx context.Context, actor, caseID, lang string) (url string, err error)
}

// linked says whether this person can be given links: there are pages, and they
// are not on one now.
func (t *turn) linked() bool {
	return t.cfg.Links != nil && t.cfg.PublicURL != "" && !t.event.Direct
}

// uploadLink is the way for files that the chat cannot carry; false when the turn
// must be taken again with it.
func (t *turn) uploadLink() (Choice, bool) {
	r := request{what: "upload", chat: t.session.Chat, lang: t.session.Lang}
	if t.drafting() {
		r.arg = t.kase.ID
	}
	said := t.gate(r)
	if said == nil {
		return Choice{}, false
	}
	return Choice{Label: T("talk.web.upload"), URL: said.code}, true
}

// offerUpload sends the link as a message of its own: it stays good while the
// conversation goes on.
func (t *turn) offerUpload(before []Block, after ...Block) {
	link, ok := t.uploadLink()
	if !ok {
		return
	}
	t.effects = append(t.effects, Effect{
		Kind: EffectShow, Chat: t.session.Chat,
		Screen: &Screen{Step: "note", Token: tokenKeep, Lang: t.session.Lang, Blocks: slices.Concat(before, []Block{{Text: T("talk.web.how")}}, after), Rows: [][]Choice{{link}}},
	})
}

// enterPage gives the link to the page of the case in hand.
func (t *turn) enterPage() {
	if !t.linked() {
		t.hint(T("talk.help.nolinks"))
		t.reask()
		return
	}
	r := request{what: "enter", lang: t.session.Lang}
	if t.kase != nil && !t.drafting() && !t.kase.Quarantined {
		r.arg = t.kase.ID
	}
	said := t.gate(r)
	if said == nil {
		return
	}
	t.alone("note", [][]Choice{{{Label: T("talk.web.open"), URL: said.code}}}, Block{Text: T("talk.web.enter")})
}

// bound puts the draft in hand that an upload was meant for, should another
// matter have been begun since.
func (t *turn) bound() {
	if t.event.Case == "" || t.kase != nil && t.kase.ID == t.event.Case {
		return
	}
	for _, c := range t.recent {
		if c.ID == t.event.Case && c.State(t.now) == CaseDraft && !c.Quarantined {
			t.take(c)
			return
		}
	}
}
