package telegramtest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// webhook is where updates are sent and how that goes.
type webhook struct {
	url, secret string
	most        int // requests at once
	generation  int // changes with every setWebhook and deleteWebhook
	running     int
	lastError   string
	lastErrorAt int64
	delivered   int
}

func (q *request) setWebhook() (any, error) {
	s := q.s
	raw := q.args["url"]
	if raw == "" {
		return q.deleteWebhook()
	}
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return nil, bad("invalid webhook URL specified")
	}
	if len(q.args["secret_token"]) > 256 {
		return nil, bad("secret token is too long")
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]*$`).MatchString(q.args["secret_token"]) {
		return nil, bad("secret token contains unallowed characters")
	}
	most, err := q.number("max_connections", 40)
	if err != nil {
		return nil, err
	}
	if s.cfg.local == "" {
		if u.Scheme != "https" {
			return nil, bad("bad webhook: An HTTPS URL must be provided for webhook")
		}
		if !slices.Contains([]string{"", "443", "80", "88", "8443"}, u.Port()) {
			return nil, bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
		}
		if most < 1 || most > 100 {
			return nil, bad("max_connections must be from 1 to 100") // Telegram takes the nearest
		}
	}
	if err := q.allow(); err != nil {
		return nil, err
	}
	if p := s.queue.waiting; p != nil {
		p.end(nil, conflict("terminated by setWebhook request"))
		s.queue.waiting = nil
	}
	if q.yes("drop_pending_updates") {
		s.queue.list = nil
	}
	s.stopHook()
	s.hook.url, s.hook.secret, s.hook.most = raw, q.args["secret_token"], int(most)
	s.work.Add(1)
	go s.deliver(s.hook.generation)
	return true, nil
}

func (s *Server) stopHook() {
	s.hook.generation++
	s.hook.url, s.hook.secret = "", ""
	s.wake() // the delivery loop sees that its time is over
}

func (q *request) deleteWebhook() (any, error) {
	if q.yes("drop_pending_updates") {
		q.s.queue.list = nil
	}
	q.s.stopHook()
	return true, nil
}

func (q *request) getWebhookInfo() (any, error) {
	h := q.s.hook
	info := map[string]any{"url": h.url, "has_custom_certificate": false, "pending_update_count": len(q.s.queue.list)}
	if h.url != "" {
		info["max_connections"] = h.most
	}
	if h.lastErrorAt != 0 {
		info["last_error_date"], info["last_error_message"] = h.lastErrorAt, h.lastError
	}
	if q.s.queue.allowed != nil {
		info["allowed_updates"] = q.s.queue.allowed
	}
	return info, nil
}

// deliver is the loop of one webhook: in order within a line, side by side
// across lines, each update until it was taken with 2xx or is too old.
func (s *Server) deliver(generation int) {
	defer s.work.Done()
	for {
		s.mu.Lock()
		if s.hook.generation != generation {
			s.mu.Unlock()
			return
		}
		s.confirm(0)
		u, wait := s.dueUpdate()
		if u != nil {
			u.sending = true
			s.hook.running++
			s.work.Add(1)
			go s.hand(generation, u, s.hook.url, s.hook.secret)
			s.mu.Unlock()
			continue
		}
		changed := s.changed
		s.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-changed:
		case <-timer.C:
		case <-s.done:
		}
		timer.Stop()
		select {
		case <-s.done:
			return
		default:
		}
	}
}

// dueUpdate gives the first update that may be sent now, or how long to wait.
func (s *Server) dueUpdate() (*update, time.Duration) {
	wait := time.Minute
	if s.hook.running >= s.hook.most {
		return nil, wait
	}
	busy := map[string]bool{}
	for _, u := range s.queue.list {
		if busy[u.line] {
			continue
		}
		busy[u.line] = true // those behind it in its line wait
		if u.sending {
			continue
		}
		if left := time.Until(u.retry); left > 0 {
			wait = min(wait, left)
			continue
		}
		return u, 0
	}
	return nil, wait
}

// hand sends one update once.
func (s *Server) hand(generation int, u *update, to, secret string) {
	defer s.work.Done()
	status, retryAfter, body, err := s.send(to, secret, u.body)
	s.mu.Lock()
	defer s.mu.Unlock()
	u.sending = false
	s.hook.running--
	defer s.wake()
	if s.hook.generation != generation {
		return
	}
	if err == nil && status/100 == 2 {
		u.extra--
		if u.extra < 0 {
			s.queue.list = slices.DeleteFunc(s.queue.list, func(other *update) bool { return other == u })
		}
		s.hook.delivered++
		s.carryOut(body)
		return
	}
	s.hook.lastErrorAt = s.cfg.now().Unix()
	s.hook.lastError = "Wrong response from the webhook: " + strconv.Itoa(status) + " " + http.StatusText(status)
	if err != nil {
		s.hook.lastError = "Connection failed"
	}
	delay := time.Duration(retryAfter) * time.Second
	if delay == 0 && u.fails > 0 {
		delay = u.delay
		u.delay = min(2*u.delay, time.Minute)
	}
	u.fails++
	u.retry = time.Now().Add(delay)
}

func (s *Server) send(to, secret string, body []byte) (status, retryAfter int, answer []byte, err error) {
	if s.cfg.webhookBase != "" {
		u, err := url.Parse(to)
		if err != nil {
			return 0, 0, nil, err
		}
		to = strings.TrimSuffix(s.cfg.webhookBase, "/") + u.RequestURI()
	}
	req, err := http.NewRequestWithContext(s.ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return 0, 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if secret != "" {
		req.Header.Set("X-Telegram-Bot-Api-Secret-Token", secret)
	}
	resp, err := s.cfg.client.Do(req)
	if err != nil {
		return 0, 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err = io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	retryAfter, _ = strconv.Atoi(resp.Header.Get("Retry-After"))
	return resp.StatusCode, retryAfter, answer, err
}

// carryOut runs the method that a webhook's answer may name; mu is held.
func (s *Server) carryOut(body []byte) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields["method"] == nil {
		return
	}
	q := &request{s: s, args: map[string]string{}, uploads: map[string]*blob{}, now: s.cfg.now()}
	if q.json(bytes.NewReader(body)) != nil {
		return
	}
	name := strings.ToLower(q.args["method"])
	delete(q.args, "method")
	m, known := s.methods[name]
	if !known || strings.HasPrefix(name, "get") || strings.HasSuffix(name, "webhook") || name == "close" || name == "logout" {
		return
	}
	q.method = m.name
	rec := q.describe()
	_, err := q.run(m, rec)
	s.record(rec, err)
}
