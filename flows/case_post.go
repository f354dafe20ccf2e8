package flows

import (
	"fmt"
	"slices"
	"time"

	"clipcase/media"
)

// PostState says how far the sending of a mail is.
type PostState string

// sending → sent | refused; refused also later, when the mail came back.
const (
	PostSending PostState = "sending"
	PostSent    PostState = "sent"
	PostRefused PostState = "refused"
)

// maxPosts is how often one case's mails, and those of a person in a day, may be sent
// from the operator's mailbox.
const maxPosts = 5

// Post is the sending of a pack's mail from the operator's mailbox.
type Post struct {
	N       int       `json:"n"`                  // of the case's sendings, from 1
	To      string    `json:"to"`                 // one address
	ReplyTo string    `json:"reply_to,omitempty"` // where answers go; "" = to the operator
	Blob    string    `json:"blob"`               // the mail
	State   PostState `json:"state"`
	At      time.Time `json:"at"` // of the state
	Why     *Text     `json:"why,omitempty"`
}

// Mail is the pack's mail draft, if it has one that is made.
func (p *Pack) Mail() (Piece, bool) {
	i := slices.IndexFunc(p.Pieces, func(x Piece) bool { return x.Kind == media.KindEML && x.Blob != "" })
	if i < 0 {
		return Piece{}, false
	}
	return p.Pieces[i], true
}

// Posted is the sending numbered n, nil if it is not the latest of its pack.
func (c *Case) Posted(n int) *Post {
	for i := range c.Packs {
		if post := c.Packs[i].Post; post != nil && post.N == n {
			return post
		}
	}
	return nil
}

// MailCameBack notes that the mail sent last was returned after the server had
// taken it; NotFound where none was sent.
func (c *Case) MailCameBack(now time.Time) ([]Effect, error) {
	last := 0
	for i := range c.Packs {
		if post := c.Packs[i].Post; post != nil && post.State == PostSent {
			last = max(last, post.N)
		}
	}
	if last == 0 {
		return nil, &Error{Class: NotFound, Text: T("talk.absent"), Err: fmt.Errorf("case %s sent no mail", c.ID)}
	}
	why := T("talk.mail.bounced")
	return c.PostEnded(last, PostRefused, &why, now)
}

// PostEnded notes what became of a sending and tells the person; why says why it
// was refused. It may be repeated. An error of class Conflict says that this
// sending is no longer wanted.
func (c *Case) PostEnded(n int, state PostState, why *Text, now time.Time) ([]Effect, error) {
	i := slices.IndexFunc(c.Packs, func(p Pack) bool { return p.Post != nil && p.Post.N == n })
	if i < 0 || c.ended() {
		return nil, conflict("case %s sends no mail %d", c.ID, n)
	}
	p := &c.Packs[i]
	if p.Post.State == state {
		return nil, nil
	}
	p.Post.State, p.Post.At, p.Post.Why = state, now, why
	if state == PostSent {
		p.Fate = FateSent
		c.note(now, "mailed", "channel", p.Channel)
		return []Effect{
			c.show("", time.Time{}, Block{Text: T("talk.mail.sent", "to", p.Post.To)}, Block{Style: StyleNote, Text: T("talk.mail.sent.note")}),
			c.followAt(p, now.Add(FollowUpAfter)),
		}, nil
	}
	p.Fate = FateUnsent
	c.note(now, "mail-refused", "channel", p.Channel)
	blocks := []Block{{Text: T("talk.mail.failed", "to", p.Post.To)}}
	if why != nil {
		blocks = append(blocks, Block{Style: StyleQuote, Text: *why})
	}
	told := c.show("", time.Time{}, append(blocks, Block{Text: T("talk.mail.failed.do")})...)
	told.Screen.Rows = [][]Choice{{c.keepPack("mail", p, T("talk.mail.again"))}}
	return []Effect{told}, nil
}
