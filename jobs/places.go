package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/hibiken/asynq"

	"clipcase/flows"
)

// places tells those who wait how many cases are before theirs.
type places struct {
	queue    *queue
	cases    Cases
	progress Progress
	last     map[string]int
}

const placesMost = 100

// publish tells every waiting case its place if it changed. Urgent cases come
// first; the true order mixes in normal ones, so a place is an upper bound for
// the former and nearly right for the latter.
func (p *places) publish(ctx context.Context) error {
	if p.progress == nil {
		return nil
	}
	_, running, err := p.queue.lengths()
	if err != nil {
		return err
	}
	before, now := running[queueUrgent]+running[queueNormal], map[string]int{}
	for _, queue := range []string{queueUrgent, queueNormal} {
		tasks, err := p.queue.inspector.ListPendingTasks(queue, asynq.PageSize(placesMost))
		if errors.Is(err, asynq.ErrQueueNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("list waiting tasks: %w", err)
		}
		for _, info := range tasks {
			var t task
			if err := json.Unmarshal(info.Payload, &t); err != nil {
				return fmt.Errorf("read waiting task: %w", err)
			}
			t.Kind = kindProcess
			under, err := p.queue.leases.held(ctx, t.subject()) // what is made of it already says how far it is
			if err != nil {
				return err
			}
			if _, twice := now[t.Case]; !twice && !under && before > 0 {
				now[t.Case] = before
				before++
			}
		}
	}
	for id, place := range now {
		if p.last[id] == place {
			continue
		}
		c, err := p.cases.Case(ctx, id)
		if absent(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read case: %w", err)
		}
		p.progress.Publish(ctx, c.Chat, flows.WorkProgress{Case: id, Place: place, Step: "wait", Left: -1})
	}
	p.last = now
	return nil
}
