package bot

import (
	"context"
	"sync"
	"time"
)

// pacer spaces what goes out: each chat, all chats together, and nothing to a
// chat that Telegram told us to leave alone for a while.
type pacer struct {
	pace  Pace
	clock func() time.Time

	mu    sync.Mutex
	all   lane
	chats map[int64]*lane
}

// lane lets burst through at once and then one each gap.
type lane struct {
	gap   time.Duration
	burst int
	next  time.Time // when the lane would be empty again
	until time.Time // nothing before: Telegram said so
	used  time.Time
}

func newPacer(pace Pace, clock func() time.Time) *pacer {
	gap := time.Duration(float64(time.Second) / pace.Overall)
	return &pacer{pace: pace, clock: clock, chats: map[int64]*lane{}, all: lane{gap: gap, burst: max(1, int(pace.Overall))}}
}

// take books the next place and says how long to wait for it.
func (l *lane) take(now time.Time) time.Duration {
	if l.next.Before(now) {
		l.next = now
	}
	l.next = l.next.Add(l.gap)
	return max(0, l.next.Sub(now)-time.Duration(l.burst)*l.gap)
}

// lane finds a chat's lane; the caller holds mu. Lanes at rest are forgotten.
func (p *pacer) lane(chat int64, now time.Time) *lane {
	l, ok := p.chats[chat]
	if !ok {
		if len(p.chats) >= 4096 {
			for id, other := range p.chats {
				if now.Sub(other.used) > time.Minute && now.After(other.until) {
					delete(p.chats, id)
				}
			}
		}
		l = &lane{gap: p.pace.PerChat, burst: p.pace.Burst}
		if chat < 0 {
			l.gap = p.pace.PerGroup
		}
		p.chats[chat] = l
	}
	l.used = now
	return l
}

// held says how long a chat must still be left alone.
func (p *pacer) held(chat int64) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	l, ok := p.chats[chat]
	if !ok {
		return 0
	}
	return max(0, l.until.Sub(p.clock()))
}

// hold leaves a chat alone for a while.
func (p *pacer) hold(chat int64, d time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	l := p.lane(chat, now)
	if until := now.Add(d); until.After(l.until) {
		l.until = until
	}
}

// wait returns when a message may go to the chat.
func (p *pacer) wait(ctx context.Context, chat int64) error {
	p.mu.Lock()
	now := p.clock()
	d := max(p.lane(chat, now).take(now), p.all.take(now))
	p.mu.Unlock()
	for {
		if err := sleep(ctx, max(d, p.held(chat))); err != nil {
			p.back(chat)
			return err
		}
		if d = p.held(chat); d == 0 { // nobody was told to wait meanwhile
			return nil
		}
	}
}

// spare books a place only if it is free at once and leaves room for two more
// messages: for what others may go before.
func (p *pacer) spare(chat int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock()
	l := p.lane(chat, now)
	room := time.Duration(max(0, l.burst-3)) * l.gap
	if l.until.After(now) || l.next.Sub(now) > room || p.all.next.Sub(now) > time.Duration(p.all.burst/2)*p.all.gap {
		return false
	}
	l.take(now)
	p.all.take(now)
	return true
}

// back returns a place that was not used.
func (p *pacer) back(chat int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l := p.lane(chat, p.clock())
	l.next = l.next.Add(-l.gap)
	p.all.next = p.all.next.Add(-p.all.gap)
}

// sleep waits for d or until ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// backoff doubles from first up to 30 s.
func backoff(first time.Duration, try int) time.Duration {
	return min(first<<min(try, 10), 30*time.Second)
}
