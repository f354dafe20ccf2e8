package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// row is one comparison: the same work by several sides.
type row struct {
	name   string
	title  string
	inputs []string // names of inputs
	sides  []side
	gates  []gate
	once   bool // what is counted, not timed: one round is enough
	asked  bool // only when asked for by name
	judge  bool // likeness to the original is measured
}

// side does the work of a row in its way.
type side struct {
	name string
	ours bool // clipcase's work: another build is measured anew
	do   func(ctx context.Context, j job) (result, error)
}

// gate is a figure that is demanded: ours over another side's, or a fact alone.
type gate struct {
	what      string // wall, cpu, or the name of a fact
	over      string // the other side; "" = the fact itself
	must, aim float64
	unit      float64 // facts are shown divided by it; 0 = 1
	none      bool    // must be 0
}

// job is one run of one side.
type job struct {
	*bench
	input clip
	dir   string                           // existing, empty: outputs stay there
	round int                              // from 1
	other func(side string) (result, bool) // of the same round
}

// row measures what is missing of a row: round by round, and in each round side
// by side, so that a machine that is busy for a while is busy for all.
func (b *bench) row(ctx context.Context, r row) error {
	rounds := b.rounds
	if r.once {
		rounds = 1
	}
	for _, name := range r.inputs {
		c, err := b.clip(ctx, name)
		if err != nil {
			return err
		}
		for round := 1; round <= rounds; round++ {
			done := map[string]result{}
			for _, s := range r.sides {
				if b.sides != "" && !slices.Contains(strings.Split(b.sides, ","), s.name) {
					continue
				}
				got, err := b.one(ctx, r, s, c, round, done)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", name, s.name, err)
				}
				done[s.name] = got
			}
		}
	}
	return nil
}

func (b *bench) one(ctx context.Context, r row, s side, c clip, round int, done map[string]result) (result, error) {
	like := b.like(r, s, c, round)
	if got, ok := b.store.get(like); ok {
		return got, nil
	}
	dir := filepath.Join(b.dir, "out", r.name+"-"+c.name+"-"+s.name)
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o755)); err != nil {
		return result{}, err
	}
	j := job{bench: b, input: c, dir: dir, round: round, other: func(name string) (result, bool) {
		got, ok := done[name]
		return got, ok
	}}
	got, err := s.do(ctx, j)
	if err != nil {
		return result{}, err
	}
	got.Row, got.Input, got.Side, got.Round, got.Version, got.Sitting = like.Row, like.Input, like.Side, like.Round, like.Version, b.sitting
	if r.judge && round == 1 && s.name != sideHandBrake {
		if err := b.judge(ctx, c, dir, got.Files); err != nil {
			return result{}, err
		}
		missing(got)
	}
	if err := b.say("%s %s %s, round %d: wall %.1f s, CPU %.1f s, peak %d MB, %d files", r.name, c.name, s.name, round,
		got.Cost.Wall, got.Cost.CPU, got.Cost.Peak/1e6, len(got.Files)); err != nil {
		return result{}, err
	}
	return got, b.store.put(got)
}

// missing says how much of the text was lost in the GIFs, where there was any.
func missing(r result) {
	total, count := 0.0, 0
	for _, f := range r.Files {
		if f.Kind == "gif" && f.Read != nil {
			total, count = total+1-*f.Read, count+1
		}
	}
	if count > 0 && r.Facts != nil {
		r.Facts["gif_text_missing"] = total / float64(count)
	}
}

// like is the result that is looked for.
func (b *bench) like(r row, s side, c clip, round int) result {
	version := c.version
	if s.ours {
		version += "-" + b.build
	}
	return result{Row: r.name, Input: c.name, Side: s.name, Round: round, Version: version}
}

// The sides' names.
const (
	sideOurs      = "clipcase"
	sideHand      = "hand"
	sideHandBrake = "handbrake"
	sideFloor     = "floor"
	sideTalk      = "talk"
	sideCold      = "cold"
	sideOne       = "one"
	sideSeparate  = "separate"
)

// reference is the input everything is measured by.
const reference = "recording"

func rows() []row {
	whole := []string{"douyin-dm", "douyin-app", "email", "generic"}
	return []row{
		{name: "set", title: "the whole set: private message, form with GIF and stills, mail, 480p", inputs: []string{reference}, judge: true,
			sides: []side{ours(whole...), hand(handSet), handBrake(handBrakeSet)},
			gates: []gate{{what: "wall", over: sideHand, must: 0.45, aim: 0.25}, {what: "cpu", over: sideHand}, {what: "wall", over: sideHandBrake}, {what: worse, over: sideHand, none: true},
				{what: "first_piece_share", must: 0.25, aim: 0.1}, {what: "tries_a_gif", must: 2, aim: 1}, {what: "gif_text_missing", must: 0.2, aim: 0.05},
				{what: "peak", must: 1500, aim: 800, unit: 1e6}, {what: "own_share", must: 0.05, aim: 0.02}, {what: "over_cap", none: true}}},
		{name: "dm", title: "one private-message piece of 10 s", inputs: []string{reference}, judge: true,
			sides: []side{oursKey("douyin-dm"), hand(handMessage), handBrake(handBrakeMessage)},
			gates: []gate{{what: "cpu", over: sideHand, must: 0.5, aim: 0.35}, {what: "cpu", over: sideHandBrake, must: 0.45, aim: 0.35}, {what: worse, over: sideHand, none: true}, {what: "over_cap", none: true}}},
		{name: "generic", title: "480p, at the size that clipcase's came out at", inputs: []string{reference}, judge: true,
			sides: []side{ours("generic"), hand(handGeneric), handBrake(handBrakeGeneric)},
			gates: []gate{{what: "cpu", over: sideHand, must: 0.6, aim: 0.45}, {what: "cpu", over: sideHandBrake, must: 0.55, aim: 0.45}, {what: worse, over: sideHand, none: true}, {what: "over_cap", none: true}}},
		{name: "documents", title: "the whole set with every document: booklet, long picture, mail draft, summary, record", inputs: []string{reference},
			sides: []side{ours(append(slices.Clone(whole), "booklet")...)},
			gates: []gate{{what: "documents_share", must: 0.15}, {what: "over_cap", none: true}}},
		{name: "talk", title: "handing in → last file of the recommended place, in the service: after a minute's talk, and at once", inputs: []string{reference},
			sides: []side{waiting(sideTalk, talk), waiting(sideCold, 0)},
			gates: []gate{{what: "wall", over: sideCold, must: 0.6, aim: 0.3}}},
		{name: "shared", title: "four full-length pieces: one job against four", inputs: []string{reference},
			sides: []side{apart(sideOne), apart(sideSeparate)},
			gates: []gate{{what: "wall", over: sideSeparate, must: 0.65, aim: 0.55}, {what: "cpu", over: sideSeparate, must: 0.65, aim: 0.55}}},
		{name: "long", title: "three minutes, the whole set, against decoding and scaling alone", inputs: []string{"long"},
			sides: []side{ours(whole...), {name: sideFloor, do: floor}},
			gates: []gate{{what: "wall", over: sideFloor, aim: 4}, {what: "cpu", over: sideFloor}, {what: "over_cap", none: true}}},
		{name: "gif", title: "GIFs of screens of a browser: tries, and text that can be read", inputs: []string{"chat", "orders"}, once: true, judge: true,
			sides: []side{ours("douyin-app")},
			gates: []gate{{what: "tries_a_gif", must: 2, aim: 1}, {what: "over_cap", none: true}, {what: "gif_text_missing", must: 0.2, aim: 0.05}}},
		{name: "kinds", title: "the whole set of other recordings", inputs: []string{"screen", "camera", "vfr"}, once: true, judge: true,
			sides: []side{ours(whole...)}, gates: []gate{{what: "over_cap", none: true}, {what: "tries_a_gif", must: 2, aim: 1}, {what: "peak", must: 1500, aim: 800, unit: 1e6}}},
		{name: "odd", title: "odd files: no piece over its limit", inputs: []string{"none"}, once: true, asked: true,
			sides: []side{{name: sideOurs, ours: true, do: oddFiles}}, gates: []gate{{what: "over_cap", none: true}, {what: "files"}, {what: "pieces"}, {what: "refused"}, {what: "failed", none: true}}},
	}
}
