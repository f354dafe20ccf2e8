package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// replyLimit is more than any answer of the Bot API takes, in bytes.
const replyLimit = 16 << 20

// wire carries requests to the Bot API. It has no limit on the whole of a
// request, for an upload may take long, but ends one that stands still; and it
// knows whether a failed request had left in full, which decides whether it may
// be repeated. No error of it contains the token.
type wire struct {
	client *http.Client
	token  string
	stall  time.Duration
}

func newWire(cfg *Config) (*wire, error) {
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return nil, errors.New("the standard transport was replaced")
	}
	transport = transport.Clone()
	transport.IdleConnTimeout = 30 * time.Second // shorter than Telegram's, so that a call never meets a connection just closed
	transport.MaxIdleConnsPerHost = 32
	if cfg.Proxy != "" {
		proxy, err := url.Parse(cfg.Proxy)
		if err != nil {
			return nil, errors.New("the proxy is no URL")
		}
		transport.Proxy = http.ProxyURL(proxy)
	}
	follow := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &wire{client: &http.Client{Transport: transport, CheckRedirect: follow}, token: cfg.Token, stall: cfg.Pace.Stall}, nil
}

// wireError is a request without an answer.
type wireError struct {
	left  bool // the whole request had gone out: it may have had its effect
	token string
	err   error
}

func (e *wireError) Error() string { return mask(e.err.Error(), e.token) }
func (e *wireError) Unwrap() error { return e.err }

// statusError is an answer that is not the Bot API's.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("the server answered %d", e.status) }

var errStalled = errors.New("the transfer stood still")

type patienceKey struct{}

// patient lets the calls of ctx wait longer than the stall limit for an answer:
// a poll, or a server that first downloads a file.
func patient(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patienceKey{}, d)
}

// Do sends a request; the library calls it for every method.
func (w *wire) Do(req *http.Request) (*http.Response, error) {
	wait, ok := req.Context().Value(patienceKey{}).(time.Duration)
	if !ok {
		wait = w.stall
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	watch := time.AfterFunc(w.stall, func() { cancel(errStalled) })
	var left atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(info httptrace.WroteRequestInfo) {
		left.Store(info.Err == nil)
		watch.Reset(wait)
	}})
	req = req.WithContext(ctx)
	if req.Body != nil {
		req.Body = &ticking{ReadCloser: req.Body, tick: func() { watch.Reset(w.stall) }}
	}
	resp, err := w.client.Do(req) //nolint:gosec // the address is the operator's server, the path Telegram's
	if err != nil {
		watch.Stop()
		cancel(nil)
		if errors.Is(context.Cause(ctx), errStalled) {
			err = errStalled
		}
		var bare *url.Error
		if errors.As(err, &bare) {
			err = bare.Err // the outer one quotes the address, and so the token
		}
		return nil, &wireError{left: left.Load(), token: w.token, err: err}
	}
	end := sync.OnceFunc(func() { watch.Stop(); cancel(nil) })
	resp.Body = &ticking{ReadCloser: resp.Body, tick: func() { watch.Reset(w.stall) }, end: end, cause: ctx}
	return resp, nil
}

// Answer is like Do for calls of methods: what comes back is the Bot API's JSON
// or an error.
func (w *wire) answer(req *http.Request) (*http.Response, error) {
	resp, err := w.Do(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, replyLimit))
	closed := resp.Body.Close()
	if err == nil {
		err = closed
	}
	if err != nil {
		return nil, &wireError{left: true, token: w.token, err: err}
	}
	if resp.StatusCode >= 500 || resp.StatusCode == http.StatusRequestEntityTooLarge || !json.Valid(body) {
		return nil, &statusError{resp.StatusCode}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

// methods is the wire as the library wants it.
type methods struct{ *wire }

func (m methods) Do(req *http.Request) (*http.Response, error) { return m.answer(req) }

// ticking tells of every byte that passes.
type ticking struct {
	io.ReadCloser
	tick  func()
	end   func()
	cause context.Context
}

func (t *ticking) Read(p []byte) (int, error) {
	n, err := t.ReadCloser.Read(p)
	if n > 0 {
		t.tick()
	}
	if err != nil && t.cause != nil && errors.Is(context.Cause(t.cause), errStalled) {
		err = errStalled
	}
	return n, err
}

func (t *ticking) Close() error {
	err := t.ReadCloser.Close()
	if t.end != nil {
		t.end()
	}
	return err
}

// mask takes the token out of words that go to a log.
func mask(words, token string) string { return strings.ReplaceAll(words, token, "***") }
