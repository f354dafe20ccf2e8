package main

import (
	"context"
	"log/slog"

	"clipcase/media/detect"
	"clipcase/media/ffmpeg"
)

// newTools finds what measures, renders and, if read is wanted, reads words.
// dir is for what lies there meanwhile, "" = the system's.
// Without something to read with the rest works all the same: the log says so,
// and no figure that needs it is made up.
func newTools(ctx context.Context, read bool, dir string, log *slog.Logger) (*ffmpeg.Engine, error) {
	cfg := ffmpeg.Config{Log: log, Dir: dir}
	if read {
		reader, err := detect.New(ctx, detect.Config{})
		if err == nil {
			cfg.Text = reader
		} else {
			log.Warn("words on the screen are not read", "reason", err)
		}
	}
	return ffmpeg.New(cfg)
}
