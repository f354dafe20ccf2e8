package storage

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Notes keeps small facts across restarts, each with a time to live.
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
	return fail("write a note", n.r.client.Set(ctx, keyNote(key), value, ttl).Err())
}
