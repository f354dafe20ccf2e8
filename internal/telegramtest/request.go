package telegramtest

import (
	"bufio"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// request is one call with its arguments as Telegram sees them: every value a
// string, objects and arrays as JSON, files apart.
type request struct {
	s       *Server
	method  string
	args    map[string]string
	uploads map[string]*blob
	now     time.Time
}

// call reads the body, lets faults act, runs the method and answers.
func (s *Server) call(w http.ResponseWriter, r *http.Request, m method) {
	req := &request{s: s, method: m.name, args: map[string]string{}, uploads: map[string]*blob{}, now: s.cfg.now()}
	readErr := req.read(r)
	if r.Context().Err() != nil {
		return // the client went away in the middle of its request: nothing happened
	}
	s.mu.Lock()
	rec := req.describe()
	fault := s.Faults.pick(rec)
	if fault != nil {
		rec.Fault = fault.name
	}
	var result any
	err := readErr
	switch {
	case err != nil:
	case fault != nil && fault.refusal != nil:
		err = fault.refusal
		if fault.refusal.RetryAfter > 0 && rec.Chat != 0 {
			s.barred[rec.Chat] = req.now.Add(time.Duration(fault.refusal.RetryAfter) * time.Second)
		}
	case fault != nil && fault.dropBefore:
	default:
		result, err = req.run(m, rec)
	}
	lost := fault != nil && fault.lost != nil && err == nil
	dropped := fault != nil && (fault.dropBefore || fault.dropAfter)
	rec.Dropped = dropped || lost
	wait, isPoll := result.(*poll)
	if !isPoll {
		s.record(rec, err)
	}
	s.wake()
	s.mu.Unlock()
	if isPoll {
		result, err = s.wait(r.Context(), wait)
		s.mu.Lock()
		s.record(rec, err)
		s.mu.Unlock()
	}
	if dropped {
		drop(w)
		return
	}
	if lost {
		result, err = nil, fault.lost
	}
	answer(w, result, err)
}

// run checks the parameters and carries the method out; mu is held.
func (q *request) run(m method, rec *Call) (any, error) {
	for name := range q.args {
		if !m.takes[name] {
			return nil, bad("unknown parameter %q", name)
		}
	}
	for name, b := range q.uploads {
		if !m.takes[name] && !q.attached(name) {
			return nil, bad("unknown parameter %q", name)
		}
		if b.size > q.s.uploadLimit() {
			return nil, &Refusal{Code: 413, Text: "Request Entity Too Large"}
		}
	}
	if err := q.s.checkFlood(q, m, rec); err != nil {
		return nil, err
	}
	return m.run(q)
}

// attached says whether an argument names the upload as attach://name.
func (q *request) attached(name string) bool {
	for _, v := range q.args {
		if v == "attach://"+name || strings.Contains(v, `"attach://`+name+`"`) {
			return true
		}
	}
	return false
}

// drop cuts the connection without an answer.
func drop(w http.ResponseWriter) {
	panic(http.ErrAbortHandler)
}

func (q *request) read(r *http.Request) error {
	if err := q.form(r.URL.RawQuery); err != nil {
		return err
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		return nil //nolint:nilerr // no readable content type: Telegram looks at the query string only
	}
	switch kind {
	case "application/json":
		return q.json(r.Body)
	case "application/x-www-form-urlencoded":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return bad("can't read the request: %v", err)
		}
		return q.form(string(body))
	case "multipart/form-data":
		body := bufio.NewReader(r.Body)
		if _, err := body.Peek(1); err == io.EOF {
			return nil // a call without parameters may have an empty body
		}
		return q.multipart(multipart.NewReader(body, params["boundary"]))
	default:
		_, _ = io.Copy(io.Discard, r.Body)
		return nil
	}
}

func (q *request) form(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return bad("can't parse the form: %v", err)
	}
	for k, v := range values {
		q.args[k] = v[len(v)-1]
	}
	return nil
}

func (q *request) json(body io.Reader) error {
	var fields map[string]json.RawMessage
	if err := json.NewDecoder(body).Decode(&fields); err != nil {
		return bad("can't parse the request JSON object: %v", err)
	}
	for k, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) == nil && string(raw) != "null" {
			q.args[k] = text
		} else if string(raw) != "null" {
			q.args[k] = string(raw)
		}
	}
	return nil
}

func (q *request) multipart(mr *multipart.Reader) error {
	for {
		part, err := mr.NextPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it means that the form broke off
			return nil
		}
		if err != nil {
			return bad("can't read the multipart form: %v", err)
		}
		name := part.FormName()
		if part.FileName() == "" {
			value, err := io.ReadAll(part)
			if err != nil {
				return bad("can't read the multipart form: %v", err)
			}
			q.args[name] = string(value)
			continue
		}
		b, err := q.s.keep(part, part.FileName())
		if err != nil {
			return err
		}
		q.uploads[name] = b
	}
}

func (q *request) has(name string) bool { return q.args[name] != "" }

func (q *request) yes(name string) bool {
	switch strings.ToLower(q.args[name]) {
	case "true", "yes", "1":
		return true
	}
	return false
}

// number reads an integer argument; without one it is def.
func (q *request) number(name string, def int64) (int64, error) {
	v := strings.TrimSpace(q.args[name])
	if v == "" {
		return def, nil
	}
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return 0, bad("parameter %q must be an integer", name)
	}
	return n, nil
}

// object decodes a JSON argument into dst and refuses fields dst does not know;
// what is the word Telegram has for it. false: the argument is absent.
func (q *request) object(name, what string, dst any) (bool, error) {
	if !q.has(name) {
		return false, nil
	}
	return true, decode([]byte(q.args[name]), what, dst)
}

func decode(raw []byte, what string, dst any) error {
	if !json.Valid(raw) {
		return bad("can't parse %s JSON object", what)
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(dst); err != nil {
		return bad("can't parse %s: %s", what, strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}
