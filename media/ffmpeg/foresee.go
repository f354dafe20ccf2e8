package ffmpeg

import (
	"context"
	"os"
	"path/filepath"

	"clipcase/media"
)

const (
	foreseeFrom = 60.0 // seconds of a piece from which on a first attempt costs more than looking ahead
	lookAhead   = 3.0  // seconds of each place that is looked at
	lookPlaces  = 3
	tooMuch     = 1.3 // times what a piece may weigh: what is foreseen errs by a quarter
)

// foresee encodes a few short places of a long stretch before all of it, for pieces
// that may not weigh as much as they like: an attempt that would come out several
// times too large is never made. What is foreseen only chooses where to begin; what
// comes out is measured as ever.
func (e *Engine) foresee(ctx context.Context, open map[int]*contender) error {
	var bounded []*contender
	for _, c := range open {
		if c.ladder.hard > 0 && c.piece.Range.Length() > foreseeFrom {
			bounded = append(bounded, c)
		}
	}
	if len(bounded) == 0 {
		return nil
	}
	bytes := make([]int64, len(bounded))
	for place := range lookPlaces {
		var all []*contender
		for _, c := range bounded {
			look := *c
			look.work = filepath.Join(c.room, filepath.Base(c.work)+"-look")
			if err := os.MkdirAll(look.work, 0o700); err != nil {
				return err
			}
			from := c.piece.Range.Start + (c.piece.Range.Length()-lookAhead)*(float64(place)+0.5)/lookPlaces
			look.piece.Range = media.Range{Start: from, End: from + lookAhead}
			look.piece.Audio, look.report, look.at.bits = 0, func(float64) {}, 0
			all = append(all, &look)
		}
		if _, err := encode(ctx, all, 1); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			e.log.Debug("nothing foreseen", "reason", err)
			return nil // the first attempt begins as it would have
		}
		for i, look := range all {
			stat, err := os.Stat(look.file())
			if err != nil {
				return err
			}
			bytes[i] += stat.Size()
		}
	}
	for i, c := range bounded {
		whole := c.ladder.audio + int64(float64(bytes[i])*c.piece.Range.Length()/(lookPlaces*lookAhead))
		c.at = c.ladder.begin(whole)
	}
	return nil
}
