package prepare

import (
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"clipcase/flows"
	"clipcase/media"
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
		} else if e.probe.Damaged {
			w.warn(nil, flows.T("dossier.warn.damaged", "name", e.shown))
		}
		w.meter.part(shareStage, shareProbe, i+1, len(w.exhibits))
	}
	w.record.Timings.Probe = (w.meter.elapsed() - from).Seconds()
	return nil
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
	if e.probe.Kind == media.KindDocument && !documentName(e.Name, e.probe.Format) {
		e.refusal = &media.Refusal{Code: media.RefusedNotMedia, Err: errors.New("text under another name")}
	}
	return nil
}

// documentName says whether a document is what its name says: words in a file
// called .mp4 are a mistake, not a document.
func documentName(name, format string) bool {
	ext := strings.ToLower(path.Ext(name))
	return format != "txt" || slices.Contains([]string{".txt", ".text", ".md", ".log", ".csv"}, ext)
}
