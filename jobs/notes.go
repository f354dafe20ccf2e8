package jobs

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// notes keeps small facts of running work in Redis for a day: how often, since
// when, already told. Losing them costs a repeated word, never truth.
type notes struct {
	redis redis.UniversalClient
}

const noteTTL = 24 * time.Hour

func (n notes) key(name string) string { return keyPrefix + "note:" + name }

// count adds one and returns the sum.
func (n notes) count(ctx context.Context, name string) (int, error) {
	var sum *redis.IntCmd
	_, err := n.redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		sum = p.Incr(ctx, n.key(name))
		p.Expire(ctx, n.key(name), noteTTL)
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count: %w", err)
	}
	return int(sum.Val()), nil
}

// since returns the time at which name was first asked for.
func (n notes) since(ctx context.Context, name string, now time.Time) (time.Time, error) {
	key := n.key(name)
	if err := n.redis.SetNX(ctx, key, now.UnixMilli(), noteTTL).Err(); err != nil {
		return now, fmt.Errorf("note time: %w", err)
	}
	raw, err := n.redis.Get(ctx, key).Result()
	if err != nil {
		return now, fmt.Errorf("read time: %w", err)
	}
	ms, err := strconv.ParseInt(raw, 10, 64)
	if err != nil {
		return now, fmt.Errorf("read time: %w", err)
	}
	return time.UnixMilli(ms), nil
}

// once runs do unless it ran before; a crash between do and the mark repeats it.
func (n notes) once(ctx context.Context, name string, do func() error) error {
	done, err := n.redis.Exists(ctx, n.key(name)).Result()
	if err != nil {
		return fmt.Errorf("look at note: %w", err)
	}
	if done == 1 {
		return nil
	}
	if err := do(); err != nil {
		return err
	}
	if err := n.redis.Set(ctx, n.key(name), "1", noteTTL).Err(); err != nil {
		return fmt.Errorf("note: %w", err)
	}
	return nil
}

// clear forgets names.
func (n notes) clear(ctx context.Context, names ...string) error {
	for _, name := range names {
		if err := n.redis.Del(ctx, n.key(name)).Err(); err != nil {
			return fmt.Errorf("clear note: %w", err)
		}
	}
	return nil
}
