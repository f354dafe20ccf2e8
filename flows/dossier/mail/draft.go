package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io"
	"mime"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
)

// Draft is a mail before it is sent. All words are plain text.
type Draft struct {
	Lang     string // of the words, for programs that read them aloud
	Subject  string
	Text     string
	Date     time.Time
	Pictures []File // shown in the mail, in their order
	Files    []File // attached
	Link     string // "" = none
	LinkText string // stands before the link
}

// File is one part of a mail.
type File struct {
	Path string
	Name string // as the receiver sees it; any script
	Type string // MIME type; "" = by the name's ending
	Line string // words below a picture
}

// Write puts the draft as one RFC 5322 message to a new file and says how large
// it became. X-Unsent makes programs open it for sending; it has no sender and no
// receiver, for these are the person's to choose. The same draft gives the same
// message but for the boundaries between its parts.
func (d Draft) Write(ctx context.Context, to string) (bytes int64, err error) {
	m, err := d.message(ctx)
	if err != nil {
		return 0, err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fmt.Errorf("mail: %w", err)
	}
	_, err = m.WriteTo(out)
	if err = errors.Join(err, out.Close(), ctx.Err()); err != nil {
		return 0, fmt.Errorf("mail: %w", errors.Join(err, os.Remove(to)))
	}
	info, err := os.Stat(to) // what is on disk counts, not what was said to be written
	if err != nil {
		return 0, fmt.Errorf("mail: %w", err)
	}
	return info.Size(), nil
}

func (d Draft) message(ctx context.Context) (*gomail.Msg, error) {
	page, err := d.page()
	if err != nil {
		return nil, err
	}
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingB64))
	m.SetGenHeaderPreformatted(gomail.HeaderSubject, subject(d.Subject))
	m.SetDateWithValue(d.Date)
	m.SetMessageIDWithValue(d.id() + "@clipcase.invalid")
	m.SetGenHeader("X-Unsent", "1")
	m.SetGenHeader("Content-Language", d.Lang)
	m.SetBodyString(gomail.TypeTextPlain, d.plain())
	m.AddAlternativeString(gomail.TypeTextHTML, page)
	for i, f := range d.Pictures {
		m.EmbedFile(f.Path, gomail.WithFileName(f.Name), gomail.WithFileContentID("<"+contentID(i)+">"), f.part(ctx, "inline"))
	}
	for _, f := range d.Files {
		m.AttachFile(f.Path, gomail.WithFileName(f.Name), f.part(ctx, "attachment"))
	}
	if len(m.GetEmbeds()) != len(d.Pictures) || len(m.GetAttachments()) != len(d.Files) {
		return nil, errors.New("mail: a file to put in cannot be read") // the library leaves it out without a word
	}
	return m, nil
}

// subject is a subject by RFC 2047, in words so short that the first stands on the
// header's own line: the library's begin on the next one, and readers that keep
// the white space of folds then find a blank before the text.
func subject(text string) string {
	const most = 30 // bytes before base64: 52 characters encoded
	var words []string
	word := ""
	for _, r := range strings.Join(strings.Fields(text), " ") {
		if len(word)+utf8.RuneLen(r) > most {
			words, word = append(words, encoded(word)), ""
		}
		word += string(r)
	}
	return strings.Join(append(words, encoded(word)), "\r\n ")
}

func encoded(word string) string {
	return "=?UTF-8?B?" + base64.StdEncoding.EncodeToString([]byte(word)) + "?="
}

// part sets the headers of a part and reads its file, ending with ctx. The name
// stands twice: encoded by RFC 2047 where old programs look, and by RFC 2231.
func (f File) part(ctx context.Context, disposition string) gomail.FileOption {
	return func(part *gomail.File) {
		kind := f.Type
		if kind == "" {
			kind = mime.TypeByExtension(filepath.Ext(f.Name))
		}
		if kind == "" {
			kind = "application/octet-stream"
		}
		name := filepath.Base(strings.NewReplacer("\\", "_", "\"", "_", "\r", "_", "\n", "_").Replace(f.Name))
		part.Header.Set("Content-Type", fmt.Sprintf("%s; name=\"%s\"", kind, mime.QEncoding.Encode("utf-8", name)))
		part.Header.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
		part.Writer = func(w io.Writer) (int64, error) {
			in, err := os.Open(f.Path)
			if err != nil {
				return 0, err
			}
			defer func() { _ = in.Close() }() // only read
			n, err := io.Copy(w, in)
			return n, errors.Join(err, ctx.Err())
		}
	}
}

// plain is the words for programs that show no HTML.
func (d Draft) plain() string {
	text := strings.TrimSpace(d.Text)
	if d.Link != "" {
		text += "\n\n" + d.LinkText + "\n" + d.Link
	}
	return strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"
}

//go:embed draft.html.tmpl
var pageText string

// page is the words with the pictures between them.
func (d Draft) page() (string, error) {
	page, err := template.New("draft").Parse(pageText)
	if err != nil {
		return "", fmt.Errorf("mail: %w", err)
	}
	type picture struct {
		Source template.URL // cid: is refused otherwise; the id is ours
		Name   string
		Line   string
	}
	view := struct {
		Draft
		Lines []string
		Shown []picture
	}{d, strings.Split(strings.TrimSpace(d.Text), "\n"), nil}
	for i, f := range d.Pictures {
		view.Shown = append(view.Shown, picture{template.URL("cid:" + contentID(i)), f.Name, f.Line}) //nolint:gosec // made of a number
	}
	var out bytes.Buffer
	if err := page.Execute(&out, view); err != nil {
		return "", fmt.Errorf("mail: %w", err)
	}
	return out.String(), nil
}

func contentID(i int) string { return fmt.Sprintf("picture%d@clipcase.invalid", i+1) }

// id differs whenever anything in the draft does: programs take two mails of one
// id for the same.
func (d Draft) id() string {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%s\x00%s\x00%d\x00%s", d.Subject, d.Text, d.Date.UnixNano(), d.Link) // a hash takes everything
	for _, f := range append(append([]File{}, d.Pictures...), d.Files...) {
		_, _ = fmt.Fprintf(sum, "\x00%s\x00%s", f.Name, f.Line)
	}
	return hex.EncodeToString(sum.Sum(nil)[:12])
}
