package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

type config struct {
	clipcase string
	video    string
	channels string
	runs     int
}

// run is what one command cost.
type run struct {
	wall, cpu time.Duration
	peak      int64 // bytes, the largest single process
}

// report is the part of prepare's answer that is printed.
type report struct {
	Pieces []struct {
		Channel string
		File    string
		Bytes   int64
		Kind    string
	}
	Timings map[string]float64
}

func main() {
	var c config
	flag.StringVar(&c.clipcase, "clipcase", "bin/clipcase", "the program")
	flag.StringVar(&c.video, "video", "demo/recording.mp4", "the recording")
	flag.StringVar(&c.channels, "channels", "douyin-dm,douyin-app,email,generic", "channels")
	flag.IntVar(&c.runs, "n", 3, "runs of each")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := bench(ctx, c, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func bench(ctx context.Context, c config, out io.Writer) error {
	var ours, floor []run
	var last report
	for i := range c.runs {
		r, rep, err := prepare(ctx, c)
		if err != nil {
			return err
		}
		ours, last = append(ours, r), rep
		f, err := timed(exec.CommandContext(ctx, "ffmpeg", "-nostdin", "-v", "error", "-i", c.video,
			"-vf", "fps=30,scale=720:-2", "-an", "-f", "null", "-"))
		if err != nil {
			return err
		}
		floor = append(floor, f)
		if _, err := fmt.Fprintf(out, "run %d: wall %.1f s, CPU %.1f s, peak %d MB; decode and scale alone: wall %.1f s, CPU %.1f s\n",
			i+1, r.wall.Seconds(), r.cpu.Seconds(), r.peak/1e6, f.wall.Seconds(), f.cpu.Seconds()); err != nil {
			return err
		}
	}
	return summary(out, ours, floor, last)
}

func prepare(ctx context.Context, c config) (run, report, error) {
	var rep report
	dir, err := os.MkdirTemp("", "clipcase-bench-")
	if err != nil {
		return run{}, rep, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	answer := filepath.Join(dir, "answer.json")
	file, err := os.Create(answer)
	if err != nil {
		return run{}, rep, err
	}
	cmd := exec.CommandContext(ctx, c.clipcase, "prepare", "--json", "--channel", c.channels, "--out", filepath.Join(dir, "case"), c.video)
	cmd.Stdout, cmd.Stderr = file, io.Discard
	r, err := timed(cmd)
	if err != nil {
		return run{}, rep, fmt.Errorf("prepare: %w", err)
	}
	if err := file.Close(); err != nil {
		return run{}, rep, err
	}
	raw, err := os.ReadFile(answer)
	if err != nil {
		return run{}, rep, err
	}
	return r, rep, json.Unmarshal(raw, &rep)
}

// timed runs cmd and reads what it and its children cost from the kernel.
func timed(cmd *exec.Cmd) (run, error) {
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return run{}, err
	}
	r := run{wall: time.Since(start), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.peak = usage.Maxrss * 1024
	}
	return r, nil
}

func summary(out io.Writer, ours, floor []run, last report) error {
	wall := func(r run) float64 { return r.wall.Seconds() }
	cpu := func(r run) float64 { return r.cpu.Seconds() }
	if _, err := fmt.Fprintf(out, "\nmedians: wall %.1f s (%.1f × decode and scale), CPU %.1f s (%.1f ×)\n",
		median(ours, wall), median(ours, wall)/median(floor, wall), median(ours, cpu), median(ours, cpu)/median(floor, cpu)); err != nil {
		return err
	}
	for _, p := range last.Pieces {
		if _, err := fmt.Fprintf(out, "  %-12s %-6s %10d  %s\n", p.Channel, p.Kind, p.Bytes, p.File); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "parts of the last run, seconds: %v\n", last.Timings)
	return err
}

func median(runs []run, of func(run) float64) float64 {
	values := make([]float64, len(runs))
	for i, r := range runs {
		values[i] = of(r)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
