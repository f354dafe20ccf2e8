package ffmpeg

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"clipcase/media"
)

const (
	foreseeFrom = 60.0 // seconds of a piece from which on a first attempt costs more than looking ahead
	lookAhead   = 3.0  // seconds of each place that is looked at
	lookPlaces  = 3
	tooMuch     = 1.3 // times what a piece may weigh: what is foreseen errs by a quarter

	glimpse      = 0.4  // seconds of each place of a short piece
	grainShare   = 1.25 // times what the middle of a piece takes: with less grain, all of it is hardly a film
	short        = 1.1  // a few pictures take so much less than they do in a piece: what follows them is not known
	sameGrain    = 0.1  // by which what two places foresee differs at most from what one did: then a third tells nothing new
	grainEffort  = 2.2  // a film full of grain took 2.1 times the processor time of the screens before and behind it
	glimpseShare = 0.06 // of the work that a short piece is
	glimpseOver  = 0.98 // of what a short piece should weigh at most is aimed at: what is foreseen errs by a twentieth
)

// foresee encodes a few short places of a long stretch before all of it, for pieces
// that may not weigh as much as they like: an attempt that would come out several
// times too large is never made. What is foreseen only chooses where to begin; what
// comes out is measured as ever.
func (e *Engine) foresee(ctx context.Context, open map[int]*contender) error {
	var bounded []*contender
	for _, c := range open {
		switch {
		case c.ladder.hard == 0:
		case c.piece.Range.Length() > foreseeFrom:
			bounded = append(bounded, c)
		case c.piece.Range.Length() <= shortPiece:
			if err := c.glimpse(ctx); err != nil {
				return err
			}
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
		if _, err := encode(ctx, all, nil, 1); err != nil {
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
		pictures := float64(bytes[i]) * c.piece.Range.Length() / (lookPlaces * lookAhead)
		c.foreseen(pictures)
		whole := c.ladder.audio + int64(pictures)
		c.at = c.ladder.begin(whole)
	}
	return nil
}

// glimpse codes moments of a short piece and keeps nothing but their sizes: grain,
// whose bits hang steeply on the quality asked for, then lands where there is room for
// it at the first attempt. Where the middle shows a screen, or a second place is like
// it, nothing more is looked at.
func (c *contender) glimpse(ctx context.Context) error {
	best := c.at
	key, rest := 0.0, 0.0 // bytes of a key picture, and of one that is none; of all places
	before := 0.0         // what was foreseen with one place less
	for looked, place := range []float64{0.5, 1.0 / 6, 5.0 / 6} {
		look := *c
		from := c.piece.Range.Start + (c.piece.Range.Length()-glimpse)*place
		look.piece.Range = media.Range{Start: from, End: from + glimpse}
		look.at = best
		look.piece.Audio, look.report, look.at.bits, look.ran = 0, func(float64) {}, 0, nil
		sizes, err := look.sizes(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil || len(sizes) < 2 {
			c.log.Debug("nothing foreseen", "reason", err)
			return nil // the first attempt begins as it would have
		}
		key += sizes[0]
		for _, size := range sizes[1:] {
			rest += size / float64(len(sizes)-1)
		}
		places := float64(looked + 1)
		pictures := c.piece.Range.Length() * c.at.fps
		keys := math.Ceil(c.piece.Range.Length() / keySeconds)
		whole := short * (keys*key + (pictures-keys)*rest) / places
		c.at = c.ladder.near(whole)
		c.foreseen(whole)
		c.looked += glimpseShare
		c.report(c.looked)
		same := math.Abs(whole-before) < sameGrain*before
		if before = whole; same || looked == 0 && !c.ladder.grainy(c.at, grainShare*whole) {
			break
		}
	}
	return nil
}

// foreseen tells whoever reckons the time left how much work a piece is whose
// pictures are to weigh so much.
func (c *contender) foreseen(pictures float64) {
	if c.effort == nil {
		return
	}
	if c.ladder.grainy(c.at, pictures) {
		c.effort(grainEffort)
	} else {
		c.effort(1)
	}
}

// sizes are those of the coded pictures of an attempt, in the order of coding.
func (c *contender) sizes(ctx context.Context) ([]float64, error) {
	g, err := graphOf([]*contender{c}, nil)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	kept := slices.DeleteFunc(g.output.options, func(o option) bool { return o.name == "-f" || o.name == "-movflags" || o.name == "-tag:v" })
	g.output.path, g.output.options = "-", append(kept, option{"-f", "framecrc"})
	args, err := g.compile()
	if err != nil {
		return nil, err
	}
	args = append([]string{"-nostdin", "-hide_banner", "-nostats", "-v", "error", "-y", "-filter_complex_threads", strconv.Itoa(c.threads)}, args...)
	err = c.run(ctx, command{tool: c.ffmpeg, args: args, read: []string{c.from.path, c.font}, write: []string{c.within()}, stdout: &out, wall: c.patience.whole(c.piece.Range.Length())})
	return packetSizes(out.String()), err
}
