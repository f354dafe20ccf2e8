package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	"clipcase/flows/dossier/rederive"
	"clipcase/flows/dossier/verify"
	"clipcase/media"
	"clipcase/media/ffmpeg"
)

// checked is the answer of verify; Again is only there when it was asked for.
type checked struct {
	*verify.Report
	Again *rederive.Report `json:"rederived,omitempty"`
}

// again makes the files of a bag again and tells what came of each. Without an
// original the report says what the bag names, and the error why nothing was made.
func (a *app) again(ctx context.Context, path string) (*rederive.Report, error) {
	report, err := rederive.Run(ctx, rederive.Config{
		Engine: func(ctx context.Context, threads int) (rederive.Engine, media.Tools, error) {
			engine, err := ffmpeg.New(ffmpeg.Config{Threads: threads})
			if err != nil {
				return nil, media.Tools{}, err
			}
			return engine, versions(engine, nil, slog.New(slog.DiscardHandler))(ctx), nil
		},
		Dir:  os.TempDir(),
		Told: func(file string) { a.tell(a.say("cli.rederive.making", "file", quoted(file))) },
	}, path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, a.usage("cli.usage.file", "file", path)
	case errors.Is(err, verify.ErrNotBag):
		return nil, &exitError{code: codeInput, text: a.say("cli.verify.nobag", "file", path)}
	case errors.Is(err, rederive.ErrNoOriginals):
		return report, &exitError{code: codeInput, text: a.say("cli.rederive.nothing", "file", path)}
	case err != nil:
		return nil, a.failed(err, "cli.failed.tools", "error", err.Error())
	}
	a.madeAgain(report)
	return report, nil
}

func (a *app) madeAgain(r *rederive.Report) {
	tools := "same"
	if !r.Exact {
		tools = "other"
	}
	a.tell(a.say("cli.rederive.tools." + tools))
	for _, o := range r.Originals {
		a.tell(a.say("cli.rederive.original."+string(o.State), "file", quoted(o.File), "why", o.Why))
	}
	for _, f := range r.Files {
		key := "cli.rederive." + string(f.State)
		if f.State == rederive.Alike && f.Expected == rederive.Same {
			key += ".odd"
		}
		figure := ""
		if f.Likeness != nil {
			figure = fmt.Sprintf("SSIM %.4f, %.4f, %.1f", f.Likeness.SSIM, f.Likeness.Least, f.Likeness.Spot)
		}
		a.tell(a.say(key, "file", quoted(f.File), "figure", figure, "why", f.Why))
		if f.Lies() {
			a.tell(a.say("cli.rederive.recipe", "file", quoted(f.File)))
		}
	}
}
