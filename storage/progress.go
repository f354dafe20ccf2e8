package storage

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// progressTTL is how long the last word of a case is kept for someone who starts
// to watch later.
const progressTTL = 30 * time.Minute

// Progress tells whoever shows it how far work is. It keeps the last word of
// each case; anything in between may be lost.
type Progress struct{ r *Redis }

// Progress is the part of r that tells how far work is.
func (r *Redis) Progress() *Progress { return &Progress{r} }

type told struct {
	Chat string             `json:"chat"`
	Work flows.WorkProgress `json:"work"`
}

// Publish tells it to all who watch now and keeps it for those who come. A
// failure is logged and of no further consequence.
func (p *Progress) Publish(ctx context.Context, chat string, work flows.WorkProgress) {
	if err := p.publish(ctx, chat, work); err != nil {
		p.r.cfg.Log.Warn("progress was not told", slog.String("case", work.Case), slog.Any("error", err))
	}
}

func (p *Progress) publish(ctx context.Context, chat string, work flows.WorkProgress) error {
	body, err := json.Marshal(told{chat, work})
	if err != nil {
		return err
	}
	now := p.r.cfg.Clock()
	old := strconv.FormatInt(now.Add(-progressTTL).UnixMilli(), 10)
	_, err = p.r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Set(ctx, keyProgressOf(work.Case), body, progressTTL)
		pipe.ZAdd(ctx, keyProgress, redis.Z{Score: float64(now.UnixMilli()), Member: work.Case})
		pipe.ZRemRangeByScore(ctx, keyProgress, "-inf", old)
		pipe.Publish(ctx, keyProgress, body)
		return nil
	})
	return fail("publish progress", err)
}

// Watch calls each with the last word of every case worked on lately, then with
// every word as it comes, until ctx ends; it then returns nil. It outlives an
// outage of Redis and catches up afterwards. each is called from one goroutine.
func (p *Progress) Watch(ctx context.Context, each func(chat string, work flows.WorkProgress)) (err error) {
	sub := p.r.client.Subscribe(ctx, keyProgress)
	defer func() {
		if closing := sub.Close(); closing != nil && !errors.Is(closing, redis.ErrClosed) {
			err = fail("stop watching progress", closing)
		}
	}()
	events := sub.ChannelWithSubscriptions(redis.WithChannelHealthCheckInterval(3 * time.Second))
	for {
		select {
		case <-ctx.Done():
			return nil
		case event, open := <-events:
			if !open {
				return nil // the pool was closed
			}
			switch event := event.(type) {
			case *redis.Subscription: // at first, and after every reconnection
				if err := p.replay(ctx, each); err != nil && ctx.Err() == nil {
					p.r.cfg.Log.Warn("progress kept was not read", slog.Any("error", err))
				}
			case *redis.Message:
				p.tell(event.Payload, each)
			}
		}
	}
}

// replay tells the last word of every case again.
func (p *Progress) replay(ctx context.Context, each func(string, flows.WorkProgress)) error {
	since := strconv.FormatInt(p.r.cfg.Clock().Add(-progressTTL).UnixMilli(), 10)
	cases, err := p.r.client.ZRangeArgs(ctx, redis.ZRangeArgs{Key: keyProgress, Start: since, Stop: "+inf", ByScore: true}).Result()
	if err != nil || len(cases) == 0 {
		return fail("list progress", err)
	}
	keys := make([]string, len(cases))
	for i, id := range cases {
		keys[i] = keyProgressOf(id)
	}
	bodies, err := p.r.client.MGet(ctx, keys...).Result()
	if err != nil {
		return fail("read progress", err)
	}
	for _, body := range bodies {
		if text, ok := body.(string); ok {
			p.tell(text, each)
		}
	}
	return nil
}

func (p *Progress) tell(body string, each func(string, flows.WorkProgress)) {
	var t told
	if err := json.Unmarshal([]byte(body), &t); err != nil {
		p.r.cfg.Log.Warn("progress cannot be read", slog.Any("error", err))
		return
	}
	each(t.Chat, t.Work)
}
