package storage

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/redis/go-redis/v9"
)

// Notes keeps small facts across restarts, each with a time to live. One whose key
// names a case is forgotten with it.
type Notes struct{ r *Redis }

// Notes is the part of r that keeps small facts.
func (r *Redis) Notes() *Notes { return &Notes{r} }

// Note reads a fact; "" = none.
func (n *Notes) Note(ctx context.Context, key string) (string, error) {
	value, err := n.r.client.Get(ctx, keyNote(key)).Result()
	if errors.Is(err, redis.Nil) {
		return "", nil
	}
	return value, fail("read a note", err)
}

// SetNote keeps a fact for ttl; ttl ≤ 0 removes it.
func (n *Notes) SetNote(ctx context.Context, key, value string, ttl time.Duration) error {
	if ttl <= 0 {
		return fail("remove a note", n.r.client.Del(ctx, keyNote(key)).Err())
	}
	pipe := n.r.client.TxPipeline()
	pipe.Set(ctx, keyNote(key), value, ttl)
	if id := caseIn.FindString(key); id != "" {
		pipe.SAdd(ctx, keyNotesOf(id), key)
		pipe.Expire(ctx, keyNotesOf(id), notesOfTTL)
	}
	_, err := pipe.Exec(ctx)
	return fail("write a note", err)
}

// caseIn finds the case a key names.
var caseIn = regexp.MustCompile(`\bCC[0-9]{4,15}\b`)

// notesOfTTL is longer than any note lives that names a case.
const notesOfTTL = 90 * 24 * time.Hour
