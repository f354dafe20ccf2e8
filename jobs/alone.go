package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// inheritScript puts the tasks that asynq holds for running back to those that
// wait, the oldest to be taken first. Running it twice changes nothing.
//
// KEYS[1] asynq's running tasks of a queue
// KEYS[2] asynq's leases of that queue
// KEYS[3] asynq's waiting tasks of that queue
// ARGV[1] what stands before a task's key
// ARGV[2] now, nanoseconds
// returns the number of tasks put back
var inheritScript = redis.NewScript(`
local ids = redis.call("LRANGE", KEYS[1], 0, -1)
local n = 0
for _, id in ipairs(ids) do
	if redis.call("EXISTS", ARGV[1] .. id) == 1 then
		redis.call("RPUSH", KEYS[3], id)
		redis.call("HSET", ARGV[1] .. id, "state", "pending", "pending_since", ARGV[2])
		n = n + 1
	end -- a task that is gone is only taken off the list
end
redis.call("DEL", KEYS[1], KEYS[2])
return n
`)

// inherit ends whatever a process that is gone held, so that its work goes on at
// once. Only for a process that is alone with its Redis, and before it works:
// without this, leases run out and asynq's tasks are found by the sweep.
func (j *Jobs) inherit() {
	ctx, cancel := context.WithTimeout(j.worker.stopping, 5*time.Second)
	defer cancel()
	back, err := j.worker.leases.endAll(ctx)
	if err == nil {
		err = j.queue.inherit(ctx)
	}
	if err != nil {
		j.cfg.Log.Warn("what an earlier process held runs out by itself", "err", err)
		return
	}
	if back > 0 {
		j.cfg.Log.Info("work of an earlier process goes on", "held", back)
	}
}

// endAll ends every lease, whoever holds it, and says how many there were.
func (l leases) endAll(ctx context.Context) (int, error) {
	var keys []string
	found := l.redis.Scan(ctx, 0, l.key("*"), 1000).Iterator()
	for found.Next(ctx) {
		keys = append(keys, found.Val())
	}
	if err := found.Err(); err != nil {
		return 0, fmt.Errorf("list leases: %w", err)
	}
	if len(keys) == 0 {
		return 0, nil
	}
	if err := l.redis.Del(ctx, keys...).Err(); err != nil {
		return 0, fmt.Errorf("end leases: %w", err)
	}
	return len(keys), nil
}

// inherit makes tasks wait again that run nowhere any more. The keys are
// asynq's own; were they named otherwise one day, nothing would be found and the
// sweep would do it.
func (q *queue) inherit(ctx context.Context) error {
	for _, name := range allQueues() {
		prefix := "asynq:{" + name + "}:"
		keys := []string{prefix + "active", prefix + "lease", prefix + "pending"}
		if err := inheritScript.Run(ctx, q.leases.redis, keys, prefix+"t:", time.Now().UnixNano()).Err(); err != nil {
			return fmt.Errorf("put tasks back: %w", err)
		}
	}
	return nil
}
