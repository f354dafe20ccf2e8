package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"clipcase/flows"
)

// Mailman sends a case's mail from the operator's mailbox.
type Mailman interface {
	// Send hands the draft at path to the mail server. id is the same for the same
	// mail sent again. An error of class UserMedia says in its words why the server
	// refused it for good; any other that it may be tried again, Internal that
	// somebody must mend something first.
	Send(ctx context.Context, path, to, replyTo, id string) error
}

// mailLate is how long a mail is tried.
const mailLate = 24 * time.Hour

// mail sends the mails that people asked for. A run that dies after the server
// took the mail sends it once more under the same id.
type mail struct {
	cfg     Config
	cases   Cases
	blobs   Blobs
	mailman Mailman
	notes   notes
	alerts  *alerts
	log     *slog.Logger
}

func (m *mail) run(ctx context.Context, t task, _ string) error {
	c, err := m.cases.Case(ctx, t.Case)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	if over(c) {
		return nil
	}
	post := c.Posted(t.Round)
	if post == nil || post.State != flows.PostSending {
		return nil
	}
	path, release, err := m.blobs.Stage(ctx, post.Blob)
	if absent(err) {
		gone := flows.T("jobs.mail.gone")
		return m.ended(ctx, t, flows.PostRefused, &gone)
	}
	if err != nil {
		return fmt.Errorf("stage the mail: %w", err)
	}
	defer release()
	err = m.mailman.Send(ctx, path, post.To, post.ReplyTo, t.Case+"."+strconv.Itoa(t.Round))
	if err == nil {
		m.log.Info("mail sent", "case", t.Case)
		return m.ended(ctx, t, flows.PostSent, nil)
	}
	if stopped(ctx, err) {
		return err
	}
	var said *flows.Error
	if errors.As(err, &said) && (said.Class == flows.UserMedia || said.Class == flows.Invalid) {
		m.log.Warn("mail refused", "case", t.Case, "err", said.Err) // what the server said may name the receiver
		return m.ended(ctx, t, flows.PostRefused, &said.Text)
	}
	if m.cfg.Clock().Sub(post.At) > mailLate {
		late := flows.T("jobs.mail.late")
		m.alerts.failure(ctx, t.Case, "")
		return m.ended(ctx, t, flows.PostRefused, &late)
	}
	tries, countErr := m.notes.count(ctx, "mail:"+t.subject())
	if countErr != nil {
		return countErr
	}
	m.log.Warn("mail waits", "case", t.Case, "try", tries, "err", err)
	if tries == 5 || tries == 1 && flows.ClassOf(err) == flows.Internal {
		m.alerts.failure(ctx, t.Case, "")
	}
	return &later{after: grow(m.cfg.Later, tries+2, 30*time.Minute), why: "mail server"}
}

func (m *mail) ended(ctx context.Context, t task, state flows.PostState, why *flows.Text) error {
	_, err := m.cases.Update(ctx, t.Case, func(c *flows.Case) ([]flows.Effect, error) {
		return c.PostEnded(t.Round, state, why, m.cfg.Clock())
	})
	if absent(err) || conflicting(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("note the mail: %w", err)
	}
	return nil
}
