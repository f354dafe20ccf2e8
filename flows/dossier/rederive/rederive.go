package rederive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"clipcase/flows/dossier"
	"clipcase/flows/dossier/verify"
	"clipcase/media"
)

// Engine measures and renders in the cage, as it did when the case was made. What
// it is given is a stranger's: errors that are the file's fault are *media.Refusal.
type Engine interface {
	Inspect(ctx context.Context, path string) (media.Probe, error)
	// Render makes the pieces of a job; see prepare.Engine.
	Render(ctx context.Context, job media.Job, report func(media.Progress), made func(media.Made)) ([]media.Made, error)
	// Likeness lays two files over each other.
	Likeness(ctx context.Context, one, other string) (media.Likeness, error)
}

// Config is what making again needs; all of it must be given.
type Config struct {
	// Engine gives one that works with a number of processors, and what it works
	// with: another number gives other bytes.
	Engine func(ctx context.Context, threads int) (Engine, media.Tools, error)
	Dir    string            // existing folder for what is made; what is put there is taken away again
	Told   func(file string) // hears which file is made next; nil = nobody listens
}

// ErrNoOriginals says that there is nothing in the bag to make anything from.
var ErrNoOriginals = errors.New("there is no original in this bag")

const (
	mostThreads = 64
	mostFiles   = 2000
)

// Run makes the files of the bag at path again. Nothing of the bag is ever handed
// to a tool but its originals and files, under names of ours: filters and settings
// are planned anew from the numbers of the record, and these are checked before.
// verify.ErrNotBag and ErrNoOriginals say that it cannot be done, the latter with a
// report of what the bag names; what is wrong with the files stands in the report.
func Run(ctx context.Context, cfg Config, path string) (r *Report, err error) {
	bag, err := verify.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, bag.Close()) }()
	raw, err := bag.Small("data/case.json")
	if err != nil {
		return nil, errors.Join(verify.ErrNotBag, err)
	}
	var record dossier.Record
	if raw == nil || json.Unmarshal(raw, &record) != nil || len(record.Pieces) > mostFiles || len(record.Originals) > mostFiles {
		return nil, verify.ErrNotBag
	}
	dir, err := os.MkdirTemp(cfg.Dir, "rederive-")
	if err != nil {
		return nil, fmt.Errorf("make again: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	w := &work{cfg: cfg, bag: bag, record: &record, dir: dir, originals: map[string]*original{},
		report: &Report{Recorded: record.Tools, Originals: []Original{}, Files: []File{}}}
	if err := w.run(ctx, raw); err != nil && !errors.Is(err, ErrNoOriginals) {
		return nil, err
	} else if err != nil {
		return w.report, err
	}
	w.report.judge()
	return w.report, nil
}

// work is one run.
type work struct {
	cfg       Config
	bag       *verify.Contents
	record    *dossier.Record
	dir       string
	engine    Engine
	originals map[string]*original // by their hash
	report    *Report
	rooms     int
}

// original is one that lies in the bag.
type original struct {
	path  string
	probe media.Probe
	bad   string // why nothing can be made of it
}

// run goes through the record, which raw is as it stands.
func (w *work) run(ctx context.Context, raw []byte) error {
	var err error
	w.engine, w.report.Here, err = w.cfg.Engine(ctx, max(1, min(w.record.Tools.Threads, mostThreads)))
	if err != nil {
		return err
	}
	w.report.Exact = w.report.Here.Made(w.record.Tools)
	there := false
	for i, o := range w.record.Originals {
		one, err := w.stage(ctx, i, o)
		if err != nil {
			return err
		}
		there = there || one.State != Unknown
		w.report.Originals = append(w.report.Originals, one)
	}
	w.unnamed()
	if !there {
		return ErrNoOriginals
	}
	for i := range w.record.Pieces {
		p := &w.record.Pieces[i]
		if p.Kind == media.KindText && strings.HasSuffix(p.File, ".txt") { // words: nothing is made of them
			continue
		}
		if w.cfg.Told != nil {
			w.cfg.Told(p.File)
		}
		f, err := w.file(ctx, p)
		if err != nil {
			return err
		}
		w.report.Files = append(w.report.Files, f)
	}
	w.summaries(raw)
	return nil
}

// unnamed tells the files of the bag that the record says nothing of.
func (w *work) unnamed() {
	for _, path := range w.bag.Unnamed(w.record.Named()) {
		w.report.Files = append(w.report.Files, File{File: path, State: Unnamed, Expected: Unknown, Recipe: Unknown, Why: verify.Unnamed})
	}
}

// stage takes an original out of the bag. One that is another than the record
// names is not used: whatever is made of it would be another too.
func (w *work) stage(ctx context.Context, i int, o dossier.Original) (Original, error) {
	out := Original{File: o.File, State: Unknown}
	to := filepath.Join(w.dir, "original"+strconv.Itoa(i))
	sum, err := w.bag.Copy(ctx, o.File, to)
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case errors.Is(err, os.ErrNotExist):
		out.Why = "it is not in the bag"
		return out, nil
	case err != nil:
		out.State, out.Why = Other, "it cannot be read"
		return out, nil //nolint:nilerr // what is wrong with a stranger's file is the answer
	}
	if out.SHA256 = sum; sum != o.SHA256 {
		out.State, out.Why = Other, "it is not the file that the record names"
		return out, nil
	}
	out.State = Same
	one := &original{path: to}
	if one.probe, err = w.engine.Inspect(ctx, to); err != nil {
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
		var refused *media.Refusal
		if !errors.As(err, &refused) {
			return out, err
		}
		one.bad = "nothing can be made of the original: " + string(refused.Code)
	}
	w.originals[sum] = one
	return out, nil
}
