package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// alerts tells the staff of trouble, each kind at most once an hour.
type alerts struct {
	chat    string
	commits Commits
	redis   redis.UniversalClient
	clock   func() time.Time
	log     *slog.Logger
}

const alertEvery = time.Hour

// failure tells that work on a case failed for a reason of ours.
func (a *alerts) failure(ctx context.Context, id, number string) {
	a.tell(ctx, "failure", flows.T("jobs.alert.failure", "case", id, "incident", number))
}

// tell queues the alert. Not being able to is logged and nothing more: an alert
// must never stop the work it is about.
func (a *alerts) tell(ctx context.Context, kind string, text flows.Text) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	key := keyPrefix + "alert:" + kind
	err := a.redis.SetArgs(ctx, key, "1", redis.SetArgs{Mode: "NX", TTL: alertEvery}).Err()
	if err == redis.Nil { //nolint:errorlint // go-redis returns the sentinel itself
		return
	}
	if err != nil {
		a.log.Warn("alert not counted", "kind", kind, "err", err)
		return
	}
	a.log.Error("trouble", "kind", kind)
	if a.chat == "" {
		return
	}
	now := a.clock()
	_, err = a.commits.Commit(ctx, flows.Commit{Now: now, Effects: []flows.Effect{{
		Kind: flows.EffectAlert, Chat: a.chat,
		Screen: &flows.Screen{Step: "note", Lang: "zh", Blocks: []flows.Block{{Text: text}}},
	}}})
	if err != nil {
		a.log.Error("alert not queued", "kind", kind, "err", err)
		if err := a.redis.Del(ctx, key).Err(); err != nil {
			a.log.Warn("alert waits an hour", "kind", kind, "err", err)
		}
	}
}
