package mail_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	stdmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset"
	"github.com/stretchr/testify/require"

	"clipcase/flows/dossier/mail"
)

// leaf is a part as a parser sees it.
type leaf struct {
	kind, disposition, name, id string
	content                     string
}

func draft(t *testing.T) mail.Draft {
	t.Helper()
	dir := t.TempDir()
	put := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	return mail.Draft{
		Lang: "zh", Subject: "[视频工单] CC0042 账号被封、被限流，这是一个很长很长的主题用来看它怎么折行🙂", Date: time.Date(2026, 11, 22, 18, 0, 0, 0, time.FixedZone("", 8*3600)),
		Text:     "客服您好：\n<script>alert(1)</script> & {{.Subject}}\n第三行",
		Pictures: []mail.File{{Path: put("a", "\xff\xd8jpeg one"), Name: "20261122-CC0042-2of5.jpg", Line: "2/5 <b>0:42</b>"}, {Path: put("b", "\xff\xd8jpeg two"), Name: "图 3.jpg"}},
		Files: []mail.File{
			{Path: put("c", strings.Repeat("video\x00\r\n.\r\n", 10_000)), Name: "20261122-CC0042-1of5.mp4"},
			{Path: put("d", "%PDF"), Name: "与对方的聊天记录（全部）\"\r\nX-Evil: 1.pdf"},
		},
		Link: "https://clipcase.example/e/abc?x=1&y=2", LinkText: "在线查看：",
	}
}

func TestDraftIsReadAlikeByTwoParsers(t *testing.T) {
	t.Parallel()
	d := draft(t)
	to := filepath.Join(t.TempDir(), "message.eml")
	size, err := d.Write(t.Context(), to)
	require.NoError(t, err)
	content, err := os.ReadFile(to)
	require.NoError(t, err)
	require.EqualValues(t, len(content), size)
	for line := range bytes.SplitSeq(content, []byte("\r\n")) {
		require.LessOrEqual(t, len(line), 998)
		require.NotContains(t, string(line), "\n", "every line ends by the standard")
	}
	require.Contains(t, string(content), "\r\nSubject: =?UTF-8?", "the first word stands on the header's own line")

	one, header := byStandardLibrary(t, content)
	two := byMessage(t, content)
	require.Equal(t, one, two)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, d.Subject, subject)
	require.Equal(t, "1", header.Get("X-Unsent"))
	require.Empty(t, header.Get("From")+header.Get("To")+header.Get("X-Evil")+header.Get("User-Agent"))
	date, err := header.Date()
	require.NoError(t, err)
	require.True(t, d.Date.Equal(date))

	require.Len(t, one, 6)
	require.Equal(t, "text/plain", one[0].kind)
	require.Contains(t, one[0].content, "客服您好：\r\n<script>")
	require.Contains(t, one[0].content, d.Link)
	require.Equal(t, "text/html", one[1].kind)
	require.NotContains(t, one[1].content, "<script")
	require.NotContains(t, one[1].content, "<b>")
	require.Contains(t, one[1].content, "https://clipcase.example/e/abc?x=1&amp;y=2")
	for i, f := range d.Pictures {
		part := one[2+i]
		require.Equal(t, []string{"image/jpeg", "inline", f.Name}, []string{part.kind, part.disposition, part.name})
		require.Contains(t, one[1].content, `src="cid:`+strings.Trim(part.id, "<>")+`"`)
	}
	video, err := os.ReadFile(d.Files[0].Path)
	require.NoError(t, err)
	require.Equal(t, leaf{"video/mp4", "attachment", d.Files[0].Name, "", string(video)}, one[4])
	require.Equal(t, "application/pdf", one[5].kind)
	require.Equal(t, "与对方的聊天记录（全部）___X-Evil: 1.pdf", one[5].name)
}

// Two drafts that differ are two mails, the same draft is one.
func TestMessageID(t *testing.T) {
	t.Parallel()
	id := func(d mail.Draft) string {
		to := filepath.Join(t.TempDir(), "message.eml")
		_, err := d.Write(t.Context(), to)
		require.NoError(t, err)
		content, err := os.ReadFile(to)
		require.NoError(t, err)
		m, err := stdmail.ReadMessage(bytes.NewReader(content))
		require.NoError(t, err)
		return m.Header.Get("Message-ID")
	}
	d := draft(t)
	first := id(d)
	require.Equal(t, first, id(d))
	d.Text += "!"
	require.NotEqual(t, first, id(d))
}

// A file that is gone is an error, not a mail without it.
func TestMissingFile(t *testing.T) {
	t.Parallel()
	d := draft(t)
	d.Files[0].Path = filepath.Join(t.TempDir(), "absent")
	to := filepath.Join(t.TempDir(), "message.eml")
	_, err := d.Write(t.Context(), to)
	require.Error(t, err)
	require.NoFileExists(t, to)
}

func byStandardLibrary(t *testing.T, content []byte) ([]leaf, stdmail.Header) {
	t.Helper()
	m, err := stdmail.ReadMessage(bytes.NewReader(content))
	require.NoError(t, err)
	var all []leaf
	var walk func(kind string, body io.Reader)
	walk = func(kind string, body io.Reader) {
		mediaType, params, err := mime.ParseMediaType(kind)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(mediaType, "multipart/"))
		r := multipart.NewReader(body, params["boundary"])
		for {
			p, err := r.NextRawPart()
			if errors.Is(err, io.EOF) {
				return
			}
			require.NoError(t, err)
			kind, _, err := mime.ParseMediaType(p.Header.Get("Content-Type"))
			require.NoError(t, err)
			if strings.HasPrefix(kind, "multipart/") {
				walk(p.Header.Get("Content-Type"), p)
				continue
			}
			require.Equal(t, "base64", p.Header.Get("Content-Transfer-Encoding"))
			disposition, params := "", map[string]string{}
			if d := p.Header.Get("Content-Disposition"); d != "" {
				disposition, params, err = mime.ParseMediaType(d)
				require.NoError(t, err)
			}
			all = append(all, leaf{kind, disposition, params["filename"], p.Header.Get("Content-ID"), decoded(t, p)})
		}
	}
	walk(m.Header.Get("Content-Type"), m.Body)
	return all, m.Header
}

func byMessage(t *testing.T, content []byte) []leaf {
	t.Helper()
	m, err := message.Read(bytes.NewReader(content))
	require.NoError(t, err)
	var all []leaf
	require.NoError(t, m.Walk(func(_ []int, e *message.Entity, err error) error {
		require.NoError(t, err)
		kind, _, err := e.Header.ContentType()
		require.NoError(t, err)
		if strings.HasPrefix(kind, "multipart/") {
			return nil
		}
		disposition, params := "", map[string]string{}
		if e.Header.Has("Content-Disposition") {
			disposition, params, err = e.Header.ContentDisposition()
			require.NoError(t, err)
		}
		body, err := io.ReadAll(e.Body)
		require.NoError(t, err)
		all = append(all, leaf{kind, disposition, params["filename"], e.Header.Get("Content-Id"), string(body)})
		return nil
	}))
	return all
}

func decoded(t *testing.T, r io.Reader) string {
	t.Helper()
	content, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, r))
	require.NoError(t, err)
	return string(content)
}
