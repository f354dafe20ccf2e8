package prepare

import (
	"context"
	"errors"
	"math"
	"slices"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// Reader reads the words on the screen; media/ffmpeg has the one that is used.
type Reader interface {
	// Read gives what stands on the screen of an original at the moments worth
	// it, within a bounded time; moments that cannot be read are left out. A
	// *media.Refusal is the file's; any other error is ctx's or ours.
	Read(ctx context.Context, path string, probe media.Probe) ([]media.Reading, error)
}

const sameMoment = 0.6 // seconds between a picture and a reading of the same screen

// read puts the time line of every original together, where it is not known yet.
// It comes before planning: captions and the key moment go by it.
func (w *work) read(ctx context.Context) error {
	for _, e := range w.exhibits {
		if !e.usable() || e.probe.Kind == media.KindDocument {
			continue
		}
		e.seen = e.Seen
		if e.seen == nil && w.cfg.Reader != nil {
			found, err := w.cfg.Reader.Read(ctx, e.path, e.probe)
			var refusal *media.Refusal
			if err != nil && (ctx.Err() != nil || !errors.As(err, &refusal)) {
				return err
			}
			e.seen = media.TimeLine(found) // of a file that cannot be opened rendering tells
		}
		w.record.Timeline = append(w.record.Timeline, dossier.Timeline(e.sha256, e.seen)...)
	}
	return nil
}

// telling is the line on the screen at a moment that says most about the matter;
// "" if none is known.
func (w *work) telling(e *exhibit, at float64) string {
	var lines []string
	for _, s := range e.seen {
		if s.Stood(at, sameMoment) {
			lines = append(lines, s.Text)
		}
	}
	line, _ := flows.Clean(media.Telling(lines, w.scenario.Moments), dossier.SeenMost)
	return line
}

// spoken is the stretch of a recording that the words on its screen speak for,
// around the likeliest moment; false if none says anything about the matter.
func (w *work) spoken(e *exhibit, busiest media.Range) (media.Range, bool) {
	for _, c := range media.Candidates(e.seen, &busiest, w.scenario.Moments, e.probe.Duration, 1) {
		if c.Text == "" {
			continue
		}
		start := max(0, math.Floor(c.At-media.MomentBefore))
		start = max(0, min(start, math.Floor(e.probe.Duration-media.ChosenLength)))
		return media.Range{Start: start, End: min(e.probe.Duration, start+media.ChosenLength)}, true
	}
	return media.Range{}, false
}

// told are the lines of all originals that the summary shows.
func (w *work) told() []dossier.Seen {
	var out []dossier.Seen
	for _, e := range w.exhibits {
		out = append(out, dossier.Telling(e.sha256, e.shown, e.seen, w.scenario.Moments)...)
	}
	return slices.Clip(out[:min(len(out), dossier.SeenShown)])
}
