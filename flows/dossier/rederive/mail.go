package rederive

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"slices"
	"strings"

	"clipcase/flows/dossier"
	"clipcase/media"
)

const (
	mostDepth = 6 // of parts within parts
	mostParts = 500
)

// mail holds a draft against the bag: what is in it are the channel's files and its
// words, no more and no less.
func (w *work) mail(p *dossier.Piece, out File, there string) File {
	in, err := os.Open(there)
	if err != nil {
		out.Why = "it cannot be read"
		return out
	}
	defer func() { _ = in.Close() }() // only read
	found, err := opened(in)
	if err != nil {
		out.State, out.Why = Other, "it is no mail that can be read"
		return out
	}
	var want []string
	for _, x := range w.record.Pieces {
		if x.Channel == p.Channel && x.Kind != media.KindText && x.Kind != media.KindEML {
			want = append(want, x.SHA256)
		}
	}
	slices.Sort(want)
	slices.Sort(found.files)
	if !slices.Equal(want, found.files) {
		out.State, out.Why = Other, fmt.Sprintf("it holds other files than the channel has: %d, and not %d", len(found.files), len(want))
		return out
	}
	words, err := w.bag.Small("data/" + p.Channel + "/message.txt")
	if _, body, ok := strings.Cut(string(words), "\n\n"); ok { // behind the subject
		words = []byte(body)
	}
	line, link, ok := tail(found.text, string(words))
	if err != nil || !ok || !shows(found.page, string(words), line, link) {
		out.State, out.Why = Other, "its words are not those of the channel"
		return out
	}
	out.State, out.Expected = Alike, Alike // the marks between its parts differ each time
	return out
}

// opened takes a mail apart.
func opened(in io.Reader) (found enclosed, err error) {
	m, err := mail.ReadMessage(in)
	if err != nil {
		return found, err
	}
	err = found.take(m.Header.Get("Content-Type"), m.Header.Get("Content-Disposition"), m.Header.Get("Content-Transfer-Encoding"), m.Body, 0)
	return found, err
}

func lines(text string) string {
	return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
}

// enclosed is what a mail holds.
type enclosed struct {
	files []string // SHA-256
	text  string
	page  string // what programs show
	parts int
}

func (e *enclosed) take(kind, disposition, encoding string, body io.Reader, depth int) error {
	if e.parts++; e.parts > mostParts || depth > mostDepth {
		return errors.New("too many parts")
	}
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		return err
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			if err := e.take(part.Header.Get("Content-Type"), part.Header.Get("Content-Disposition"), part.Header.Get("Content-Transfer-Encoding"), part, depth+1); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	if disposition == "" {
		raw, err := io.ReadAll(io.LimitReader(body, 1<<20))
		switch {
		case media == "text/plain" && e.text == "":
			e.text = string(raw)
		case media == "text/html" && e.page == "":
			e.page = string(raw)
		default:
			return errors.New("a part that no draft has")
		}
		return err
	}
	sum, err := hashOf(body)
	e.files = append(e.files, sum)
	return err
}
