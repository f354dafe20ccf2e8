package prepare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/booklet"
	"clipcase/media"
)

// Config is what preparing needs. Catalog, Engine and Clock must be given.
type Config struct {
	Catalog *catalog.Catalog
	Engine  Engine
	Behind  Engine           // the same for what nobody waits for yet, in what Engine leaves of the processors; nil = nothing is made so
	Reader  Reader           // of the words on the screen; nil = none: no time line
	Zone    *time.Location   // of dates in names and words; nil = Asia/Shanghai
	Clock   func() time.Time // measures how long the work took
	Font    string           // file of the font that booklets are written in; "" = one of the system's

	// Tools says what pieces are made with, for their records; nil = not told. It is
	// asked once a run.
	Tools func(ctx context.Context) media.Tools
}

// Preparer makes packs. It keeps nothing between runs; several may go on at once.
type Preparer struct {
	cfg  Config
	font func() (*booklet.Font, error) // reads it once, when it is first needed
}

// New checks the configuration.
func New(cfg Config) (*Preparer, error) {
	if cfg.Catalog == nil || cfg.Engine == nil || cfg.Clock == nil {
		return nil, errors.New("prepare: catalogue, engine and clock are needed")
	}
	if cfg.Zone == nil {
		// No summer time since 1991, so no zone file is needed.
		cfg.Zone = time.FixedZone("Asia/Shanghai", 8*60*60)
	}
	return &Preparer{cfg: cfg, font: sync.OnceValues(func() (*booklet.Font, error) { return booklet.FindFont(cfg.Font) })}, nil
}

// Run makes the packs of one case and writes what is known about it. Files that
// cannot be used stand in the record with a reason and stop nothing; an error
// is ours, or ctx's. Request.Dir must not hold data of an earlier run.
func (p *Preparer) Run(ctx context.Context, req Request, obs Observer) (*dossier.Record, error) {
	w, err := p.begin(req, obs)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	defer w.unheard()
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{stepStage, w.stage},
		{stepProbe, w.probe},
		{stepPlan, w.plan},
		{stepRender, w.render},
		{stepDocument, w.document},
	} {
		w.meter.step(step.name)
		if err := step.do(ctx); err != nil {
			w.unheard() // before its folders go
			return nil, errors.Join(fmt.Errorf("%s: %w", step.name, err), w.end())
		}
	}
	return w.record, w.end()
}

// The steps of DESIGN; verifying happens with each piece, before it counts.
const (
	stepStage    = "stage"
	stepProbe    = "probe"
	stepPlan     = "plan"
	stepRender   = "render"
	stepVerify   = "verify"
	stepDocument = "document"
)

// work is one run.
type work struct {
	*Preparer
	mu       sync.Mutex // held by whoever is at the work: see aside
	aside    *aside     // nil = not begun
	req      Request
	obs      Observer
	meter    *meter
	scenario catalog.Scenario
	words    brief // the person's words, made safe
	exhibits []*exhibit
	packs    []*pack
	pair     *pair    // what a comparison shows; nil = there is none
	reading  *reading // of the time lines; nil = not begun
	record   *dossier.Record
	data     string        // Request.Dir/data
	rooms    string        // Request.Dir/.work: pieces stand here until they are verified
	font     *booklet.Font // nil = no pack needs one, or there is none
	writing  time.Duration // what was written of the case took
	tools    *media.Tools  // pieces are made with; nil = not asked yet
}

func (p *Preparer) begin(req Request, obs Observer) (*work, error) {
	scenario, ok := p.cfg.Catalog.Scenario(req.Scenario)
	if !ok {
		return nil, fmt.Errorf("prepare: no scenario is called %q", req.Scenario)
	}
	w := &work{
		Preparer: p, req: req, obs: obs, scenario: scenario,
		meter: newMeter(p.cfg.Clock, req.Case, obs),
		data:  filepath.Join(req.Dir, "data"), rooms: filepath.Join(req.Dir, ".work"),
		record: &dossier.Record{Case: req.Case, Scenario: req.Scenario, Signer: req.Signer},
	}
	for _, c := range req.Channels {
		channel, ok := p.cfg.Catalog.Channel(c.ID)
		if !ok || !channel.Available {
			return nil, fmt.Errorf("prepare: channel %q is not available", c.ID)
		}
		p := &pack{work: w, channel: channel, tier: c.Tier, extra: c.Extra, earlier: c.Earlier, begun: req.Now, blind: map[*exhibit]bool{}}
		if !c.Earlier.Begun.IsZero() {
			p.begun = c.Earlier.Begun
		}
		w.packs = append(w.packs, p)
	}
	for _, dir := range []string{w.data, w.rooms} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("prepare: %w", err)
		}
	}
	if req.Early {
		w.req.Statement, w.req.Answers = "", nil
	}
	w.listen()
	if !req.Early && slices.ContainsFunc(w.packs, (*pack).typeset) {
		var err error
		if w.font, err = p.font(); err != nil {
			w.unset(fmt.Errorf("prepare: %w", err))
		}
	}
	for _, p := range w.packs {
		for _, warning := range p.earlier.Warnings {
			w.warn(p, warning)
		}
	}
	return w, nil
}

// unset gives up the packs that need a font; the others do without.
func (w *work) unset(err error) {
	for _, p := range w.packs {
		if p.typeset() {
			text := flows.T("dossier.failed.font")
			p.failed = &text
			w.record.Broke(p.channel.ID, err)
			w.warn(p, flows.T("dossier.warn.font", "channel", p.name()))
		}
	}
}

// end removes what was only needed on the way.
func (w *work) end() error {
	if err := os.RemoveAll(w.rooms); err != nil {
		return fmt.Errorf("prepare: %w", err)
	}
	return nil
}
