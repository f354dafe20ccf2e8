package main

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
)

// HandBrakeCLI makes the videos of a row at the sizes of those made by hand: two
// passes, its preset medium. It makes neither GIFs nor stills. Of 60 pictures a
// second it keeps others than fps=30 does, so that pictures cannot be compared
// one by one: its time and size are measured, its likeness is not.

func handBrake(do func(context.Context, job) (result, error)) side {
	return side{name: sideHandBrake, do: do}
}

func (e encode) handBrake(j job) []string {
	w, h := e.size(j.input)
	out := []string{"HandBrakeCLI", "-i", j.input.path, "-o", filepath.Join(j.dir, e.name), "-f", "av_mp4", "--optimize",
		"-e", e.codec, "--encoder-preset", "medium", "-b", strconv.Itoa(e.kbps), "--two-pass", "-r", decimal(e.rate(j.input)), "--cfr",
		"--width", strconv.Itoa(w), "--height", strconv.Itoa(h), "--non-anamorphic", "--crop", "0:0:0:0", "-E", "av_aac", "-B", strconv.Itoa(e.audio)}
	if e.start > 0 || e.length < j.input.seconds {
		out = append(out, "--start-at", "seconds:"+decimal(e.start), "--stop-at", "seconds:"+decimal(e.length))
	}
	return out
}

func handBraked(ctx context.Context, j job, all ...encode) (result, error) {
	var r result
	for _, e := range all {
		c, err := series(ctx, e.handBrake(j))
		if err != nil {
			return r, err
		}
		r.Cost = r.Cost.plus(c)
		stat, err := os.Stat(filepath.Join(j.dir, e.name))
		if err != nil {
			return r, err
		}
		r.Files = append(r.Files, e.file(j.input, stat.Size()))
	}
	return r, nil
}

func handBrakeSet(ctx context.Context, j job) (result, error) {
	return handBraked(ctx, j, append(messages(j.input), mail(j.input), generic(j.input, 1500))...)
}

func handBrakeMessage(ctx context.Context, j job) (result, error) {
	return handBraked(ctx, j, middleMessage(j.input))
}

func handBrakeGeneric(ctx context.Context, j job) (result, error) {
	e, err := equalSize(j)
	if err != nil {
		return result{}, err
	}
	return handBraked(ctx, j, e)
}
