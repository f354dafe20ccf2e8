package ffmpeg

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"

	"golang.org/x/sync/semaphore"

	"clipcase/media/box"
	"clipcase/media/ffmpeg/cage"
)

// Caps bound what an original may be. Zero fields take their defaults.
type Caps struct {
	Seconds float64 // length; default 4 h
	Pixels  int64   // of one picture; default 40 million
	Frames  int     // pictures of a recording: what decoding costs; default 4 h at 120 a second
	Bytes   int64   // size of the file; default 2 GiB
	Streams int     // default 32
}

func (c Caps) withDefaults() Caps {
	if c.Seconds <= 0 {
		c.Seconds = 4 * 3600
	}
	if c.Pixels <= 0 {
		c.Pixels = 40_000_000
	}
	if c.Frames <= 0 {
		c.Frames = 4 * 3600 * 120
	}
	if c.Bytes <= 0 {
		c.Bytes = 2 << 30
	}
	if c.Streams <= 0 {
		c.Streams = 32
	}
	return c
}

// box is what the first look, before any tool, is bounded by.
func (c Caps) box() box.Caps {
	return box.Caps{Bytes: c.Bytes, Streams: c.Streams, Pixels: c.Pixels}
}

// Config says which tools to use. The zero value takes what is on PATH.
type Config struct {
	FFmpeg, FFprobe       string // "" = on PATH
	Gifsicle, HeifConvert string // "" = on PATH; missing ones are no error: GIFs come out larger, HEIC is refused
	Threads               int    // processors to use at once, over all renders; 0 = all
	Font                  string // file of a font with Chinese; "" = find one
	Text                  Reader // reads words; nil = nothing is read, legibility is not measured
	Dir                   string // for what lies there while a file is looked at, made if missing; "" = the system's
	Caps                  Caps
	Patience              Patience
	Cage                  cage.Config
	Log                   *slog.Logger // nil = silent
}

// Engine measures and renders. Its methods may be called at once from several
// goroutines: they share the processors, small pictures apart, which people wait
// for and which cost little. It keeps no process and needs no closing.
type Engine struct {
	ffmpeg, ffprobe, gifsicle, heif string

	threads int
	nice    int                 // of the tools
	budget  *semaphore.Weighted // of threads, for what uses them all: one encoder's run at a time
	side    *semaphore.Weighted // of what takes one thread and goes on beside an encoder: pictures, animations, measuring, reading
	glances *semaphore.Weighted // of small pictures, which wait for nothing else
	font    string
	glyphs  segments // that it has
	dir     string   // "" = the system's
	text    Reader   // nil = none
	pages   *pages
	caps    Caps
	cage    *cage.Cage
	log     *slog.Logger

	patience Patience

	watch func(*command) // for tests: hears of every run, before it begins
}

// New finds the tools and checks that they can do what is needed: the encoders,
// the filters, and a font that has the label's characters. The error names
// everything that is missing and how to mend it.
func New(cfg Config) (*Engine, error) {
	e := &Engine{threads: cfg.Threads, caps: cfg.Caps.withDefaults(), log: cfg.Log, text: cfg.Text, dir: cfg.Dir, pages: newPages(), patience: cfg.Patience.withDefaults()}
	if e.threads <= 0 {
		e.threads = runtime.NumCPU()
	}
	e.budget, e.side, e.glances = semaphore.NewWeighted(int64(e.threads)), semaphore.NewWeighted(int64(e.threads)), semaphore.NewWeighted(1)
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	var errs []error
	var err error
	if e.cage, err = cage.New(cfg.Cage); err != nil {
		errs = append(errs, err)
	}
	if e.ffmpeg, err = find(cfg.FFmpeg, "ffmpeg"); err != nil {
		errs = append(errs, fmt.Errorf("ffmpeg is missing (%w): install the package ffmpeg", err))
	}
	if e.ffprobe, err = find(cfg.FFprobe, "ffprobe"); err != nil {
		errs = append(errs, fmt.Errorf("ffprobe is missing (%w): it comes with the package ffmpeg", err))
	}
	if e.gifsicle, err = find(cfg.Gifsicle, "gifsicle"); err != nil {
		if cfg.Gifsicle != "" {
			errs = append(errs, err)
		}
		e.gifsicle = "" // GIFs are made without it, larger
	}
	if e.heif, err = find(cfg.HeifConvert, "heif-convert"); err != nil {
		if cfg.HeifConvert != "" {
			errs = append(errs, err)
		}
		e.heif = "" // HEIC is refused as unsupported
	}
	if e.font, err = findFont(cfg.Font); err == nil {
		e.glyphs, err = glyphs(e.font)
	}
	errs = append(errs, err)
	if cfg.Dir != "" {
		errs = append(errs, os.MkdirAll(cfg.Dir, 0o700))
	}
	if len(errs) == 0 {
		errs = append(errs, e.abilities())
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return e, nil
}

// Behind is the engine with a budget of its own whose tools take only what
// everything else on the machine leaves: for work that nobody waits for yet. Of
// the processors that costs the others nothing; of the memory it may take as much
// again, which docs/operations.md reckons with.
func (e *Engine) Behind() *Engine {
	low := *e
	low.nice, low.budget, low.side, low.glances = 19, semaphore.NewWeighted(int64(e.threads)), semaphore.NewWeighted(int64(e.threads)), semaphore.NewWeighted(1)
	return &low
}

func find(given, name string) (string, error) {
	if given != "" {
		name = given
	}
	return exec.LookPath(name)
}
