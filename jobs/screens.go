package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"clipcase/flows"
	"clipcase/media"
)

// Reader reads screens, behind everything that people wait for.
type Reader interface {
	// Reads says whether there is something to read with.
	Reads() bool
	// Read gives what stands on the screen of an original, until so much processor time is spent.
	Read(ctx context.Context, path string, probe media.Probe, within time.Duration) ([]media.Reading, error)
	// Choose finds the stretch of about length seconds where most happens.
	Choose(ctx context.Context, path string, probe media.Probe, length float64) (media.Range, error)
}

// screens reads what stands on the screen of an exhibit, for its time line and to
// propose key moments, while the person goes on: one at a time, with the lowest
// priority, in a queue of its own that nobody's files wait in. It is a convenience: whatever
// fails is logged, preparing reads for itself, and the moment can be typed.
type screens struct {
	cfg    Config
	cases  Cases
	blobs  Blobs
	reader Reader
	words  func(scenario string) []string
	small  *previews
	log    *slog.Logger
}

// run reads one exhibit. Only the end of the program has it tried again.
func (s *screens) run(ctx context.Context, t task, _ string) error {
	c, err := s.cases.Case(ctx, t.Case)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	e := c.Exhibit(t.Exhibit)
	if e == nil || !e.Unread() || !s.reader.Reads() {
		return nil
	}
	err = s.read(ctx, c, e)
	switch {
	case err == nil, absent(err), conflicting(err):
		return nil
	case stopped(ctx, err):
		return err
	case dropped(ctx, s.cases, c.ID):
		return nil
	}
	s.log.Warn("a screen was not read", "case", c.ID, "exhibit", e.ID, "err", err)
	return nil
}

func (s *screens) read(ctx context.Context, c *flows.Case, e *flows.Exhibit) error {
	path, release, err := s.blobs.Stage(ctx, e.Blob)
	if err != nil {
		return fmt.Errorf("stage original: %w", err)
	}
	defer release()
	found, err := s.reader.Read(ctx, path, *e.Probe, media.ReadWithin(*e.Probe))
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	seen := media.TimeLine(found)
	var moments []media.Candidate
	if e.Probe.Kind == media.KindVideo && e.Probe.Duration > media.ChosenLength {
		busiest, err := s.reader.Choose(ctx, path, *e.Probe, media.ChosenLength)
		if err != nil {
			return fmt.Errorf("choose: %w", err)
		}
		words := s.words(c.Scenario)
		moments = media.Candidates(seen, &busiest, words, e.Probe.Duration, flows.Candidates)
	}
	shown, err := s.pictures(ctx, c, e, path, moments)
	if err != nil && ctx.Err() == nil && !dropped(ctx, s.cases, c.ID) {
		s.log.Warn("pictures of moments were not made", "case", c.ID, "exhibit", e.ID, "err", err)
	}
	_, err = s.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		return c.ExhibitRead(e.ID, seen, moments, shown, s.cfg.Clock())
	})
	return err
}
