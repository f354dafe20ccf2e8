package storage

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// Forget deletes the case document and what belongs to it in Redis: waiting job
// effects, letters about it that were not sent, notes, ledger, progress, its place
// in every list, and what a conversation that stands in it still says of it. The
// private Redis then writes its file anew, so that the words are gone from the
// disk, too; while it is already doing so they go with the next time. It may be
// repeated.
func (s *Cases) Forget(ctx context.Context, id string) error {
	actor, err := s.r.client.HGet(ctx, keyCase(id), "actor").Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fail("forget a case", err)
	}
	if err := s.leave(ctx, actor, id); err != nil {
		return err
	}
	keys := []string{
		keyCase(id), keyCaseEffects(id), keyUnfinished, keyFailed, keyExpiry,
		keyReady, keyLater, keyLedger(id), keyProgressOf(id), keyProgress,
		keyLettersOf(id), keyNotesOf(id), keyMailLater, keyMailSlots,
	}
	if err := forgetScript.Run(ctx, s.r.client, keys, prefix, id).Err(); err != nil {
		return fail("forget a case", err)
	}
	if err := s.leave(ctx, actor, id); err != nil { // a step may have come in between
		return err
	}
	return s.r.scrub(ctx)
}

// leave takes the conversation of an actor out of a case: its screen and what was
// said beside it may hold words of the case. One that stands elsewhere stays.
func (s *Cases) leave(ctx context.Context, actor, id string) error {
	if actor == "" {
		return nil
	}
	for range conflictsMost {
		state, err := s.Load(ctx, actor, s.r.cfg.Clock())
		if err != nil {
			return err
		}
		session := state.Session
		if session.Case != id && session.Batch.Case != id {
			return nil
		}
		if session.Case == id {
			session.Case, session.Step, session.Token, session.Question, session.Exhibit = "", "", "", 0, ""
			session.Last = flows.Screen{}
		}
		session.Noted, session.Batch = flows.Noted{}, flows.Batch{}
		outcome, err := s.Commit(ctx, flows.Commit{Session: &session, Now: s.r.cfg.Clock()})
		if err != nil || outcome == flows.Saved {
			return err
		}
	}
	return conflict(errors.New("leave a case: others change the conversation all the time"))
}
