package prepare

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/media"
)

// Reader reads the words on the screen; media/ffmpeg has the one that is used.
// Its methods may be called at once.
type Reader interface {
	// Read gives what stands on the screen of an original at the moments worth
	// it, until so much processor time is spent; moments that cannot be read are
	// left out. A *media.Refusal is the file's; any other error is ctx's or ours.
	Read(ctx context.Context, path string, probe media.Probe, within time.Duration) ([]media.Reading, error)
	// ReadAt gives what stands there at these few moments; else as Read.
	ReadAt(ctx context.Context, path string, probe media.Probe, moments []float64) ([]media.Reading, error)
}

// readingShare is the processor time that reading beside the work may take, over
// the work's planned cost: about a thirtieth of what the pieces themselves take. A
// screen that was read before the work began, or that a pack shows, is read whole.
const readingShare = 0.07

const sameMoment = 0.6 // seconds between a picture and a reading of the same screen

// unread says that the words on an original's screen are not known and could be.
func (w *work) unread(e *exhibit) bool {
	return e.usable() && e.probe.Kind != media.KindDocument && e.Seen == nil && !e.read && w.cfg.Reader != nil
}

// glance reads only what stands on a screen at some moments that were not looked
// at before: what pictures say under them. The whole is read later, beside the
// work nobody waits for.
func (w *work) glance(ctx context.Context, e *exhibit, moments []float64) error {
	moments = slices.DeleteFunc(slices.Clone(moments), func(at float64) bool { return slices.Contains(e.glanced, at) })
	if len(moments) == 0 {
		return nil
	}
	e.glanced = append(e.glanced, moments...)
	var found []media.Reading
	var err error
	probe := e.probe
	cost := readingEach * float64(len(moments))
	w.meter.cost += cost
	w.away(func() { found, err = w.cfg.Reader.ReadAt(ctx, e.path, probe, moments) })
	w.meter.endJob("", 0, cost)
	return w.learn(ctx, e, found, err)
}

// learn adds readings to what is known of an original's screen. Of a file that
// cannot be opened rendering tells.
func (w *work) learn(ctx context.Context, e *exhibit, found []media.Reading, err error) error {
	var refusal *media.Refusal
	if err != nil && (ctx.Err() != nil || !errors.As(err, &refusal)) {
		return err
	}
	for _, r := range found {
		if !slices.ContainsFunc(e.readings, func(x media.Reading) bool { return x.At == r.At }) {
			e.readings = append(e.readings, r)
		}
	}
	slices.SortFunc(e.readings, func(a, b media.Reading) int { return cmp.Compare(a.At, b.At) })
	e.seen = media.TimeLine(e.readings)
	return nil
}

// reading is the reading of the whole time line of some originals, which goes on
// beside other work.
type reading struct {
	of      []*exhibit
	found   [][]media.Reading
	errs    []error
	done    chan struct{}
	stop    context.CancelFunc
	cost    float64 // for the meter
	counted bool    // as spent
}

// readOn begins to read the time lines that are not known yet, once, beside what
// else is done. Only known touches what it finds.
func (w *work) readOn(ctx context.Context) {
	if w.reading != nil {
		return
	}
	ctx, stop := context.WithCancel(ctx)
	r := &reading{done: make(chan struct{}), stop: stop}
	var probes []media.Probe
	for _, e := range w.exhibits {
		if w.unread(e) {
			r.of, probes = append(r.of, e), append(probes, e.probe)
		}
	}
	r.found, r.errs = make([][]media.Reading, len(r.of)), make([]error, len(r.of))
	w.reading = r
	most := w.readMost(len(r.of))
	for _, probe := range probes {
		r.cost += min(media.ReadWithin(probe), most).Seconds() / processors
	}
	w.meter.cost += r.cost
	go func() {
		defer close(r.done)
		for i, e := range r.of {
			r.found[i], r.errs[i] = w.cfg.Reader.Read(ctx, e.path, probes[i], min(media.ReadWithin(probes[i]), most))
		}
	}()
}

// countReading counts the reading of the time lines as spent, once it has ended.
func (w *work) countReading() {
	if w.reading == nil || w.reading.counted {
		return
	}
	select {
	case <-w.reading.done:
		w.reading.counted = true
		w.meter.endJob("", 0, w.reading.cost)
	default:
	}
}

// readMost is the processor time that reading each of some originals beside the
// work may take. A pack that shows what stood on the screens has them read whole.
func (w *work) readMost(originals int) time.Duration {
	if slices.ContainsFunc(w.packs, (*pack).typeset) {
		return math.MaxInt64
	}
	return time.Duration(readingShare * w.meter.cost * float64(time.Second) / float64(max(1, originals)))
}

// known waits until every original's time line is, for what tells of the whole
// case.
func (w *work) known(ctx context.Context) error {
	w.readOn(ctx)
	r := w.reading
	w.away(func() { <-r.done })
	r.stop()
	w.countReading()
	for i, e := range r.of {
		if e.read {
			continue
		}
		if err := w.learn(ctx, e, r.found[i], r.errs[i]); err != nil {
			return err
		}
		e.read = true
	}
	return nil
}

// unheard ends what nobody waits for any more.
func (w *work) unheard() {
	if w.aside != nil {
		w.aside.stop()
		w.away(func() { <-w.aside.done })
	}
	if w.reading != nil {
		w.reading.stop()
		<-w.reading.done
	}
}

// timeline is what came to stand on the screens, for the record.
func (w *work) timeline() {
	w.record.Timeline = nil
	for _, e := range w.exhibits {
		w.record.Timeline = append(w.record.Timeline, dossier.Timeline(e.sha256, e.seen)...)
	}
}

// captioned reads the screens that the pack's pictures are to show, where that was
// not done yet, and plans the pack with the words.
func (p *pack) captioned(ctx context.Context) error {
	anew := false
	for _, e := range p.exhibits {
		if !p.unread(e) || e.probe.Kind != media.KindVideo {
			continue
		}
		var moments []float64
		for _, f := range p.which((*file).open) {
			if f.exhibit == e && f.plan.Kind == media.KindImage && f.plan.Caption != "" {
				moments = append(moments, f.plan.Range.Start)
			}
		}
		before := len(e.glanced)
		if err := p.glance(ctx, e, moments); err != nil {
			return err
		}
		anew = anew || len(e.glanced) > before
	}
	if !anew {
		return nil
	}
	return p.again()
}

// telling is the line on the screen at a moment that says most about the matter,
// of those that are wanted; "" if none is known.
func (w *work) telling(e *exhibit, at float64, wanted func(media.Seen) bool) string {
	var lines []string
	for _, s := range e.seen {
		if s.Text, _ = flows.Clean(s.Text, dossier.SeenMost); s.Stood(at, sameMoment) && wanted(s) {
			lines = append(lines, s.Text)
		}
	}
	return media.Telling(lines, w.scenario.Moments)
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
