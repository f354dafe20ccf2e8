package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// errTaken ends work whose lease another worker holds by now.
var errTaken = errors.New("another worker took this over")

// leaseScript takes or renews a lease. Running it twice changes nothing.
//
// KEYS[1] the lease
// ARGV[1] token of the holder
// ARGV[2] time to live, milliseconds
// returns 1 when the token holds the lease, 0 when another one does
var leaseScript = redis.NewScript(`
local holder = redis.call("GET", KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return 1
`)

// dropScript ends a lease if it is still the token's.
//
// KEYS[1] the lease
// ARGV[1] token of the holder
// returns the number of leases ended
var dropScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) == ARGV[1] then return redis.call("DEL", KEYS[1]) end
return 0
`)

// leases gives time-limited exclusive holds. They save work, they do not guard
// the truth: what a worker may commit is fenced in the case itself.
type leases struct {
	redis redis.UniversalClient
	ttl   time.Duration
	beat  time.Duration
}

func (l leases) key(name string) string { return keyPrefix + "lease:" + name }

// try takes or renews the lease once.
func (l leases) try(ctx context.Context, name, token string, ttl time.Duration) (bool, error) {
	n, err := leaseScript.Run(ctx, l.redis, []string{l.key(name)}, token, ttl.Milliseconds()).Int()
	if err != nil {
		return false, fmt.Errorf("take lease: %w", err)
	}
	return n == 1, nil
}

func (l leases) drop(ctx context.Context, name, token string) error {
	if err := dropScript.Run(ctx, l.redis, []string{l.key(name)}, token).Err(); err != nil {
		return fmt.Errorf("drop lease: %w", err)
	}
	return nil
}

// held says whether anyone holds the lease.
func (l leases) held(ctx context.Context, name string) (bool, error) {
	n, err := l.redis.Exists(ctx, l.key(name)).Result()
	if err != nil {
		return false, fmt.Errorf("look at lease: %w", err)
	}
	return n == 1, nil
}

// hold takes all names or none and renews them until release, which blocks and
// may be called again. The context it returns ends with errTaken when another
// worker holds one of them, which can only be after a pause longer than the ttl.
// A Redis that does not answer ends nothing: the lease is taken again when it does.
func (l leases) hold(ctx context.Context, token string, names ...string) (context.Context, func(), bool, error) {
	for i, name := range names {
		ok, err := l.try(ctx, name, token, l.ttl)
		if err == nil && ok {
			continue
		}
		l.dropAll(ctx, token, names[:i])
		return nil, nil, false, err
	}
	held, cancel := context.WithCancelCause(ctx)
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(l.beat)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			for _, name := range names {
				if ok, err := l.try(ctx, name, token, l.ttl); err == nil && !ok {
					cancel(errTaken)
					return
				}
			}
		}
	}()
	var once sync.Once
	release := func() {
		once.Do(func() {
			close(stop)
			<-done
			l.dropAll(ctx, token, names)
			cancel(nil)
		})
	}
	return held, release, true, nil
}

// dropAll ends leases also when ctx has ended; those that cannot be ended run out.
func (l leases) dropAll(ctx context.Context, token string, names []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	for _, name := range names {
		if err := l.drop(ctx, name, token); err != nil {
			return // Redis is away: every lease has its end anyway
		}
	}
}
