package telegramtest

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Call is one call the bot made.
type Call struct {
	N           int // from 1, in the order of arrival
	Method      string
	Params      map[string]string // objects and arrays as JSON
	Files       map[string]Upload // by name of the part
	Chat        int64             // 0 = none
	At          time.Time
	Status      int    // HTTP status; what it would have been if Dropped
	Description string // "" = ok
	RetryAfter  int
	Dropped     bool   // the bot got no answer
	Fault       string // the fault that acted on it, "" = none
	Early       bool   // made before the end of a retry_after for its chat
}

// Upload is a file within a call.
type Upload struct {
	Name   string
	Size   int64
	SHA256 string
}

// describe begins the record of a request; mu is held.
func (q *request) describe() *Call {
	c := &Call{Method: q.method, Params: maps.Clone(q.args), At: q.now, Files: map[string]Upload{}}
	for name, b := range q.uploads {
		c.Files[name] = Upload{b.name, b.size, b.sha}
	}
	if id, err := strconv.ParseInt(q.args["chat_id"], 10, 64); err == nil {
		c.Chat = id
	}
	if until, ok := q.s.barred[c.Chat]; ok && c.Chat != 0 {
		c.Early = q.now.Before(until)
	}
	return c
}

// record ends the record of a call; mu is held.
func (s *Server) record(c *Call, err error) {
	c.N, c.Status = len(s.calls)+1, 200
	if c.At.IsZero() {
		c.At = s.cfg.now()
	}
	if err != nil {
		r := asRefusal(err)
		c.Status, c.Description, c.RetryAfter = r.Code, r.Text, r.RetryAfter
	}
	s.calls = append(s.calls, c)
	s.wake()
}

// Calls gives every finished call so far, of the methods named or of all.
func (s *Server) Calls(methods ...string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Call
	for _, c := range s.calls {
		if len(methods) == 0 || slices.ContainsFunc(methods, func(m string) bool { return strings.EqualFold(m, c.Method) }) {
			out = append(out, *c)
		}
	}
	return out
}

// Violations gives the calls that a correct bot never makes: refused with 400,
// 401, 404 or 413 by rule and not by a fault. A press answered too late and an
// edit that changes nothing happen to correct bots and are not among them.
func (s *Server) Violations() []Call {
	var out []Call
	for _, c := range s.Calls() {
		switch c.Status {
		case 400, 401, 404, 413:
		default:
			continue
		}
		if c.Fault != "" || strings.Contains(c.Description, "query is too old") ||
			strings.Contains(c.Description, "message is not modified") {
			continue
		}
		out = append(out, c)
	}
	return out
}

// Early gives the calls made to a chat before its retry_after was over.
func (s *Server) Early() []Call {
	var out []Call
	for _, c := range s.Calls() {
		if c.Early {
			out = append(out, c)
		}
	}
	return out
}
