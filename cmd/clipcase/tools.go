package main

import (
	"context"
	"errors"
	"log/slog"

	"clipcase/media/detect"
	"clipcase/media/ffmpeg"
)

// newTools finds what measures, renders and, if read is wanted, reads words.
// Without something to read with the rest works all the same: the log says so,
// and no figure that needs it is made up.
func newTools(ctx context.Context, read bool, log *slog.Logger) (*ffmpeg.Engine, error) {
	cfg := ffmpeg.Config{Log: log}
	if read {
		reader, err := detect.New(ctx, detect.Config{})
		switch {
		case err == nil:
			cfg.Text = reader
		case errors.Is(err, detect.ErrMissing):
			log.Warn("words on the screen are not read", "reason", err)
		default:
			return nil, err
		}
	}
	return ffmpeg.New(cfg)
}
