package prepare

import (
	"context"
	"errors"
	"slices"

	"clipcase/flows"
	"clipcase/media"
)

// moments settles which stretch of each recording matters. Only where a channel
// asks for it, and only in recordings that are longer than a key moment may be,
// it is searched for.
func (w *work) moments(ctx context.Context) error {
	w.named()
	if !slices.ContainsFunc(w.packs, (*pack).wantsKey) {
		return nil
	}
	for _, e := range w.exhibits {
		if !e.usable() || e.probe.Kind != media.KindVideo || e.key != nil || e.probe.Duration <= media.WholeUpTo {
			continue
		}
		chosen, err := w.cfg.Engine.Choose(ctx, e.path, e.probe, media.ChosenLength)
		if errors.As(err, &e.refusal) {
			w.warn(nil, flows.T("dossier.warn.refused", "name", e.shown, "reason", flows.RefusalText(e.refusal)))
			continue
		}
		if err != nil {
			return err
		}
		if w.unread(e) { // of a long recording the words decide
			found, err := w.cfg.Reader.Read(ctx, e.path, e.probe, media.ReadWithin(e.probe))
			if err := w.learn(ctx, e, found, err); err != nil {
				return err
			}
			e.read = true
		}
		if spoken, ok := w.spoken(e, chosen); ok {
			chosen = spoken
		}
		e.key = &chosen
		w.warn(nil, flows.T("dossier.warn.key-chosen", "name", e.shown, "length", flows.FormatClock(e.probe.Duration),
			"from", flows.FormatClock(chosen.Start), "to", flows.FormatClock(chosen.End)))
	}
	return nil
}

// named gives the moment the person named to its recording.
func (w *work) named() {
	if w.req.Key == nil {
		return
	}
	for _, e := range w.exhibits {
		if !e.usable() || e.probe.Kind != media.KindVideo || w.req.Key.Exhibit != "" && w.req.Key.Exhibit != e.ID {
			continue
		}
		r := media.Range{Start: max(0, w.req.Key.Range.Start), End: min(w.req.Key.Range.End, e.probe.Duration)}
		// A moment at the very end leaves nothing to show: as good as outside.
		if r.Length() < 1/max(1, e.probe.FPS) {
			w.warn(nil, flows.T("dossier.warn.key-beyond", "name", e.shown, "length", flows.FormatClock(e.probe.Duration)))
			return
		}
		e.key = &r
		return
	}
	w.warn(nil, flows.T("dossier.warn.key-lost"))
}
