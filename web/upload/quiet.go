package upload

import (
	"context"

	"golang.org/x/exp/slog"
)

// quiet is tusd's log: it names ids and addresses in every line, which are not
// for logs. What matters is logged where it happens.
type quiet struct{}

func (quiet) Enabled(context.Context, slog.Level) bool  { return false }
func (quiet) Handle(context.Context, slog.Record) error { return nil }
func (q quiet) WithAttrs([]slog.Attr) slog.Handler      { return q }
func (q quiet) WithGroup(string) slog.Handler           { return q }
