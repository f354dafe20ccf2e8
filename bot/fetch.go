package bot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	telegram "github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"clipcase/flows"
)

// localWait is how long a server of the operator's own may take to download a
// file of 2 GB before it answers getFile.
const localWait = 30 * time.Minute

// errStale is a link that Telegram no longer serves: another getFile gives a new one.
var errStale = errors.New("the link is no longer good")

// Fetch opens a file that a person sent, from offset on. size is the whole
// file's, 0 = unknown; from is 0 if the source could not start at offset. A
// download that is cut ends in io.ErrUnexpectedEOF, never as if complete. Errors
// are of class UserMedia (too big for the server, gone: to be sent again) or
// Unavailable (try again).
func (b *Bot) Fetch(ctx context.Context, ref string, offset int64) (r io.ReadCloser, from, size int64, err error) {
	id, ok := strings.CutPrefix(ref, fileRef)
	if !ok || id == "" {
		return nil, 0, 0, &flows.Error{Class: flows.UserMedia, Text: flows.T("bot.fetch.gone"), Err: errors.New("not a file of Telegram's")}
	}
	for try := 0; ; try++ {
		file, err := b.find(ctx, id)
		if err != nil {
			return nil, 0, 0, err
		}
		if filepath.IsAbs(file.FilePath) {
			r, from, size, err = b.openLocal(file, offset)
		} else {
			r, from, size, err = b.download(ctx, file, offset)
		}
		if errors.Is(err, errStale) && try == 0 {
			continue
		}
		if err != nil {
			return nil, 0, 0, b.away(err)
		}
		return r, from, size, nil
	}
}

// find asks Telegram where a file lies.
func (b *Bot) find(ctx context.Context, id string) (*models.File, error) {
	if b.cfg.local() {
		ctx = patient(ctx, localWait)
	}
	file, err := b.api.GetFile(ctx, &telegram.GetFileParams{FileID: id})
	f := judge(err)
	switch {
	case f.outcome == done && file.FilePath != "":
		return file, nil
	case f.outcome == tooLarge:
		return nil, &flows.Error{Class: flows.UserMedia, Text: flows.T("bot.fetch.too-big"), Err: f.err}
	case f.outcome == refused && !says(err, "temporarily unavailable", "try again"):
		return nil, &flows.Error{Class: flows.UserMedia, Text: flows.T("bot.fetch.gone"), Err: f.err}
	case f.outcome == done:
		return nil, b.away(errors.New("getFile names no path"))
	case f.outcome == held && f.after <= b.cfg.Pace.Patience:
		if err := sleep(ctx, f.after); err != nil {
			return nil, b.away(err)
		}
	}
	return nil, b.away(f.err)
}

// away is an error that may be tried again.
func (b *Bot) away(err error) error {
	return &flows.Error{Class: flows.Unavailable, Text: flows.T("bot.fetch.away"), Err: errors.New("fetch: " + mask(err.Error(), b.cfg.Token))}
}

// download opens a file over HTTP.
func (b *Bot) download(ctx context.Context, file *models.File, offset int64) (io.ReadCloser, int64, int64, error) {
	base, err := url.Parse(b.cfg.APIURL)
	if err != nil {
		return nil, 0, 0, errors.New("the server's address is no URL")
	}
	address := base.JoinPath("file", "bot"+b.cfg.Token, file.FilePath).String()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("download: %s", mask(err.Error(), b.cfg.Token))
	}
	req.Header.Set("Accept-Encoding", "identity") // lengths must be the file's
	if offset > 0 {
		req.Header.Set("Range", "bytes="+strconv.FormatInt(offset, 10)+"-")
	}
	resp, err := b.wire.Do(req)
	if err != nil {
		return nil, 0, 0, err
	}
	from, size, err := extent(resp, offset)
	if err == nil && file.FileSize > 0 && size > 0 && size != file.FileSize {
		err = fmt.Errorf("the server offers %d bytes of a file of %d", size, file.FileSize)
	}
	if err != nil {
		b.shut(resp.Body)
		return nil, 0, 0, err
	}
	if size == 0 {
		size = file.FileSize
	}
	if resp.StatusCode == http.StatusRequestedRangeNotSatisfiable { // nothing is left
		b.shut(resp.Body)
		return io.NopCloser(strings.NewReader("")), from, size, nil
	}
	if size == 0 {
		return resp.Body, from, 0, nil
	}
	return &exact{ReadCloser: resp.Body, left: size - from}, from, size, nil
}

// extent reads from an answer where the body begins and how large the whole is, 0 = unknown.
func extent(resp *http.Response, offset int64) (from, size int64, err error) {
	switch resp.StatusCode {
	case http.StatusOK:
		return 0, max(0, resp.ContentLength), nil
	case http.StatusPartialContent:
		var first, last int64
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes %d-%d/%d", &first, &last, &size); err != nil || first != offset || last+1 != size {
			return 0, 0, errors.New("the server sent another range than asked for")
		}
		return first, size, nil
	case http.StatusRequestedRangeNotSatisfiable:
		if _, err := fmt.Sscanf(resp.Header.Get("Content-Range"), "bytes */%d", &size); err != nil || size != offset {
			return 0, 0, errStale
		}
		return offset, size, nil
	case http.StatusNotFound, http.StatusForbidden, http.StatusGone, http.StatusBadRequest:
		return 0, 0, errStale
	}
	return 0, 0, &statusError{resp.StatusCode}
}

// exact reads as many bytes as were announced: fewer or more is an error.
type exact struct {
	io.ReadCloser
	left int64
}

func (e *exact) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	e.left -= int64(n)
	switch {
	case e.left < 0:
		return n, errors.New("more bytes came than were announced")
	case errors.Is(err, io.EOF) && e.left > 0:
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}
