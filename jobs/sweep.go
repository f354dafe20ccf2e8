package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"clipcase/flows"
)

// sweep looks after what nobody else would: work whose worker or task is gone,
// cases at their end, deletions that were interrupted, trouble to be told.
type sweep struct {
	cfg     Config
	cases   Cases
	disk    Disk
	queue   *queue
	forget  *forget
	stamps  *stamps
	notes   notes
	alerts  *alerts
	leases  leases
	places  *places
	token   string
	log     *slog.Logger
	waiting map[string]time.Time // since when a case waits whose making nobody is at, as this sweep found it
}

// run works until ctx ends. Of all processes one sweeps at a time.
func (s *sweep) run(ctx context.Context) {
	tick := time.NewTicker(max(s.cfg.Sweeping/2, time.Millisecond))
	defer tick.Stop()
	for half := 0; ; half++ {
		mine, err := s.leases.try(ctx, "sweep", s.token, s.cfg.Sweeping*6/5)
		if err == nil && mine {
			if half%2 == 0 {
				err = s.once(ctx)
			}
			if err == nil {
				err = s.places.publish(ctx)
			}
		}
		if err != nil && ctx.Err() == nil {
			s.log.Warn("sweep goes on later", "err", err)
		}
		select {
		case <-ctx.Done():
			s.leases.dropAll(ctx, s.token, []string{"sweep"})
			return
		case <-tick.C:
		}
	}
}

// once is one sweep. Each part is tried also when another failed.
func (s *sweep) once(ctx context.Context) error {
	var first error
	for _, part := range []func(context.Context) error{s.revive, s.forget.rest, s.stamps.rest, s.retention, s.trouble} {
		if err := part(ctx); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// revive puts the work of unfinished cases into the queue. Work that waits or
// runs there already has the same id and is not doubled.
func (s *sweep) revive(ctx context.Context) error {
	ids, err := s.cases.Unfinished(ctx)
	if err != nil {
		return fmt.Errorf("list unfinished: %w", err)
	}
	waiting := map[string]time.Time{}
	for _, id := range ids {
		c, err := s.cases.Case(ctx, id)
		if absent(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read case: %w", err)
		}
		if over(c) {
			continue
		}
		for _, t := range s.needs(c) {
			if t.Kind == kindProcess {
				// each try of a pack changes the id: a task would be put beside the one that runs
				under, err := s.leases.held(ctx, t.subject())
				if err != nil {
					return err
				}
				if under {
					continue
				}
				waiting[id] = wantedAt(c)
			}
			if err := s.queue.add(ctx, t); err != nil {
				return err
			}
		}
	}
	s.waiting = waiting
	return nil
}

// wantedAt is when the work that waits was asked for: kept in the case, so that it
// holds for whichever process sweeps.
func wantedAt(c *flows.Case) time.Time {
	at := c.Submitted
	for _, e := range c.History {
		if (e.What == "planned" || e.What == "twin") && e.At.After(at) {
			at = e.At
		}
	}
	return at
}

// needs lists the work a case asks for as it stands. Work under way counts too:
// whether its worker is alive is seen when it is put into the queue.
func (s *sweep) needs(c *flows.Case) []task {
	var tasks []task
	for i := range c.Exhibits {
		e := &c.Exhibits[i]
		if e.State == flows.ExhibitStored || (e.State == flows.ExhibitFetching && !e.Removed) {
			tasks = append(tasks, ingestTask(c.ID, e.ID))
		}
	}
	if !c.Submitted.IsZero() && !c.Pending() {
		if t, ok := processTask(c, c.Urgent); ok {
			tasks = append(tasks, t)
		}
	}
	for i := range c.Packs {
		p := &c.Packs[i]
		if p.Waits() && !p.Stopped {
			tasks = append(tasks, deliverTask(c.ID, p))
		}
		if p.Post != nil && p.Post.State == flows.PostSending {
			tasks = append(tasks, mailTask(c.ID, p.Post.N))
		}
	}
	return tasks
}

// retention reminds before the end of a case and deletes it at the end.
func (s *sweep) retention(ctx context.Context) error {
	now := s.cfg.Clock()
	ids, err := s.cases.Ending(ctx, now.Add(s.cfg.Remind))
	if err != nil {
		return fmt.Errorf("list ending: %w", err)
	}
	for _, id := range ids {
		err := s.ending(ctx, id, now)
		if err != nil && !absent(err) && !conflicting(err) {
			return fmt.Errorf("end of case: %w", err)
		}
	}
	return nil
}

func (s *sweep) ending(ctx context.Context, id string, now time.Time) error {
	c, err := s.cases.Case(ctx, id)
	if err != nil {
		return err
	}
	if now.Before(c.Expires) {
		_, err := s.cases.Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
			effects := c.Remind(now)
			if effects == nil {
				return nil, errNothing
			}
			return effects, nil
		})
		if err == errNothing { //nolint:errorlint // Update returns it as it is
			return nil
		}
		return err
	}
	return s.notes.once(ctx, "expired:"+id, func() error {
		_, err := s.cases.Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
			return c.Expire(now), nil
		})
		return err
	})
}

// trouble tells the staff what they should look at.
func (s *sweep) trouble(ctx context.Context) error {
	now := s.cfg.Clock()
	for id, since := range s.waiting {
		if now.Sub(since) > s.cfg.QueueLong {
			s.alerts.tell(ctx, "queue", flows.T("jobs.alert.queue", "case", id, "minutes", int(now.Sub(since).Minutes()), "cases", len(s.waiting)))
			break
		}
	}
	share, err := s.disk.Usage(ctx)
	if err != nil {
		return fmt.Errorf("disk usage: %w", err)
	}
	if share >= s.cfg.DiskAlarm {
		s.alerts.tell(ctx, "disk", flows.T("jobs.alert.disk", "percent", int(share*100)))
	}
	return nil
}
