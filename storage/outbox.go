package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"clipcase/flows"
)

// poll is how often a waiting Pull or Take looks again: an effect is picked up
// within it. Looking writes nothing, so it costs the append-only file nothing.
const poll = 100 * time.Millisecond

// Outbox hands over committed job effects.
type Outbox struct{ r *Redis }

// Outbox is the part of r that hands over job effects.
func (r *Redis) Outbox() *Outbox { return &Outbox{r} }

// Pull returns effects in the order of their commit, oldest first, without
// removing them; one with an After joins the order when it is due. It waits up
// to wait for the first, and returns none when nothing came.
func (o *Outbox) Pull(ctx context.Context, most int, wait time.Duration) ([]flows.Effect, error) {
	const op = "pull from the outbox"
	var effects []flows.Effect
	err := waitFor(ctx, wait, func() (bool, error) {
		keys := []string{keyReady, keyLater, keyOrder}
		rows, err := pullScript.Run(ctx, o.r.client, keys, prefix, o.r.now(), most).StringSlice()
		if err != nil {
			return false, fail(op, err)
		}
		for i := 0; i+1 < len(rows); i += 2 {
			var e flows.Effect
			if err := json.Unmarshal([]byte(rows[i+1]), &e); err != nil {
				return false, fmt.Errorf("%s: effect %s: %w", op, rows[i], err)
			}
			effects = append(effects, e)
		}
		return len(effects) > 0, nil
	})
	return effects, err
}

// Drop removes effects that were handed on; it may be repeated.
func (o *Outbox) Drop(ctx context.Context, ids ...string) error {
	if len(ids) == 0 {
		return nil
	}
	args := make([]any, 0, len(ids)+1)
	args = append(args, prefix)
	for _, id := range ids {
		args = append(args, id)
	}
	return fail("drop from the outbox", dropScript.Run(ctx, o.r.client, []string{keyReady, keyLater}, args...).Err())
}

// waitFor asks try until it says done or the time is over. The end of ctx is an
// error of class Unavailable.
func waitFor(ctx context.Context, wait time.Duration, try func() (bool, error)) error {
	deadline := time.NewTimer(wait)
	defer deadline.Stop()
	again := time.NewTicker(poll)
	defer again.Stop()
	for {
		if done, err := try(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fail("wait", ctx.Err())
		case <-deadline.C:
			return nil
		case <-again.C:
		}
	}
}
