package main

import (
	"context"
	"errors"

	"clipcase/flows"
	"clipcase/post"
)

// mailman is the post as jobs know it.
type mailman struct{ *post.Post }

func (m mailman) Send(ctx context.Context, path, to, replyTo, id string) error {
	return m.Post.Send(ctx, post.Mail{Path: path, To: to, ReplyTo: replyTo, ID: id})
}

// newPost opens the way to the mail server; without SMTP_URL there is none.
func (s *service) newPost() (err error) {
	if s.set.SMTPURL != "" {
		s.post, err = post.New(post.Config{URL: s.set.SMTPURL.Reveal()})
	}
	return err
}

// mailbox is the one that mails are sent from; "" = none are.
func (s *service) mailbox() string {
	if s.post == nil {
		return ""
	}
	return s.post.From()
}

// mailFindings asks the mail server whether it would take a mail from us.
func (a *app) mailFindings(ctx context.Context, s settings) []finding {
	if s.SMTPURL == "" {
		return nil
	}
	p, err := post.New(post.Config{URL: s.SMTPURL.Reveal()})
	if err == nil {
		err = p.Check(ctx)
	}
	what := a.say("cli.doctor.mail")
	if err == nil {
		return []finding{{good, what, p.From(), ""}}
	}
	mend := a.say("cli.mend.mail")
	var told *flows.Error
	if errors.As(err, &told) && told.Class == flows.Internal {
		mend = flows.Render(a.words, a.lang, told.Text)
	}
	return []finding{{bad, what, err.Error(), mend}}
}
