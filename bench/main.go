package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"clipcase/media/ffmpeg/cage"
)

// config is what was asked for.
type config struct {
	clipcase string // the program
	dir      string // inputs, results and outputs are kept here
	video    string // the recording; "" = the demo's, or made here
	rows     string // names, or name:input, by commas; "" = all but odd
	sides    string // names by commas; "" = all
	rounds   int
	odd      int
	fresh    bool
	child    string // hidden: one side of the row shared, in a process of its own
}

func main() {
	cage.Enter()
	var c config
	flag.StringVar(&c.clipcase, "clipcase", "bin/clipcase", "the program")
	flag.StringVar(&c.dir, "dir", "build/bench", "where inputs, outputs and results are kept")
	flag.StringVar(&c.video, "video", "", "the recording of the reference job; empty: demo/recording.mp4, made if it is not there")
	flag.StringVar(&c.rows, "rows", "", "rows by commas, each with an input of its own if wished (dm:screen); empty: all but odd")
	flag.StringVar(&c.sides, "sides", "", "sides by commas (clipcase, hand, handbrake, …); empty: all of a row")
	flag.IntVar(&c.rounds, "n", 3, "rounds: each runs all sides of a row in turn")
	flag.IntVar(&c.odd, "odd", 200, "files of the row odd")
	flag.BoolVar(&c.fresh, "fresh", false, "forget the results that are kept")
	flag.StringVar(&c.child, "child", "", "used by the program itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	if c.child != "" {
		err = shared(ctx, c.child, flag.Args())
	} else {
		err = run(ctx, c, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // the signals need no undoing at the end
	}
}

// run measures what is not measured yet and prints everything asked for.
func run(ctx context.Context, c config, out io.Writer) error {
	b, err := open(c, out)
	if err != nil {
		return err
	}
	wanted, err := choose(rows(), c.rows)
	if err != nil {
		return err
	}
	var errs []error
	for _, w := range wanted {
		if err := b.row(ctx, w); err != nil {
			if ctx.Err() != nil {
				return errors.New("stopped; what is measured is kept, the same command goes on")
			}
			errs = append(errs, fmt.Errorf("%s: %w", w.name, err))
		}
	}
	for _, w := range wanted {
		if err := b.print(w); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, b.demands(rows()))...)
}

// choose finds the rows named in text.
func choose(all []row, text string) ([]row, error) {
	if text == "" {
		return slices.DeleteFunc(all, func(r row) bool { return r.asked }), nil
	}
	var out []row
	for _, name := range strings.Split(text, ",") {
		name, input, own := strings.Cut(strings.TrimSpace(name), ":")
		i := slices.IndexFunc(all, func(r row) bool { return r.name == name })
		if i < 0 {
			var known []string
			for _, r := range all {
				known = append(known, r.name)
			}
			return nil, fmt.Errorf("no row is called %q; there are %s", name, strings.Join(known, ", "))
		}
		r := all[i]
		if own {
			r.inputs = []string{input}
		}
		out = append(out, r)
	}
	return out, nil
}

// bench is one sitting: what is measured between two starts of this program.
type bench struct {
	config
	out     io.Writer
	store   *store
	sitting string
	build   string // of the program that is measured
}

func open(c config, out io.Writer) (*bench, error) {
	var err error
	if c.dir, err = filepath.Abs(c.dir); err != nil {
		return nil, err
	}
	if c.clipcase, err = filepath.Abs(c.clipcase); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(c.dir, "results.jsonl")
	if c.fresh {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, err
		}
	}
	s, err := load(path)
	if err != nil {
		return nil, err
	}
	build, err := sum(c.clipcase)
	if err != nil {
		return nil, fmt.Errorf("%w (make build)", err)
	}
	return &bench{config: c, out: out, store: s, build: build, sitting: time.Now().UTC().Format(time.RFC3339)}, nil
}

// say writes a line for the one who waits.
func (b *bench) say(format string, args ...any) error {
	_, err := fmt.Fprintf(b.out, format+"\n", args...)
	return err
}
