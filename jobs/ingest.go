package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"clipcase/flows"
	"clipcase/media"
)

// unknownSize stands for a file whose size nobody announced when room is
// reckoned; more than the cloud server ever gives.
const unknownSize = 20 << 20

// ingest brings what a person sent into the blob store and measures it.
type ingest struct {
	cfg       Config
	cases     Cases
	queue     *queue
	reads     bool // screens are read
	blobs     Blobs
	disk      Disk
	fetcher   Fetcher
	inspector Inspector
	previews  *previews
	stored    func(ref string)
	notes     notes
	alerts    *alerts
	log       *slog.Logger
}

// run does what is left to do for one exhibit. It may be repeated at any point.
func (g *ingest) run(ctx context.Context, t task, _ string) error {
	c, err := g.cases.Case(ctx, t.Case)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	e := c.Exhibit(t.Exhibit)
	if e == nil || c.Quarantined || !c.Cancelled.IsZero() || (e.Removed && e.State == flows.ExhibitFetching) {
		return nil
	}
	switch e.State {
	case flows.ExhibitFetching:
		if err := g.fetch(ctx, c, e); err != nil {
			return g.fetchFailed(ctx, c, e, err)
		}
	case flows.ExhibitStored:
	case flows.ExhibitProbed:
		g.read(ctx, c, e.ID)
		g.previews.again(ctx, c, e)
		return nil
	default:
		return nil
	}
	return g.measure(ctx, t)
}

// fetch streams the file to disk. The case learns of it only when it is synced.
func (g *ingest) fetch(ctx context.Context, c *flows.Case, e *flows.Exhibit) error {
	if err := g.room(ctx, c, e); err != nil {
		return err
	}
	source := &resuming{
		ctx: ctx, fetcher: g.fetcher, ref: e.File.Ref, announced: e.File.Bytes,
		stall: g.cfg.Stall, wait: g.cfg.Later / 2, reopens: 3,
	}
	defer source.shut()
	stored, err := g.blobs.PutOriginal(ctx, flows.Sidecar{
		Case: c.ID, Actor: c.Actor, Chat: c.Chat, Lang: c.Lang, Scenario: c.Scenario,
		Exhibit: e.ID, Slot: e.Slot, File: e.File, Received: e.Received,
	}, source)
	if err != nil {
		return err
	}
	if source.announced > 0 && stored.Bytes != source.announced {
		return fmt.Errorf("%w: %d announced, %d stored", errLength, source.announced, stored.Bytes)
	}
	_, err = g.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		return c.ExhibitStored(e.ID, stored, g.cfg.Clock())
	})
	if absent(err) {
		// deleted while the file was on its way: what we just wrote must go too
		return g.blobs.DeletePrefix(ctx, casePrefix(c.ID))
	}
	if conflicting(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("commit original: %w", err)
	}
	g.stored(e.File.Ref)
	g.log.Info("original stored", "case", c.ID, "exhibit", e.ID, "bytes", stored.Bytes)
	return nil
}

// room refuses before the first byte while the disk lacks space for the file
// and the pieces made of it. The person is told once, after a while.
func (g *ingest) room(ctx context.Context, c *flows.Case, e *flows.Exhibit) error {
	size := e.File.Bytes
	if size == 0 {
		size = unknownSize
	}
	free, err := g.disk.Free(ctx)
	if err != nil {
		return fmt.Errorf("free space: %w", err)
	}
	if free >= 3*size {
		return nil
	}
	key := "disk:" + c.ID + ":" + e.ID
	since, err := g.notes.since(ctx, key, g.cfg.Clock())
	if err != nil {
		return err
	}
	if g.cfg.Clock().Sub(since) >= g.cfg.DiskWait {
		if err := g.notes.once(ctx, key+":told", func() error {
			_, err := g.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
				return []flows.Effect{c.Notice(flows.T("jobs.wait.disk"))}, nil
			})
			return err
		}); err != nil && !absent(err) {
			return err
		}
	}
	return &later{after: grow(g.cfg.Later, 2, 10*time.Second), why: "disk"}
}

// fetchFailed decides whether a download is tried again or given up, and tells
// the person at once when it is given up.
func (g *ingest) fetchFailed(ctx context.Context, c *flows.Case, e *flows.Exhibit, err error) error {
	var wait *later
	if errors.As(err, &wait) || stopped(ctx, err) {
		return err
	}
	if errors.Is(err, ErrElsewhere) {
		return &later{after: grow(g.cfg.Later, 4, time.Minute), why: "elsewhere"}
	}
	problem := flows.Problem{Class: flows.Unavailable, Text: flows.T("jobs.lost")}
	if flows.ClassOf(err) == flows.UserMedia {
		var told *flows.Error
		errors.As(err, &told)
		problem = flows.Problem{Class: flows.UserMedia, Text: told.Text}
	} else if flows.ClassOf(err) == flows.Unavailable {
		if again, err := g.away(ctx, c, e, err); again {
			return err
		}
	} else {
		tries, countErr := g.notes.count(ctx, "fetch:"+c.ID+":"+e.ID)
		if countErr != nil {
			return countErr
		}
		if tries < g.cfg.Tries {
			g.log.Warn("download failed", "case", c.ID, "exhibit", e.ID, "try", tries, "err", err)
			return &later{after: grow(g.cfg.Later, tries-1, time.Minute), why: "download"}
		}
		if flows.ClassOf(err) == flows.Internal && !errors.Is(err, errLength) && !errors.Is(err, io.ErrUnexpectedEOF) {
			problem.Class, problem.Incident = flows.Internal, incident(g.cfg.IDs)
		}
	}
	g.log.Error("download given up", "case", c.ID, "exhibit", e.ID, "class", problem.Class, "incident", problem.Incident, "err", err)
	if problem.Class != flows.UserMedia {
		g.alerts.failure(ctx, c.ID, problem.Incident)
	}
	_, commit := g.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		return c.ExhibitLost(e.ID, problem, g.cfg.Clock())
	})
	if absent(commit) || conflicting(commit) {
		return nil
	}
	if commit != nil {
		return fmt.Errorf("commit loss: %w", commit)
	}
	return nil
}

// away waits while the place a file comes from cannot be reached: hours, as for a
// delivery. The person is told once a case, after a while, in the words of the
// one who could not reach it. It says whether to try again.
func (g *ingest) away(ctx context.Context, c *flows.Case, e *flows.Exhibit, cause error) (again bool, why error) {
	key := "away:" + c.ID + ":" + e.ID
	tries, err := g.notes.count(ctx, key)
	if err != nil {
		return true, err
	}
	since, err := g.notes.since(ctx, key+":since", g.cfg.Clock())
	if err != nil {
		return true, err
	}
	if !e.Received.IsZero() {
		since = e.Received // notes are forgotten after a day
	}
	waited := g.cfg.Clock().Sub(since)
	if waited > g.cfg.GiveUp {
		return false, nil
	}
	g.log.Warn("download waits", "case", c.ID, "exhibit", e.ID, "try", tries, "err", cause)
	var told *flows.Error
	if errors.As(cause, &told) && told.Text.Key != "" && waited >= g.cfg.AwayWait {
		err := g.notes.once(ctx, "away:"+c.ID+":told", func() error {
			_, err := g.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
				return []flows.Effect{c.Delayed(e.ID, told.Text)}, nil
			})
			return err
		})
		if err != nil && !absent(err) {
			return true, err
		}
	}
	return true, &later{after: grow(g.cfg.Later, tries-1, time.Minute), why: "away"}
}

// measure inspects a stored original and commits what was found.
func (g *ingest) measure(ctx context.Context, t task) error {
	c, err := g.cases.Case(ctx, t.Case)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	e := c.Exhibit(t.Exhibit)
	if e == nil || e.State != flows.ExhibitStored || c.Quarantined {
		return nil
	}
	probe, refusal, err := g.inspect(ctx, e.Blob)
	if err != nil {
		if stopped(ctx, err) {
			return err
		}
		if dropped(ctx, g.cases, c.ID) {
			return nil
		}
		tries, countErr := g.notes.count(ctx, "inspect:"+c.ID+":"+e.ID)
		if countErr != nil {
			return countErr
		}
		if tries < g.cfg.Attempts || flows.ClassOf(err) == flows.Unavailable {
			return &later{after: g.cfg.Later, why: "inspect"}
		}
		// measuring fails for a reason of ours each time: the file is set aside so that the rest goes on
		g.log.Error("cannot measure", "case", c.ID, "exhibit", e.ID, "incident", incident(g.cfg.IDs), "err", err)
		refusal = &media.Refusal{Code: media.RefusedUnreadable, Err: err}
	}
	c, err = g.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		if refusal != nil {
			return c.ExhibitRefused(e.ID, refusal, g.cfg.Clock())
		}
		return c.ExhibitProbed(e.ID, probe, g.cfg.Clock())
	})
	if absent(err) || conflicting(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("commit measures: %w", err)
	}
	g.read(ctx, c, e.ID) // first: it takes longest, and waits for nothing here
	g.previews.make(ctx, c, e.ID)
	return nil
}

// read asks for the screen to be read, which takes much longer than measuring:
// here it would hold up the files of everybody else. Like previews it is a
// convenience.
func (g *ingest) read(ctx context.Context, c *flows.Case, id string) {
	if e := c.Exhibit(id); !g.reads || e == nil || !e.Unread() {
		return
	}
	if err := g.queue.add(ctx, readTask(c.ID, id)); err != nil {
		g.log.Warn("a screen will not be read", "case", c.ID, "exhibit", id, "err", err)
	}
}

func (g *ingest) inspect(ctx context.Context, blob string) (media.Probe, *media.Refusal, error) {
	path, release, err := g.blobs.Stage(ctx, blob)
	if err != nil {
		return media.Probe{}, nil, fmt.Errorf("stage original: %w", err)
	}
	defer release()
	probe, err := g.inspector.Inspect(ctx, path)
	var refusal *media.Refusal
	if errors.As(err, &refusal) {
		return probe, refusal, nil
	}
	if err != nil {
		return probe, nil, fmt.Errorf("inspect: %w", err)
	}
	return probe, nil, nil
}

// incident is a short number that the person can name and the log knows.
func incident(ids func() string) string {
	id := ids()
	return id[:min(len(id), 8)]
}
