package flows

import (
	"net/mail"
	"strings"

	"clipcase/flows/catalog"
	"clipcase/media"
)

// Envelope is a mail that a person is about to have sent.
type Envelope struct {
	Channel string `json:"channel,omitempty"` // whose mail; of the case in hand
	Blob    string `json:"blob,omitempty"`    // the mail that was shown
	To      string `json:"to,omitempty"`
	ReplyTo string `json:"reply_to,omitempty"`
}

// Mailed counts the mails that a person had sent on a day.
type Mailed struct {
	Day string `json:"day,omitempty"`
	N   int    `json:"n,omitempty"`
}

// sentToday is how many mails the person had sent since midnight.
func (t *turn) sentToday() int {
	if t.session.Mailed.Day != FormatDay(t.now) {
		return 0
	}
	return t.session.Mailed.N
}

// maxMailShown is how many characters of a mail's words are shown before it is
// sent; all of them were handed out before.
const maxMailShown = 1500

// envelope is the pack whose mail is to be sent; nil when there is none any more.
func (t *turn) envelope() *Pack {
	if t.kase == nil || t.session.Envelope.Channel == "" {
		return nil
	}
	p := t.kase.Pack(t.session.Envelope.Channel)
	if p == nil {
		return nil
	}
	if draft, ok := p.Mail(); !ok || draft.Blob != t.session.Envelope.Blob { // another one was made since
		return nil
	}
	return p
}

// mail begins the sending of a pack's mail from the operator's mailbox.
func (t *turn) mail(p *Pack, ch catalog.Channel) {
	_, ok := p.Mail()
	sent := 0
	for i := range t.kase.Packs {
		if post := t.kase.Packs[i].Post; post != nil {
			sent = max(sent, post.N)
		}
	}
	switch {
	case t.cfg.Mailbox == "" || !ok:
		t.alone("note", nil, Block{Text: T("talk.mail.none", "channel", t.local(ch.Name))})
	case p.Post != nil && p.Post.State == PostSending:
		t.alone("note", nil, Block{Text: T("talk.mail.sending", "to", p.Post.To)})
	case sent >= maxPosts || t.sentToday() >= maxPosts:
		t.alone("note", nil, Block{Text: T("talk.mail.enough", "count", maxPosts)})
	default:
		draft, _ := p.Mail() // it has one: ok
		t.session.Envelope = Envelope{Channel: p.Channel, Blob: draft.Blob}
		t.enter("mailto")
		t.ask()
	}
}

// unsend leaves the letter where it is.
func (t *turn) unsend() bool {
	t.session.Envelope, t.session.Step = Envelope{}, ""
	t.hint(T("talk.mail.not"))
	t.status()
	return false
}

// IsAddress says whether text is one address of a mailbox and nothing else.
func IsAddress(text string) bool {
	a, err := mail.ParseAddress(text)
	return err == nil && a.Name == "" && a.Address == text && len(text) <= 254 &&
		!strings.ContainsAny(text, " \"\r\n<>,;()") && strings.Contains(text[strings.LastIndexByte(text, '@'):], ".")
}

// address reads one address; false after having said what is wrong.
func (t *turn) address(text string) (string, bool) {
	text = strings.TrimSpace(text)
	if !IsAddress(text) {
		t.say(T("talk.mail.address"))
		t.ask()
		return "", false
	}
	return text, true
}

func mailtoPart() part {
	return part{
		blocks: func(*turn) []Block {
			return []Block{{Style: StyleTitle, Text: T("talk.mail.to")}, {Text: T("talk.mail.to.what")}, {Style: StyleNote, Text: T("talk.mail.to.care")}}
		},
		take: func(t *turn, text string) {
			if to, ok := t.address(text); ok {
				t.session.Envelope.To = to
				t.enter("mailback")
				t.ask()
			}
		},
		forward: func(*turn) Text { return T("talk.mail.no") },
		ahead:   (*turn).unsend,
		returns: true,
	}
}

func mailbackPart() part {
	return part{
		blocks: func(*turn) []Block {
			return []Block{{Style: StyleTitle, Text: T("talk.mail.back")}, {Text: T("talk.mail.back.what")}}
		},
		take: func(t *turn, text string) {
			if back, ok := t.address(text); ok {
				t.session.Envelope.ReplyTo = back
				t.enter("mailgo")
				t.ask()
			}
		},
	}
}

// mailgoPart shows the mail as it goes out, before it does.
func mailgoPart() part {
	return part{
		blocks: func(t *turn) []Block {
			p := t.envelope()
			if p == nil || t.session.Envelope.To == "" {
				return []Block{{Text: T("talk.mail.gone")}}
			}
			l := t.session.Envelope
			blocks := []Block{
				{Style: StyleTitle, Text: T("talk.mail.look")},
				{Style: StyleItem, Text: T("talk.mail.from", "from", t.cfg.Mailbox)},
				{Style: StyleItem, Text: T("talk.mail.receiver", "to", l.To)},
			}
			if l.ReplyTo != "" {
				blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.mail.answers", "to", l.ReplyTo)})
			}
			blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.mail.subject", "subject", p.Subject)},
				Block{Style: StyleQuote, Text: Text{Plain: Shorten(p.Words, maxMailShown)}})
			for _, piece := range p.Pieces {
				if piece.Kind != media.KindEML {
					blocks = append(blocks, Block{Style: StyleItem, Text: T("talk.mail.file", "name", piece.Name, "size", FormatBytes(piece.Bytes))})
				}
			}
			for _, w := range capped(p.Warnings) {
				blocks = append(blocks, Block{Style: StyleNote, Text: T("deliver.warning", "what", w)})
			}
			return append(blocks, Block{Style: StyleNote, Text: T("talk.mail.care")})
		},
		options: func(t *turn) [][]Choice {
			if t.envelope() == nil {
				return nil
			}
			return [][]Choice{{{ID: "mailto", Label: T("talk.mail.other")}, {ID: "no", Label: T("talk.mail.no")}}}
		},
		pick: func(t *turn, choice string) {
			if choice == "no" {
				t.unsend()
				return
			}
			t.enter("mailto")
			t.ask()
		},
		forward: func(t *turn) Text {
			if t.envelope() == nil {
				return T("talk.button.return")
			}
			return T("talk.mail.send")
		},
		ahead: (*turn).send,
	}
}

// send hands the letter to whoever sends mails.
func (t *turn) send() bool {
	p, l := t.envelope(), t.session.Envelope
	if p == nil || l.To == "" || t.cfg.Mailbox == "" || p.Post != nil && p.Post.State == PostSending {
		return t.unsend()
	}
	draft, _ := p.Mail() // it has one: envelope
	n := 1
	for i := range t.kase.Packs {
		if post := t.kase.Packs[i].Post; post != nil {
			n = max(n, post.N+1)
		}
	}
	p.Post = &Post{N: n, To: l.To, ReplyTo: l.ReplyTo, Blob: draft.Blob, State: PostSending, At: t.now}
	t.kase.note(t.now, "mailing", "channel", p.Channel)
	t.changed, t.session.Step, t.session.Envelope = true, "", Envelope{}
	t.session.Mailed = Mailed{Day: FormatDay(t.now), N: t.sentToday() + 1}
	t.effects = append(t.effects, Effect{Kind: EffectPost, Actor: t.kase.Actor, Chat: t.kase.Chat, Case: t.kase.ID, Channel: p.Channel, Round: n})
	t.alone("note", nil, Block{Text: T("talk.mail.sending", "to", l.To)})
	return false
}
