package main

import (
	"context"
	"log/slog"
	"sync"

	"clipcase/media"
	"clipcase/media/detect"
	"clipcase/media/ffmpeg"
)

// newTools finds what measures, renders and, if read is wanted, reads words, and
// says which versions all of it has. dir is for what lies there meanwhile, "" = the
// system's. Without something to read with the rest works all the same: the log
// says so, and no figure that needs it is made up.
func newTools(ctx context.Context, read bool, dir string, log *slog.Logger) (*ffmpeg.Engine, func(context.Context) media.Tools, error) {
	cfg := ffmpeg.Config{Log: log, Dir: dir}
	var reader *detect.Reader
	if read {
		found, err := detect.New(ctx, detect.Config{})
		if err == nil {
			cfg.Text, reader = found, found
		} else {
			log.Warn("words on the screen are not read", "reason", err)
		}
	}
	engine, err := ffmpeg.New(cfg)
	if err != nil {
		return nil, nil, err
	}
	return engine, versions(engine, reader, log), nil
}

// versions asks the tools once: they stay what they are while we run. One that
// does not answer has none in the records.
func versions(engine *ffmpeg.Engine, reader *detect.Reader, log *slog.Logger) func(context.Context) media.Tools {
	var mu sync.Mutex
	var known *media.Tools
	return func(ctx context.Context) media.Tools {
		mu.Lock()
		defer mu.Unlock()
		if known != nil {
			return *known
		}
		all, err := engine.Tools(ctx)
		all.Clipcase = agent()
		if reader != nil && err == nil {
			var facts detect.Facts
			facts, err = reader.Facts(ctx)
			all.Tesseract = facts.Version
		}
		if err != nil {
			log.Warn("a tool does not say its version", "reason", err)
			return all // asked again the next time
		}
		known = &all
		return all
	}
}
