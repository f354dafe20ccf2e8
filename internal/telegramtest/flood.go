package telegramtest

import (
	"math"
	"strings"
	"time"
)

// bucket is the allowance of one chat (or, under 0, of all).
type bucket struct {
	left float64
	at   time.Time
}

// checkFlood refuses calls that come too fast or before a retry_after is over.
func (s *Server) checkFlood(q *request, m method, rec *Call) error {
	if rec.Early {
		left := s.barred[rec.Chat].Sub(q.now)
		return tooMany(max(1, int(math.Ceil(left.Seconds()))))
	}
	if s.cfg.flood == nil || !counts(m.name) {
		return nil
	}
	f := *s.cfg.flood
	n := 1.0
	if m.name == "sendMediaGroup" {
		n = float64(strings.Count(q.args["media"], `"media"`))
	}
	wait := s.take(0, f.Overall, math.Max(1, f.Overall), n, q.now)
	if w := s.take(rec.Chat, f.PerChat, math.Max(1, float64(f.Burst)), n, q.now); w > wait {
		wait = w
	}
	if wait <= 0 {
		return nil
	}
	seconds := max(1, int(math.Ceil(wait)))
	if f.Wait > 0 {
		seconds = f.Wait
	}
	s.barred[rec.Chat] = q.now.Add(time.Duration(seconds) * time.Second)
	return tooMany(seconds)
}

// counts says whether calls of the method are messages or edits.
func counts(name string) bool {
	switch name {
	case "sendChatAction":
		return false
	case "copyMessage", "forwardMessage":
		return true
	}
	return strings.HasPrefix(name, "send") || strings.HasPrefix(name, "editMessage")
}

// take uses n of the allowance and says how many seconds it is short.
func (s *Server) take(key int64, rate, burst, n float64, now time.Time) float64 {
	if rate <= 0 {
		return 0
	}
	b := s.buckets[key]
	if b == nil {
		b = &bucket{left: burst, at: now}
		s.buckets[key] = b
	}
	b.left = math.Min(burst, b.left+now.Sub(b.at).Seconds()*rate)
	b.at = now
	if b.left < math.Min(n, burst) {
		return (math.Min(n, burst) - b.left) / rate
	}
	b.left -= n
	return 0
}
