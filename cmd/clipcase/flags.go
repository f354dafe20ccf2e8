package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"clipcase/flows/catalog"
	"clipcase/flows/prepare"
	"clipcase/media"
)

// prepareFlags are the flags of prepare as they were typed.
type prepareFlags struct {
	scenario, statement, out, key, mask, id, lang, offset, handOver string

	channels []string
	exhibits []string
	json     bool
	neutral  bool

	set *pflag.FlagSet
}

// given says whether a flag was typed: an empty value is a mistake, such as a
// variable that was never filled, and not the same as none.
func (f *prepareFlags) given(name string) bool { return f.set.Changed(name) }

func (f *prepareFlags) bind(set *pflag.FlagSet, a *app) {
	f.set = set
	set.StringVar(&f.scenario, "scenario", "bug-report", a.say("cli.flag.scenario"))
	set.StringSliceVar(&f.channels, "channel", nil, a.say("cli.flag.channel"))
	set.StringVar(&f.statement, "statement", "", a.say("cli.flag.statement"))
	set.StringVar(&f.out, "out", "", a.say("cli.flag.out"))
	set.StringVar(&f.handOver, "hand-over", "", a.say("cli.flag.handover"))
	set.StringArrayVar(&f.exhibits, "exhibit", nil, a.say("cli.flag.exhibit"))
	set.StringVar(&f.key, "key", "", a.say("cli.flag.key"))
	set.StringVar(&f.offset, "offset", "", a.say("cli.flag.offset"))
	set.StringVar(&f.mask, "mask", "none", a.say("cli.flag.mask"))
	set.BoolVar(&f.neutral, "neutral", false, a.say("cli.flag.neutral"))
	set.StringVar(&f.id, "case", "", a.say("cli.flag.case"))
	set.StringVar(&f.lang, "lang", "zh", a.say("cli.flag.lang"))
	set.BoolVar(&f.json, "json", false, a.say("cli.flag.json"))
}

// recommended is how many channels are made when none was named: the first of
// the scenario's list. Everything else is one flag away.
const recommended = 3

// request checks the flags and files against the catalogue and the disk.
func (f *prepareFlags) request(a *app, files []string) (prepare.Request, error) {
	req := prepare.Request{Scenario: f.scenario, Lang: f.lang, Now: a.clock(), Original: true}
	scenario, ok := a.words.Scenario(f.scenario)
	if !ok {
		return req, a.usage("cli.usage.scenario", "value", f.scenario, "known", strings.Join(scenarioIDs(a.words), ", "))
	}
	if err := f.checkMask(a); err != nil {
		return req, err
	}
	var err error
	if req.Channels, err = f.chooseChannels(a, scenario); err != nil {
		return req, err
	}
	if req.Exhibits, err = f.chooseFiles(a, scenario, files); err != nil {
		return req, err
	}
	for i := range req.Exhibits {
		req.Exhibits[i].At = req.Now
	}
	if f.given("key") && !readable(f.key) {
		return req, a.usage("cli.usage.key", "value", f.key)
	}
	if req.Offset, err = f.shift(a, req.Channels); err != nil {
		return req, err
	}
	if req.Statement, err = f.words(a); err != nil {
		return req, err
	}
	if f.neutral {
		req.Wording = prepare.WordingNeutral
	}
	if req.Case, req.Dir, err = f.place(a); err != nil {
		return req, err
	}
	req.HandOver, err = f.beside(a, req.Dir)
	return req, err
}

// beside is the folder for others, "" where none was asked for. It must be new or
// empty, and neither of both may lie within the other.
func (f *prepareFlags) beside(a *app, dir string) (string, error) {
	if !f.given("hand-over") {
		return "", nil
	}
	if f.handOver == "" {
		return "", a.usage("cli.usage.handover", "dir", f.handOver)
	}
	other, err := filepath.Abs(f.handOver)
	if err != nil {
		return "", a.failed(err, "cli.failed.out", "dir", f.handOver)
	}
	within := func(inner, outer string) bool {
		return strings.HasPrefix(inner+"/", strings.TrimSuffix(outer, "/")+"/")
	}
	if !free(other) || within(other, dir) || within(dir, other) {
		return "", a.usage("cli.usage.handover", "dir", other)
	}
	return other, nil
}

// shift is by how many seconds the suspected copy lags; nil where none was typed.
func (f *prepareFlags) shift(a *app, channels []prepare.Channel) (*float64, error) {
	if !f.given("offset") {
		return nil, nil
	}
	v, err := strconv.ParseFloat(f.offset, 64)
	if err != nil || !(math.Abs(v) <= media.TraceLongest) {
		return nil, a.usage("cli.usage.offset", "value", f.offset)
	}
	for _, c := range channels {
		channel, _ := a.words.Channel(c.ID) // chosen because it exists
		for _, t := range channel.Tiers {
			if slices.ContainsFunc(t.Recipes, func(r media.Recipe) bool { return r.Compare }) {
				return &v, nil
			}
		}
	}
	return nil, a.usage("cli.usage.offset.nothing")
}

func (f *prepareFlags) checkMask(a *app) error {
	for _, m := range strings.Split(f.mask, ",") {
		switch m {
		case "none":
		case "faces", "text":
			return a.usage("cli.usage.mask", "value", m)
		default:
			return a.usage("cli.usage.mask.unknown", "value", m)
		}
	}
	return nil
}

func (f *prepareFlags) chooseChannels(a *app, scenario catalog.Scenario) ([]prepare.Channel, error) {
	ids, given := f.channels, f.given("channel")
	if !given {
		ids = scenario.Channels
	}
	var out []prepare.Channel
	seen := map[string]bool{}
	for _, id := range ids {
		id = strings.TrimSpace(id)
		channel, ok := a.words.Channel(id)
		switch {
		case given && !ok:
			return nil, a.usage("cli.usage.channel", "value", id, "known", strings.Join(channelIDs(a.words), ", "))
		case given && !channel.Available:
			return nil, a.usage("cli.usage.channel.later", "value", id)
		case !ok || !channel.Available || seen[id] || !given && len(out) == recommended:
			continue
		}
		seen[id] = true
		out = append(out, prepare.Channel{ID: id})
	}
	if len(out) == 0 {
		return nil, a.usage("cli.usage.channel", "value", "", "known", strings.Join(channelIDs(a.words), ", "))
	}
	return out, nil
}

// words is the statement: as typed, or from a file.
func (f *prepareFlags) words(a *app) (string, error) {
	name, ok := strings.CutPrefix(f.statement, "@")
	if !ok {
		return f.statement, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return "", a.usage("cli.usage.statement", "file", name)
	}
	defer func() { _ = file.Close() }() // only read
	text, err := io.ReadAll(io.LimitReader(file, 1<<20))
	if err != nil {
		return "", a.usage("cli.usage.statement", "file", name)
	}
	return strings.TrimPrefix(string(text), "\ufeff"), nil
}

// place decides the case's number and folder. The folder must be new or empty.
func (f *prepareFlags) place(a *app) (id, dir string, err error) {
	id, dir = f.id, f.out
	if id != "" && !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$`).MatchString(id) {
		return "", "", a.usage("cli.usage.case", "value", id)
	}
	if id == "" {
		id = "CC0001"
		for n := 1; dir == "" && !free(id); n++ {
			id = fmt.Sprintf("CC%04d", n)
		}
	}
	if dir == "" {
		dir = id
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return "", "", a.failed(err, "cli.failed.out", "dir", dir)
	}
	if !free(dir) {
		return "", "", a.usage("cli.usage.out", "dir", dir)
	}
	return id, dir, nil
}

// free says whether dir does not exist or is an empty folder.
func free(dir string) bool {
	entries, err := os.ReadDir(dir)
	return errors.Is(err, os.ErrNotExist) || err == nil && len(entries) == 0
}

func scenarioIDs(c *catalog.Catalog) []string {
	var ids []string
	for _, s := range c.Scenarios() {
		ids = append(ids, s.ID)
	}
	return ids
}

func channelIDs(c *catalog.Catalog) []string {
	var ids []string
	for _, ch := range c.Channels() {
		if ch.Available {
			ids = append(ids, ch.ID)
		}
	}
	return ids
}
