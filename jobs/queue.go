package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
)

// queue puts tasks into asynq. Putting the same need in twice is harmless.
type queue struct {
	client    *asynq.Client
	inspector *asynq.Inspector
	leases    leases
	clock     func() time.Time
}

// limits of one run of a task: generous, since progress is watched elsewhere.
const (
	ingestLimit  = time.Hour
	processLimit = 8 * time.Hour
	deliverLimit = 2 * time.Hour
	maxRetry     = 25
)

// add queues t. A task of the same id that waits is enough; one that was
// archived makes room; one that is marked as running but whose worker is gone
// gets a successor under another id (asynq itself would bring it back only
// after a minute and a half).
func (q *queue) add(ctx context.Context, t task) error {
	id := t.id()
	for range 3 {
		err := q.put(ctx, t, id)
		if err == nil || !errors.Is(err, asynq.ErrTaskIDConflict) {
			return err
		}
		info, err := q.inspector.GetTaskInfo(t.queue, id)
		switch {
		case errors.Is(err, asynq.ErrTaskNotFound), errors.Is(err, asynq.ErrQueueNotFound):
			continue // it ended between the two calls
		case err != nil:
			return fmt.Errorf("look at task: %w", err)
		case info.State == asynq.TaskStateArchived, info.State == asynq.TaskStateCompleted:
			if err := q.inspector.DeleteTask(t.queue, id); err != nil && !errors.Is(err, asynq.ErrTaskNotFound) {
				return fmt.Errorf("remove finished task: %w", err)
			}
		case info.State == asynq.TaskStateActive:
			alive, err := q.leases.held(ctx, t.subject())
			if err != nil {
				return err
			}
			if alive {
				return nil
			}
			half := q.clock().Unix() / 30
			if err := q.put(ctx, t, id+"~"+strconv.FormatInt(half, 10)); err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
				return err
			}
			return nil
		default:
			return nil
		}
	}
	return nil
}

func (q *queue) put(ctx context.Context, t task, id string) error {
	limit := map[string]time.Duration{kindIngest: ingestLimit, kindRead: ingestLimit, kindProcess: processLimit, kindEarly: processLimit, kindDeliver: deliverLimit, kindStamp: ingestLimit, kindMail: deliverLimit}[t.Kind]
	_, err := q.client.EnqueueContext(ctx, asynq.NewTask(t.Kind, t.payload()),
		asynq.TaskID(id), asynq.Queue(t.queue), asynq.MaxRetry(maxRetry), asynq.Timeout(limit))
	if err != nil {
		return fmt.Errorf("queue %s: %w", t.Kind, err)
	}
	return nil
}

// lengths counts what waits and what runs, by queue.
func (q *queue) lengths() (waiting, running map[string]int, err error) {
	waiting, running = map[string]int{}, map[string]int{}
	known, err := q.inspector.Queues()
	if err != nil {
		return nil, nil, fmt.Errorf("list queues: %w", err)
	}
	for _, name := range allQueues() {
		waiting[name], running[name] = 0, 0
		if !slices.Contains(known, name) {
			continue // nothing was ever put into it
		}
		info, err := q.inspector.GetQueueInfo(name)
		if err != nil {
			return nil, nil, fmt.Errorf("look at queue: %w", err)
		}
		waiting[name], running[name] = info.Pending+info.Retry+info.Scheduled, info.Active
	}
	return waiting, running, nil
}

// listed is how many tasks are read in one go.
const listed = 500

// drop takes the tasks of a case out of every queue. One that is running ends by
// itself: its worker watches the case.
func (q *queue) drop(id string) error {
	known, err := q.inspector.Queues()
	if err != nil {
		return fmt.Errorf("list queues: %w", err)
	}
	for _, name := range allQueues() {
		if !slices.Contains(known, name) {
			continue // nothing was ever put into it
		}
		for _, list := range []func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error){
			q.inspector.ListPendingTasks, q.inspector.ListScheduledTasks, q.inspector.ListRetryTasks, q.inspector.ListArchivedTasks,
		} {
			if err := q.dropFrom(name, id, list); err != nil {
				return err
			}
		}
	}
	return nil
}

func (q *queue) dropFrom(name, id string, list func(string, ...asynq.ListOption) ([]*asynq.TaskInfo, error)) error {
	var found []string
	for page := 1; ; page++ {
		tasks, err := list(name, asynq.PageSize(listed), asynq.Page(page))
		if err != nil {
			return fmt.Errorf("list tasks: %w", err)
		}
		for _, info := range tasks {
			var t task
			if err := json.Unmarshal(info.Payload, &t); err != nil {
				return fmt.Errorf("read a task: %w", err)
			}
			if t.Case == id {
				found = append(found, info.ID)
			}
		}
		if len(tasks) < listed {
			break
		}
	}
	for _, task := range found {
		err := q.inspector.DeleteTask(name, task)
		if err == nil || errors.Is(err, asynq.ErrTaskNotFound) {
			continue
		}
		if info, lookErr := q.inspector.GetTaskInfo(name, task); lookErr == nil && info.State == asynq.TaskStateActive {
			continue // it has begun in between
		}
		return fmt.Errorf("drop a task: %w", err)
	}
	return nil
}
