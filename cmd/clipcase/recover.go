package main

import (
	"context"
	"crypto/x509"
	"errors"
	"os"

	"github.com/spf13/cobra"

	"clipcase/storage"
)

func newRecover(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "recover",
		Short: a.say("recover.short"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.recover(cmd.Context(), os.Environ())
		},
	}
}

var errDamaged = errors.New("some originals are damaged")

// recover rebuilds from the blobs what Redis lost and prints a report. Damaged
// files make the exit code 1; everything else is rebuilt all the same.
func (a *app) recover(ctx context.Context, environ []string) (err error) {
	s, err := a.stores(ctx, environ, storage.Open)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	report, err := storage.Recover(ctx, s.blobs, s.redis.Cases(), s.set.Retention)
	for _, id := range report.Rebuilt {
		a.line("recover.rebuilt", "case", id)
	}
	for _, id := range report.Mended {
		a.line("recover.mended", "case", id)
	}
	for _, d := range report.Damaged {
		a.line("recover.damaged", "blob", d.Blob, "why", d.Why)
	}
	stamps := 0
	if err == nil {
		roots, rootsErr := x509.SystemCertPool()
		if rootsErr != nil {
			roots = nil // a machine without any makes do
		}
		stamps, err = restamp(ctx, s.blobs, s.redis.Cases(), roots, a.clock)
	}
	if err != nil {
		return a.failed(err, "recover.failed", "why", err.Error())
	}
	if stamps > 0 {
		a.line("recover.stamps", "stamps", stamps)
	}
	a.line("recover.done", "cases", report.Cases, "rebuilt", len(report.Rebuilt), "mended", len(report.Mended), "damaged", len(report.Damaged))
	if len(report.Damaged) > 0 {
		return &exitError{code: codeFailed, err: errDamaged}
	}
	return nil
}
