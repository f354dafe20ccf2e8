package detect

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"clipcase/media/ffmpeg/cage"
)

const (
	pageTime   = 12 * time.Second // processor time for one picture
	pageWait   = time.Minute      // by the clock for one picture
	standsBack = 10               // times longer waits a reading that nobody waits for: it may be starved
	fileBytes  = 1 << 20          // the words go to a pipe; nothing else is to be written
	tableBytes = 2 << 20          // of words taken from one picture
	niceness   = 5                // at least: reading stands back behind what people wait for
)

// Config says what to read with. The zero value takes what is on PATH.
type Config struct {
	Tool      string        // tesseract; "" = on PATH
	Languages []string      // names of tesseract's data; none = chi_sim, eng
	Page      time.Duration // processor time for one picture; 0 = 12 s
	Wait      time.Duration // by the clock for one picture, before the tool is taken for hung; 0 = 60 s, ten times that far behind others
	Cage      cage.Config
}

// Reader reads words off pictures. Its methods may be called at once; it keeps
// no process and needs no closing.
type Reader struct {
	tool      string
	languages []string
	page      time.Duration
	wait      time.Duration
	cage      *cage.Cage
}

// ErrMissing says that there is nothing to read with: everything else works
// without it.
var ErrMissing = errors.New("tesseract is missing")

// New finds the tool and checks that it knows the languages. The error says how
// to mend what is missing; errors.Is(err, ErrMissing) then.
func New(ctx context.Context, cfg Config) (*Reader, error) {
	r := &Reader{tool: cfg.Tool, languages: slices.Clone(cfg.Languages), page: cfg.Page, wait: cfg.Wait}
	if r.tool == "" {
		r.tool = "tesseract"
	}
	if len(r.languages) == 0 {
		r.languages = []string{"chi_sim", "eng"}
	}
	if r.page <= 0 {
		r.page = pageTime
	}
	if r.wait <= 0 {
		r.wait = pageWait
	}
	var err error
	if r.cage, err = cage.New(cfg.Cage); err != nil {
		return nil, err
	}
	if _, err := exec.LookPath(r.tool); err != nil {
		return nil, fmt.Errorf("%w (%w): install the packages tesseract-ocr and tesseract-ocr-chi-sim", ErrMissing, err)
	}
	known, err := r.known(ctx)
	if err != nil {
		return nil, fmt.Errorf("tesseract does not run: %w", err)
	}
	for _, l := range r.languages {
		if !slices.Contains(known, l) {
			return nil, fmt.Errorf("%w its data for %s: install the package tesseract-ocr-%s", ErrMissing, l, strings.ReplaceAll(l, "_", "-"))
		}
	}
	return r, nil
}

// Facts are what the tool says of itself, for the operator.
type Facts struct {
	Version   string
	Languages []string // those that are read
}

// Facts asks the tool, in the cage.
func (r *Reader) Facts(ctx context.Context) (Facts, error) {
	out, _, err := r.run(ctx, run{nice: niceness}, "--version")
	if err != nil {
		return Facts{}, err
	}
	line, _, _ := strings.Cut(string(out), "\n")
	return Facts{Version: strings.TrimSpace(strings.TrimPrefix(line, "tesseract")), Languages: slices.Clone(r.languages)}, nil
}

// known lists the languages the tool has data for: a headline, then one a line.
func (r *Reader) known(ctx context.Context) ([]string, error) {
	out, _, err := r.run(ctx, run{nice: niceness}, "--list-langs")
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range strings.Lines(string(out)) {
		all = append(all, strings.TrimSpace(line))
	}
	return all, nil
}
