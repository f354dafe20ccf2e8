package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"clipcase/flows"
	"clipcase/flows/prepare"
	"clipcase/media"
)

// inspector measures a file.
type inspector interface {
	Inspect(ctx context.Context, path string) (media.Probe, error)
}

// keyMoment reads --key and looks the recordings up: a time that is in none of
// them is a mistake to say before anything is made. 2:00:42 is 00:42 of the
// second of several files; of one file it is two hours, if it is that long.
// What was measured on the way is kept in the exhibits.
func (a *app) keyMoment(ctx context.Context, engine inspector, typed string, exhibits []prepare.Exhibit) (*flows.KeyMoment, error) {
	wrong := a.usage("cli.usage.key", "value", typed)
	number, rest, numbered := inFile(typed)
	if numbered && number >= 1 && number <= len(exhibits) && len(exhibits) > 1 {
		return a.within(ctx, engine, rest, wrong, &exhibits[number-1], exhibits[number-1].ID)
	}
	for i := range exhibits {
		e := &exhibits[i]
		if err := a.measure(ctx, engine, e); err != nil {
			return nil, err
		}
		if e.Probe == nil || e.Probe.Kind != media.KindVideo {
			continue
		}
		key, err := a.within(ctx, engine, typed, wrong, e, "")
		if err != nil && numbered && number == 1 {
			if first, other := a.within(ctx, engine, rest, wrong, e, ""); other == nil {
				return first, nil
			}
		}
		return key, err
	}
	// No recording at all: what is wrong with the files is said with them.
	r, ok := media.ReadMoment(typed)
	if !ok {
		return nil, wrong
	}
	return &flows.KeyMoment{Range: r.Range}, nil
}

// readable says whether --key is a moment at all, in a file or by itself.
func readable(typed string) bool {
	_, rest, numbered := inFile(typed)
	_, ok := media.ReadMoment(typed)
	if !ok && numbered {
		_, ok = media.ReadMoment(rest)
	}
	return ok
}

// inFile divides 2:00:42 or 2:00:42-00:52 into the number of a file and a time in it.
func inFile(typed string) (number int, rest string, ok bool) {
	before, rest, _ := strings.Cut(typed, ":")
	start, _, _ := strings.Cut(rest, "-")
	number, err := strconv.Atoi(before)
	return number, rest, err == nil && strings.Contains(start, ":")
}

// within is the moment typed, in a recording that reaches so far.
func (a *app) within(ctx context.Context, engine inspector, typed string, wrong error, e *prepare.Exhibit, id string) (*flows.KeyMoment, error) {
	m, ok := media.ReadMoment(typed)
	if !ok {
		return nil, wrong
	}
	if err := a.measure(ctx, engine, e); err != nil {
		return nil, err
	}
	latest := m.Range.End
	if m.Point {
		latest -= media.MomentAfter
	}
	// Players round: the last second of 1:59.6 is shown as 2:00.
	if e.Probe != nil && e.Probe.Kind == media.KindVideo && latest > e.Probe.Duration+0.5 {
		return nil, a.usage("cli.usage.key.beyond", "value", typed, "name", e.Name, "length", flows.FormatClock(e.Probe.Duration))
	}
	return &flows.KeyMoment{Exhibit: id, Range: m.Range}, nil
}

// measure looks at a file once; one that cannot be used is left as it is, for the
// record says why.
func (a *app) measure(ctx context.Context, engine inspector, e *prepare.Exhibit) error {
	if e.Probe != nil {
		return nil
	}
	probe, err := engine.Inspect(ctx, e.Path)
	var refusal *media.Refusal
	if errors.As(err, &refusal) {
		return nil
	}
	if err != nil {
		return a.failed(err, "cli.failed.work", "error", err.Error())
	}
	e.Probe = &probe
	return nil
}
