package post_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"clipcase/flows"
	"clipcase/flows/dossier/mail"
	"clipcase/post"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// office is a mail server that keeps what it is sent.
type office struct {
	mu       sync.Mutex
	from, to string
	mail     []byte
	logins   int
	refuse   *smtp.SMTPError // its answer to every receiver
}

func (o *office) NewSession(*smtp.Conn) (smtp.Session, error) { return &counter{office: o}, nil }

type counter struct {
	*office
	in bool
}

func (c *counter) AuthMechanisms() []string { return []string{sasl.Plain} }
func (c *counter) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "box@clip.example" || password != "secret" {
			return &smtp.SMTPError{Code: 535, Message: "wrong password"}
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.logins++
		c.in = true
		return nil
	}), nil
}
func (c *counter) Mail(from string, _ *smtp.MailOptions) error {
	if !c.in {
		return smtp.ErrAuthRequired
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from = from
	return nil
}
func (c *counter) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.refuse != nil {
		return c.refuse
	}
	c.to = to
	return nil
}
func (c *counter) Data(r io.Reader) error {
	all, err := io.ReadAll(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil {
		c.mail = all
	}
	return err
}
func (c *counter) Reset()        {}
func (c *counter) Logout() error { return nil }

// serve runs the office on loopback; implicit says TLS from the first byte, plain none at all.
func serve(t *testing.T, o *office, implicit, plain bool) (addr string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	from := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "office"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, from, from, &key.PublicKey, key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(raw)
	require.NoError(t, err)
	roots = x509.NewCertPool()
	roots.AddCert(cert)
	secure := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}
	s := smtp.NewServer(o)
	s.Domain, s.AllowInsecureAuth = "office", plain
	if !plain {
		s.TLSConfig = secure
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr = l.Addr().String()
	if implicit {
		l = tls.NewListener(l, secure)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(l) // ends with Close
	}()
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		<-done
	})
	return addr, roots
}

func draft(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "材料.pdf")
	require.NoError(t, os.WriteFile(file, bytes.Repeat([]byte("%PDF "), 20_000), 0o600))
	to := filepath.Join(dir, "message.eml")
	_, err := mail.Draft{
		Lang: "zh", Subject: "[视频工单] CC0042 账号被误封", Text: "您好\n.\n附上材料", Date: time.Date(2026, 11, 22, 4, 0, 0, 0, time.UTC),
		Files: []mail.File{{Path: file, Name: "材料.pdf"}},
	}.Write(t.Context(), to)
	require.NoError(t, err)
	return to
}

func TestSend(t *testing.T) {
	t.Parallel()
	for name, implicit := range map[string]bool{"smtp": false, "smtps": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &office{}
			addr, roots := serve(t, o, implicit, false)
			p, err := post.New(post.Config{URL: name + "://box%40clip.example:secret@" + addr, Roots: roots})
			require.NoError(t, err)
			require.Equal(t, "box@clip.example", p.From())
			require.NoError(t, p.Check(t.Context()))
			require.NoError(t, p.Send(t.Context(), post.Mail{Path: draft(t), To: "kefu@platform.example", ReplyTo: "me@home.example", ID: "CC0042.1"}))

			require.Equal(t, []any{"box@clip.example", "kefu@platform.example", 2}, []any{o.from, o.to, o.logins})
			m, err := netmail.ReadMessage(bytes.NewReader(o.mail))
			require.NoError(t, err)
			for header, want := range map[string]string{
				"From": "<box@clip.example>", "To": "<kefu@platform.example>", "Reply-To": "<me@home.example>",
				"Message-Id": "<CC0042.1@clip.example>", "X-Unsent": "",
			} {
				require.Equal(t, want, m.Header.Get(header), header)
				require.LessOrEqual(t, len(m.Header[header]), 1, header)
			}
			require.NotEmpty(t, m.Header.Get("Subject"))
			kept, err := os.ReadFile(draft(t))
			require.NoError(t, err)
			body := func(raw []byte) int { _, after, _ := bytes.Cut(raw, []byte("\r\n\r\n")); return len(after) }
			require.InDelta(t, body(kept), body(o.mail), 4, "all of it arrived")
		})
	}
}

// Without TLS not a word is sent, least of all the password.
func TestNothingInTheClear(t *testing.T) {
	t.Parallel()
	o := &office{}
	addr, roots := serve(t, o, false, true)
	p, err := post.New(post.Config{URL: "smtp://box%40clip.example:secret@" + addr, Roots: roots})
	require.NoError(t, err)
	err = p.Send(t.Context(), post.Mail{Path: draft(t), To: "kefu@platform.example", ID: "CC0042.1"})
	require.Equal(t, flows.Internal, flows.ClassOf(err), "%v", err)
	require.Equal(t, "post.tls", text(err).Key)
	require.Zero(t, o.logins)
	require.Empty(t, o.mail)

	stranger, _ := serve(t, o, false, false)
	p, err = post.New(post.Config{URL: "smtp://box%40clip.example:secret@" + stranger, Roots: x509.NewCertPool()})
	require.NoError(t, err)
	require.Equal(t, flows.Unavailable, flows.ClassOf(p.Check(t.Context())), "a certificate of nobody we know")
	require.Zero(t, o.logins)
}

func text(err error) flows.Text {
	var e *flows.Error
	if !errors.As(err, &e) {
		return flows.Text{}
	}
	return e.Text
}

func TestWhatServersAnswer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		refuse *smtp.SMTPError
		url    string
		class  flows.Class
	}{
		"for good":       {&smtp.SMTPError{Code: 550, Message: "no such mailbox \u202e<b>"}, "smtp://box%40clip.example:secret@", flows.UserMedia},
		"for now":        {&smtp.SMTPError{Code: 451, Message: "try again later"}, "smtp://box%40clip.example:secret@", flows.Unavailable},
		"wrong password": {nil, "smtp://box%40clip.example:wrong@", flows.Internal}, // not the person's fault
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr, roots := serve(t, &office{refuse: c.refuse}, false, false)
			p, err := post.New(post.Config{URL: c.url + addr, Roots: roots})
			require.NoError(t, err)
			err = p.Send(t.Context(), post.Mail{Path: draft(t), To: "kefu@platform.example", ID: "CC0042.1"})
			require.Equal(t, c.class, flows.ClassOf(err), "%v", err)
			require.NotContains(t, err.Error(), "secret")
			if c.class == flows.UserMedia {
				require.NotContains(t, text(err).Args["why"], "\u202e")
			}
		})
	}
	p, err := post.New(post.Config{URL: "smtp://box%40clip.example:secret@127.0.0.1:1"})
	require.NoError(t, err)
	require.Equal(t, flows.Unavailable, flows.ClassOf(p.Check(t.Context())))
}

// A server that says nothing is not waited for when the work is to end.
func TestEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	p, err := post.New(post.Config{URL: "smtp://box%40clip.example:secret@" + l.Addr().String()})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Check(ctx) }()
	conn, err := l.Accept()
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close()) }()
	cancel()
	require.Error(t, <-ended)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"a@b.cn", "first.last+tag@mail.example.org"} {
		require.True(t, flows.IsAddress(good), good)
	}
	for _, bad := range []string{"", "a", "a@b", "a@b.cn, c@d.cn", "A <a@b.cn>", "a@b.cn\r\nBcc: c@d.cn", "<a@b.cn>", "a b@c.cn", "a@b.cn ", strings.Repeat("a", 260) + "@b.cn", `"x y"@b.cn`} {
		require.False(t, flows.IsAddress(bad), "%q", bad)
	}
	for _, bad := range []string{"", "smtp://", "http://a:b@c", "smtp://user:p@host", "smtp://host", "smtp://u:p@host?from=nobody"} {
		_, err := post.New(post.Config{URL: bad})
		require.Error(t, err, bad)
		require.NotContains(t, err.Error(), ":p@", bad)
	}
}
