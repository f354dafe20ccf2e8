package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"clipcase/flows"
	"clipcase/storage"
)

func newBackup(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "backup DIR",
		Short: a.say("backup.short"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.backup(cmd.Context(), os.Environ(), args[0])
		},
	}
}

func newRestore(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "restore DIR",
		Short: a.say("restore.short"),
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.restore(cmd.Context(), os.Environ(), args[0])
		},
	}
}

// backup copies what the service keeps, also while it runs.
func (a *app) backup(ctx context.Context, environ []string, dir string) (err error) {
	s, err := a.stores(ctx, environ, storage.OpenBeside)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	made, err := storage.MakeBackup(ctx, dir, s.redis, s.blobs, s.secrets())
	switch {
	case errors.Is(err, storage.ErrNotEmpty):
		return a.usage("backup.not-empty", "dir", dir)
	case err != nil:
		return a.failed(err, "backup.failed", "why", a.why(err))
	}
	var bytes int64
	for _, blob := range made.Blobs {
		bytes += blob.Bytes
	}
	a.line("backup.done", "cases", made.Cases, "files", len(made.Blobs), "new", made.Copied, "size", flows.FormatBytes(bytes), "dir", dir)
	return nil
}

// restore brings a backup into an empty place.
func (a *app) restore(ctx context.Context, environ []string, dir string) (err error) {
	s, err := a.stores(ctx, environ, storage.Open)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	back, err := storage.RestoreBackup(ctx, dir, s.redis, s.blobs, s.secrets())
	switch {
	case errors.Is(err, storage.ErrNotEmpty):
		return a.usage("restore.not-empty")
	case errors.Is(err, storage.ErrNotBackup):
		return &exitError{code: codeInput, text: a.say("restore.not-backup", "dir", dir, "why", err.Error()), err: err}
	case err != nil:
		return a.failed(err, "restore.failed", "why", a.why(err))
	}
	a.line("restore.done", "cases", back.Cases, "files", len(back.Blobs), "made", back.Made.Local().Format("2006-01-02 15:04"))
	return nil
}

// secrets are the files of the service's own that a backup must have.
func (s *service) secrets() map[string]string {
	return map[string]string{keyFile: filepath.Join(s.set.DataDir, keyFile)}
}

// stores opens Redis and the blobs by the settings of serve.
func (a *app) stores(ctx context.Context, environ []string, open func(context.Context, storage.Config) (*storage.Redis, error)) (*service, error) {
	set, err := a.settings(environ)
	if err != nil {
		return nil, err
	}
	s := &service{app: a, set: set}
	s.redis, err = open(ctx, storage.Config{RedisURL: set.RedisURL.Reveal(), DataDir: set.DataDir, Log: newLogger(set, a.err), Clock: a.clock, IDs: newID})
	if err != nil {
		return nil, errors.Join(a.trouble(codeFailed, err, "redis", "why", err.Error()), s.close())
	}
	if s.blobs, err = a.openBlobs(ctx, set); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}
