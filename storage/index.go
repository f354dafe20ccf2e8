package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// conflictsMost bounds how often Update gives way to others; each conflict means
// that somebody else got on.
const conflictsMost = 200

// Update loads the case, applies change and commits it with the effects change
// returns; on a conflict it does so again. A change that changes nothing and has
// no effects writes nothing. The case returned has its new revision.
func (s *Cases) Update(ctx context.Context, id string, change func(*flows.Case) ([]flows.Effect, error)) (*flows.Case, error) {
	for range conflictsMost {
		c, err := s.Case(ctx, id)
		if err != nil {
			return nil, err
		}
		before, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("update a case: %w", err)
		}
		effects, err := change(c)
		if err != nil {
			return nil, err
		}
		after, err := json.Marshal(c)
		if err != nil {
			return nil, fmt.Errorf("update a case: %w", err)
		}
		if len(effects) == 0 && string(before) == string(after) {
			return c, nil
		}
		outcome, err := s.Commit(ctx, flows.Commit{Case: c, Effects: effects, Spend: c.Spend, Now: s.r.cfg.Clock()})
		if err != nil {
			return nil, err
		}
		if outcome == flows.Saved {
			c.Revision++
			return c, nil
		}
	}
	return nil, conflict(errors.New("update a case: others change it all the time"))
}

// Unfinished lists cases with work under way or due, longest first. Cancelled and
// quarantined cases have none.
func (s *Cases) Unfinished(ctx context.Context) ([]string, error) {
	ids, err := s.r.client.ZRange(ctx, keyUnfinished, 0, -1).Result()
	return ids, fail("list unfinished cases", err)
}

// Ending lists cases whose Expires lies before t, the earliest first.
func (s *Cases) Ending(ctx context.Context, t time.Time) ([]string, error) {
	before := redis.ZRangeArgs{Key: keyExpiry, Start: "-inf", Stop: "(" + strconv.FormatInt(t.UnixMilli(), 10), ByScore: true}
	ids, err := s.r.client.ZRangeArgs(ctx, before).Result()
	return ids, fail("list ending cases", err)
}

// unfinished says whether work is under way or due.
func unfinished(c *flows.Case) bool {
	if !c.Cancelled.IsZero() || c.Quarantined {
		return false
	}
	for _, e := range c.Exhibits {
		if !e.Removed && (e.State == flows.ExhibitFetching || e.State == flows.ExhibitStored) {
			return true
		}
	}
	for _, p := range c.Packs {
		switch p.State {
		case flows.PackPlanned, flows.PackRendering, flows.PackReady, flows.PackDelivering:
			return true
		}
		if p.Post != nil && p.Post.State == flows.PostSending {
			return true
		}
	}
	return false
}

// failed says whether a pack could not be made or handed out.
func failed(c *flows.Case) bool {
	if !c.Cancelled.IsZero() {
		return false
	}
	for _, p := range c.Packs {
		if p.State == flows.PackFailed {
			return true
		}
	}
	return false
}
