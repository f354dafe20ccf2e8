package telegramtest

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"
)

var errRestart = errors.New("the server restarts")

// update waits to be fetched or delivered.
type update struct {
	id      int64
	kind    string
	line    string // what it must stay in order with: chat or, for presses, person
	body    json.RawMessage
	at      time.Time
	life    time.Duration
	extra   int // times it is given out again after it was confirmed
	sending bool
	retry   time.Time     // webhook: not before
	delay   time.Duration // webhook: the next wait
	fails   int
}

// queue holds updates in order and the one poll that waits for them.
type queue struct {
	next    int64
	list    []*update
	allowed []string // nil = all but the three that must be asked for
	waiting *poll
}

// poll is a getUpdates call that waits.
type poll struct {
	limit   int
	timeout time.Duration
	done    chan struct{}
	result  []json.RawMessage
	err     error
	ended   bool
}

func (p *poll) end(result []json.RawMessage, err error) {
	if p.ended {
		return
	}
	p.ended, p.result, p.err = true, result, err
	close(p.done)
}

// push queues an update of a kind the bot wants; mu is held.
func (s *Server) push(kind, line string, value any) {
	s.queue.next++
	if !s.queue.wants(kind) {
		return
	}
	body, err := json.Marshal(map[string]any{"update_id": s.queue.next, kind: value})
	if err != nil {
		s.fail("make an update: %v", err)
	}
	u := &update{id: s.queue.next, kind: kind, line: line, body: body, at: s.cfg.now(), life: updateLife, delay: s.cfg.webhookDelay}
	if kind == "callback_query" {
		u.life = callbackWait
	}
	s.Faults.set(func() { u.extra = s.Faults.repeat })
	s.queue.list = append(s.queue.list, u)
	s.flush()
	s.wake()
}

func (q *queue) wants(kind string) bool {
	if len(q.allowed) == 0 {
		return kind != "chat_member" && kind != "message_reaction" && kind != "message_reaction_count"
	}
	return slices.Contains(q.allowed, kind)
}

// flush answers the waiting poll if there is something for it; mu is held.
func (s *Server) flush() {
	p := s.queue.waiting
	if p == nil {
		return
	}
	if found := s.due(p.limit); len(found) > 0 {
		p.end(found, nil)
		s.queue.waiting = nil
	}
}

// confirm drops everything before offset, and what is too old.
func (s *Server) confirm(offset int64) {
	now := s.cfg.now()
	s.queue.list = slices.DeleteFunc(s.queue.list, func(u *update) bool {
		if now.Sub(u.at) > u.life {
			return true
		}
		if u.id >= offset {
			return false
		}
		u.extra--
		return u.extra < 0
	})
}

// due gives up to limit updates: all that are not confirmed, and those to come again.
func (s *Server) due(limit int) []json.RawMessage {
	s.confirm(0)
	var found []json.RawMessage
	for _, u := range s.queue.list {
		if len(found) < limit {
			found = append(found, u.body)
		}
	}
	window := 0
	s.Faults.set(func() { window = s.Faults.reorder })
	if n := min(window, len(found)); n > 1 {
		slices.Reverse(found[:n])
	}
	return found
}

func (q *request) getUpdates() (any, error) {
	s := q.s
	if s.hook.url != "" {
		return nil, conflict("can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first")
	}
	offset, err := q.number("offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := q.number("limit", 100)
	if err != nil {
		return nil, err
	}
	timeout, err := q.number("timeout", 0)
	if err != nil {
		return nil, err
	}
	if limit < 1 || limit > 100 {
		return nil, bad("limit must be from 1 to 100") // Telegram takes the nearest
	}
	if timeout < 0 || timeout > 50 {
		return nil, bad("timeout must be from 0 to 50") // Telegram takes the nearest
	}
	if err := q.allow(); err != nil {
		return nil, err
	}
	if offset < 0 {
		keep := min(int(-offset), len(s.queue.list))
		s.queue.list = s.queue.list[len(s.queue.list)-keep:]
	} else {
		s.confirm(offset)
	}
	if p := s.queue.waiting; p != nil {
		p.end(nil, conflict("terminated by other getUpdates request; make sure that only one bot instance is running"))
		s.queue.waiting = nil
	}
	found := s.due(int(limit))
	if len(found) > 0 || timeout == 0 {
		if found == nil {
			found = []json.RawMessage{}
		}
		return found, nil
	}
	p := &poll{limit: int(limit), timeout: time.Duration(timeout) * time.Second, done: make(chan struct{})}
	s.queue.waiting = p
	return p, nil
}

// wait is the long part of a long poll; mu is not held.
func (s *Server) wait(ctx context.Context, p *poll) (any, error) {
	timer := time.NewTimer(p.timeout)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
	case <-ctx.Done():
	case <-s.done:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queue.waiting == p {
		s.queue.waiting = nil
	}
	p.end([]json.RawMessage{}, nil)
	if errors.Is(p.err, errRestart) {
		return nil, &Refusal{Code: 502, Text: "Bad Gateway"}
	}
	return p.result, p.err
}

// allow takes over allowed_updates; absent = as before.
func (q *request) allow() error {
	if !q.has("allowed_updates") {
		return nil
	}
	var list []string
	if err := decode([]byte(q.args["allowed_updates"]), "allowed_updates", &list); err != nil {
		return err
	}
	for _, kind := range list {
		if !slices.Contains(updateKinds(), kind) {
			return bad("unknown update type %q", kind) // Telegram ignores it
		}
	}
	q.s.queue.allowed = list
	return nil
}

func updateKinds() []string {
	return []string{"message", "edited_message", "channel_post", "edited_channel_post", "business_connection",
		"business_message", "edited_business_message", "deleted_business_messages", "message_reaction",
		"message_reaction_count", "inline_query", "chosen_inline_result", "callback_query", "shipping_query",
		"pre_checkout_query", "purchased_paid_media", "poll", "poll_answer", "my_chat_member", "chat_member",
		"chat_join_request", "chat_boost", "removed_chat_boost"}
}

// Pending is the number of updates that the bot has not confirmed.
func (s *Server) Pending() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.confirm(0)
	return len(s.queue.list)
}
