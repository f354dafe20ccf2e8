package bot

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	telegram "github.com/go-telegram/bot"
)

// getUpdates asks for updates from offset on; Telegram forgets those before it.
// The library has no such call that leaves the offset to us.
func (b *Bot) getUpdates(ctx context.Context, offset int64, limit int, hold time.Duration) ([]json.RawMessage, error) {
	body, err := json.Marshal(map[string]any{
		"offset": offset, "limit": limit, "timeout": int(hold.Seconds()), "allowed_updates": wanted(),
	})
	if err != nil {
		return nil, fmt.Errorf("getUpdates: %w", err)
	}
	address := strings.TrimRight(b.cfg.APIURL, "/") + "/bot" + b.cfg.Token + "/getUpdates"
	req, err := http.NewRequestWithContext(patient(ctx, hold+15*time.Second), http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("getUpdates: " + mask(err.Error(), b.cfg.Token))
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := b.wire.answer(req) //nolint:bodyclose // answer has read and closed it
	if err != nil {
		return nil, fmt.Errorf("getUpdates: %w", err)
	}
	var reply struct {
		OK          bool              `json:"ok"`
		Result      []json.RawMessage `json:"result"`
		Code        int               `json:"error_code"`
		Description string            `json:"description"`
		Parameters  struct {
			RetryAfter int `json:"retry_after"`
		} `json:"parameters"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&reply); err != nil {
		return nil, fmt.Errorf("getUpdates: %w", err)
	}
	switch {
	case reply.OK:
		return reply.Result, nil
	case reply.Code == http.StatusTooManyRequests:
		return nil, &telegram.TooManyRequestsError{Message: reply.Description, RetryAfter: reply.Parameters.RetryAfter}
	case reply.Code == http.StatusConflict:
		return nil, fmt.Errorf("getUpdates: %w, %s", telegram.ErrorConflict, reply.Description)
	case reply.Code == http.StatusUnauthorized:
		return nil, fmt.Errorf("getUpdates: %w", telegram.ErrorUnauthorized)
	}
	return nil, fmt.Errorf("getUpdates: %d %s", reply.Code, reply.Description)
}

// poll receives updates until ctx ends. The offset moves only past updates that
// are committed or given up: what is lost on the way comes again.
func (b *Bot) poll(ctx context.Context) {
	var offset int64
	for try := 0; ctx.Err() == nil; {
		updates, err := b.getUpdates(ctx, offset, 100, b.cfg.Pace.Poll)
		if err != nil {
			if ctx.Err() != nil {
				break
			}
			b.cannotPoll(ctx, err, try)
			try++
			continue
		}
		try = 0
		offset = b.takeAll(ctx, updates, offset)
	}
	if offset == 0 {
		return
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if _, err := b.getUpdates(late, offset, 1, 0); err != nil { // they come again and are recognised
		b.log.Info("the last updates could not be confirmed", "error", err)
	}
}

// cannotPoll waits before the next try, and takes away a webhook that somebody
// set meanwhile.
func (b *Bot) cannotPoll(ctx context.Context, err error, try int) {
	f := judge(err)
	wait := backoff(b.cfg.Pace.Retry, try)
	switch {
	case f.outcome == held:
		wait = f.after
	case errors.Is(err, telegram.ErrorConflict) && says(err, "webhook"):
		b.log.Warn("a webhook is set: taking it away")
		if b.receiveBy(ctx) != nil {
			return
		}
	case errors.Is(err, telegram.ErrorConflict):
		b.log.Error("another program receives with the same token: only one may run", "in", wait)
	case f.outcome == rejected:
		b.log.Error("Telegram does not accept the bot token", "in", wait)
	default:
		b.log.Warn("no updates from Telegram, trying again", "error", mask(err.Error(), b.cfg.Token), "in", wait)
	}
	if err := sleep(ctx, wait); err != nil {
		return // ctx ended: the loop sees it
	}
}

// takeAll handles a batch, chats side by side and each chat in order, and
// returns the offset after the last update before which all are done.
func (b *Bot) takeAll(ctx context.Context, raws []json.RawMessage, offset int64) int64 {
	var (
		group    sync.WaitGroup
		arrivals = make([]arrival, 0, len(raws))
		chats    = map[int64][]int{}
	)
	for _, raw := range raws {
		a, err := arrive(raw)
		if err != nil {
			b.log.Error("Telegram sent something that is no update", "error", err)
			continue
		}
		chats[a.chat] = append(chats[a.chat], len(arrivals))
		arrivals = append(arrivals, a)
	}
	finished := make([]bool, len(arrivals))
	for _, indices := range chats {
		group.Go(func() {
			select {
			case b.seats <- struct{}{}:
				defer func() { <-b.seats }()
			case <-ctx.Done():
				return
			}
			for _, i := range indices {
				if err := b.handle(ctx, arrivals[i]); err != nil {
					return
				}
				finished[i] = true
			}
		})
	}
	group.Wait()
	for i, a := range arrivals {
		if !finished[i] {
			break
		}
		offset = max(offset, a.id+1)
	}
	return offset
}
