// Package post sends a case's mail from the operator's mailbox, over TLS or not at
// all. What the mail says is written elsewhere; who may send, and how often, too.
package post

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"

	"clipcase/flows"
)

// Config is the way to the mail server. URL must be given.
type Config struct {
	// URL is smtp://user:password@host:587, where STARTTLS is a must, or
	// smtps://user:password@host:465. ?from=box@example.org is the mailbox it is sent
	// from; without it the user must be an address.
	URL     string
	Roots   *x509.CertPool // authorities the server's certificate may come from; nil = the system's
	Timeout time.Duration  // for connecting and for each answer; 0 = 1 min
}

// Post sends mails. It keeps nothing between them and may be used by any number of
// goroutines.
type Post struct {
	cfg            Config
	host, port     string
	user, password string
	from           string
	implicit       bool // TLS from the first byte
}

// New checks the address.
func New(cfg Config) (*Post, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Hostname() == "" {
		return nil, errors.New("post: want smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	p := &Post{cfg: cfg, host: u.Hostname(), port: u.Port(), user: u.User.Username(), from: u.Query().Get("from"), implicit: u.Scheme == "smtps"}
	p.password, _ = u.User.Password()
	if u.Scheme != "smtp" && !p.implicit {
		return nil, fmt.Errorf("post: %q is no way to send mail: want smtp or smtps", u.Scheme)
	}
	if p.port == "" {
		p.port = map[bool]string{true: "465", false: "587"}[p.implicit]
	}
	if p.from == "" {
		p.from = p.user
	}
	if !flows.IsAddress(p.from) {
		return nil, errors.New("post: no mailbox to send from: add ?from=box@example.org")
	}
	if cfg.Timeout == 0 {
		p.cfg.Timeout = time.Minute
	}
	return p, nil
}

// From is the mailbox that mails are sent from.
func (p *Post) From() string { return p.from }

// Mail is one mail to send.
type Mail struct {
	Path    string // a draft as a file: RFC 5322, with no sender and no receiver
	To      string
	ReplyTo string // "" = answers come to the operator's mailbox
	ID      string // the same for the same mail sent again, so that it is taken for one; letters, digits, dots and hyphens
}

// Send hands the mail to the server. An error of class UserMedia says that the
// server refused this mail or its receiver for good, with its words as the argument
// "why"; Internal that it refuses us, which whoever runs this must mend; Unavailable
// that it may be tried again. After an error the mail may have been taken all the same.
func (p *Post) Send(ctx context.Context, m Mail) error {
	if !flows.IsAddress(m.To) || m.ReplyTo != "" && !flows.IsAddress(m.ReplyTo) {
		return &flows.Error{Class: flows.Invalid, Text: flows.T("post.address"), Err: errors.New("post: not an address")}
	}
	draft, err := os.Open(m.Path)
	if err != nil {
		return fmt.Errorf("post: %w", err)
	}
	defer func() { _ = draft.Close() }() // only read
	c, end, err := p.dial(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := c.Mail("<" + p.from + ">"); err != nil {
		return ours(err)
	}
	for _, step := range []func() error{
		func() error { return c.Rcpt("<" + m.To + ">") },
		func() error { return p.data(c, draft, m) },
	} {
		if err := step(); err != nil {
			return answered(err)
		}
	}
	_ = c.Quit() // the mail is theirs now
	return nil
}

// Check connects and proves who we are, and sends nothing.
func (p *Post) Check(ctx context.Context) error {
	c, end, err := p.dial(ctx)
	if err != nil {
		return err
	}
	defer end()
	return ours(c.Noop())
}

// dial connects, demands TLS and logs in. end closes the connection.
func (p *Post) dial(ctx context.Context) (c *smtp.Client, end func(), err error) {
	d := &net.Dialer{Timeout: p.cfg.Timeout}
	conn, err := d.DialContext(ctx, "tcp", net.JoinHostPort(p.host, p.port))
	if err != nil {
		return nil, nil, away(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // what waits for an answer ends
	hangUp := func() {
		stop()
		_ = conn.Close() // nothing is left to be said
	}
	defer func() {
		if err != nil {
			hangUp()
		}
	}()
	secure := &tls.Config{ServerName: p.host, RootCAs: p.cfg.Roots, MinVersion: tls.VersionTLS12}
	patient := &patientConn{Conn: conn, each: p.cfg.Timeout}
	var line net.Conn = patient
	if p.implicit {
		line = tls.Client(patient, secure)
	}
	if c, err = smtp.NewClient(line, p.host); err != nil {
		return nil, nil, ours(err)
	}
	if !p.implicit {
		if ok, _ := c.Extension("STARTTLS"); !ok {
			err = &flows.Error{Class: flows.Internal, Text: flows.T("post.tls"), Err: errors.New("post: the server offers no TLS")}
			return nil, nil, err
		}
		if err = c.StartTLS(secure); err != nil {
			return nil, nil, away(fmt.Errorf("TLS: %w", err))
		}
	}
	if p.user != "" {
		if err = c.Auth(smtp.PlainAuth("", p.user, p.password, p.host, false)); err != nil {
			return nil, nil, ours(err)
		}
	}
	return c, hangUp, nil
}

// data sends the draft with the lines on top that it has none of.
func (p *Post) data(c *smtp.Client, draft io.Reader, m Mail) error {
	head, body, err := headers(draft)
	if err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	top := "From: <" + p.from + ">\r\nTo: <" + m.To + ">\r\n"
	if m.ReplyTo != "" {
		top += "Reply-To: <" + m.ReplyTo + ">\r\n"
	}
	_, domain, _ := strings.Cut(p.from, "@")
	top += "Message-ID: <" + m.ID + "@" + domain + ">\r\n"
	_, err = io.Copy(w, io.MultiReader(strings.NewReader(top), strings.NewReader(head), body))
	if err != nil {
		return err // the connection is dropped, and with it the half mail
	}
	return w.Close()
}

// answered sorts what a server said: 4xx is for now, 5xx for good.
func answered(err error) error {
	var said *textproto.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said) && said.Code >= 500:
		why, _ := flows.Clean(said.Msg, 300)
		return &flows.Error{Class: flows.UserMedia, Text: flows.T("post.refused", "code", said.Code, "why", why), Err: fmt.Errorf("post: the server said %d", said.Code)}
	}
	return away(err)
}

// ours sorts what a server says before it heard of a mail: what it refuses for good
// is us.
func ours(err error) error {
	var said *textproto.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &said) && said.Code >= 500:
		return &flows.Error{Class: flows.Internal, Text: flows.T("post.us", "code", said.Code), Err: fmt.Errorf("post: the server refuses us with %d", said.Code)}
	}
	return away(err)
}

func away(err error) error {
	return &flows.Error{Class: flows.Unavailable, Text: flows.T("post.away"), Err: fmt.Errorf("post: %w", err)}
}
