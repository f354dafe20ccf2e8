package prepare

import (
	"context"
	"errors"

	"clipcase/flows"
	"clipcase/flows/dossier"
)

// probe measures every original that was not measured before. A file at fault
// is marked, kept and named in the record.
func (w *work) probe(ctx context.Context) error {
	from := w.meter.elapsed()
	for i, e := range w.exhibits {
		if err := w.inspect(ctx, e); err != nil {
			return err
		}
		if !e.usable() {
			w.warn(nil, flows.T("dossier.warn.refused", "name", e.shown, "reason", flows.RefusalText(e.refusal)))
		}
		if e.usable() {
			w.remark(e)
		}
		w.meter.part(shareStage, shareProbe, i+1, len(w.exhibits))
	}
	w.record.Timings.Probe = (w.meter.elapsed() - from).Seconds()
	return nil
}

// remark says what people should know of an original that is used.
func (w *work) remark(e *exhibit) {
	if e.probe.Damaged {
		w.warn(nil, flows.T("dossier.warn.damaged", "name", e.shown))
	}
	for _, text := range dossier.Taken(e.shown, e.probe) {
		w.warn(nil, text)
	}
}

func (w *work) inspect(ctx context.Context, e *exhibit) error {
	if e.Probe != nil {
		e.probe = *e.Probe
	} else {
		probe, err := w.cfg.Engine.Inspect(ctx, e.path)
		if errors.As(err, &e.refusal) {
			return nil
		}
		if err != nil {
			return err
		}
		e.probe = probe
	}
	e.refusal, e.seen = flows.Disguised(e.Name, e.probe), e.Seen
	return nil
}
