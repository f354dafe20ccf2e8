package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"clipcase/flows/catalog"
	"clipcase/media"
	"clipcase/media/ffmpeg"
)

// fullLength are the channels whose first recipe is the whole recording.
func fullLength() []string { return []string{"email", "email-25mb", "generic", "douyin-ads"} }

// apart is a side of the row shared: the same planned pieces as one job or as one
// job each, in a process of its own so that its cost can be told.
func apart(name string) side {
	return side{name: name, ours: true, do: func(ctx context.Context, j job) (result, error) {
		self, err := os.Executable()
		if err != nil {
			return result{}, err
		}
		c, _, err := measure(exec.CommandContext(ctx, self, "-child", name, j.input.path, j.dir))
		if err != nil {
			return result{}, err
		}
		r := result{Cost: c}
		found, err := os.ReadDir(j.dir)
		if err != nil {
			return result{}, err
		}
		for _, e := range found {
			info, err := e.Info()
			if err != nil {
				return result{}, err
			}
			r.Files = append(r.Files, file{Name: e.Name(), Kind: "video", Bytes: info.Size()})
		}
		if len(r.Files) != len(fullLength()) {
			return result{}, fmt.Errorf("%d pieces, %d were asked for", len(r.Files), len(fullLength()))
		}
		return r, nil
	}}
}

// shared is what such a process does: args are the recording and an empty folder.
func shared(ctx context.Context, how string, args []string) error {
	if len(args) != 2 {
		return errors.New("a recording and a folder are needed")
	}
	words, err := catalog.Load("")
	if err != nil {
		return err
	}
	engine, err := ffmpeg.New(ffmpeg.Config{}) //nolint:contextcheck // it asks the tools what they can, with a limit of its own
	if err != nil {
		return err
	}
	probe, err := engine.Inspect(ctx, args[0])
	if err != nil {
		return err
	}
	var pieces []media.Piece
	for _, id := range fullLength() {
		channel, _ := words.Channel(id)
		i := slices.IndexFunc(channel.Tiers[0].Recipes, func(r media.Recipe) bool { return r.Kind == media.KindVideo && r.Take == media.TakeWhole })
		if i < 0 {
			return fmt.Errorf("%s has no piece of the whole recording", id)
		}
		plan, err := media.Plan([]media.Source{{Probe: probe}}, media.Wish{Recipes: channel.Tiers[0].Recipes[i : i+1], Prefix: id, Source: "bench"})
		if err != nil {
			return err
		}
		pieces = append(pieces, plan[0]...)
	}
	jobs := [][]media.Piece{pieces}
	if how == sideSeparate {
		jobs = nil
		for _, p := range pieces {
			jobs = append(jobs, []media.Piece{p})
		}
	}
	for i, of := range jobs {
		// Each job has a folder of its own; what it made is gathered.
		dir := filepath.Join(args[1], fmt.Sprint("job", i))
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		made, err := engine.Render(ctx, media.Job{Path: args[0], Probe: probe, Dir: dir, Pieces: of}, nil, nil)
		if err != nil {
			return err
		}
		for _, m := range made {
			if err := os.Rename(filepath.Join(dir, m.File), filepath.Join(args[1], m.File)); err != nil {
				return err
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	return nil
}
