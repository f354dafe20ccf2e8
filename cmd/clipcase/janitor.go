package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"clipcase/flows"
	"clipcase/storage"
)

func newJanitor(a *app) *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "janitor [--dry-run]",
		Short: a.say("janitor.short"),
		Long:  a.say("janitor.long", "hours", int(storage.OrphanAge/time.Hour)),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.janitor(cmd.Context(), os.Environ(), dry)
		},
	}
	cmd.Flags().BoolVar(&dry, "dry-run", false, a.say("janitor.flag.dry"))
	return cmd
}

// janitor tells what belongs to nothing and removes what is old enough, also while
// the service runs.
func (a *app) janitor(ctx context.Context, environ []string, dry bool) (err error) {
	s, err := a.stores(ctx, environ, storage.OpenBeside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	found, err := storage.FindOrphans(ctx, s.redis, s.blobs, storage.Folders{
		Work: filepath.Join(s.set.DataDir, "work"), Uploads: filepath.Join(s.set.DataDir, "uploads"),
	})
	switch {
	case errors.Is(err, storage.ErrOtherRedis):
		return a.failed(err, "janitor.other-redis")
	case err != nil:
		return a.failed(err, "janitor.failed", "why", a.why(err))
	}
	var removed, kept int
	var bytes int64
	for _, o := range found {
		done := "told"
		switch {
		case o.Told():
		case o.Young:
			done = "young"
		case dry:
			done = "would"
		default:
			if err := o.Remove(ctx); err != nil {
				return a.failed(err, "janitor.failed", "why", a.why(err))
			}
			done = "removed"
		}
		if done == "removed" || done == "would" {
			removed++
			bytes += o.Bytes
		} else {
			kept++
		}
		a.line("janitor.line", "done", flows.T("janitor."+done), "what", flows.T("janitor.kind."+string(o.Kind)), "name", quoted(o.Name), "count", o.Count, "size", flows.FormatBytes(o.Bytes))
	}
	key := "janitor.done"
	if dry {
		key = "janitor.dry"
	}
	a.line(key, "removed", removed, "kept", kept, "size", flows.FormatBytes(bytes))
	return nil
}
