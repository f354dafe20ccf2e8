package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
	"clipcase/media"
)

// process makes the packs of a case. A run claims them with its token, works in
// a folder of its own and publishes each part of a pack by a commit that demands
// the token.
type process struct {
	cfg      Config
	cases    Cases
	links    Links
	blobs    Blobs
	disk     Disk
	preparer Preparer
	linker   Linker // nil = no links
	progress Progress
	meter    Meter
	alerts   *alerts
	log      *slog.Logger
}

func (p *process) run(ctx context.Context, t task, token string) error {
	c, err := p.claim(ctx, t.Case, token)
	if errors.Is(err, errNothing) || absent(err) || conflicting(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	if err := p.giveUp(ctx, c, token); err != nil {
		return err
	}
	mine := held(c, token, p.cfg.Attempts)
	if len(mine) == 0 {
		return nil
	}
	err = p.attempt(ctx, c, token, mine)
	if err == nil {
		return p.clean(ctx, c.ID, "")
	}
	return p.ended(ctx, c, token, err)
}

// claim takes the packs from whatever attempt holds them: this worker has the
// lease of the case, so the other one is gone or will be refused.
func (p *process) claim(ctx context.Context, id, token string) (*flows.Case, error) {
	return p.cases.Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
		claimed, err := c.ClaimPacks(token)
		if err == nil && !claimed {
			err = errNothing
		}
		return nil, err
	})
}

// held are the packs of the attempt that may still be tried.
func held(c *flows.Case, token string, attempts int) []flows.Pack {
	var mine []flows.Pack
	for _, pack := range c.Packs {
		if pack.State == flows.PackRendering && pack.Attempt == token && pack.Tries <= attempts {
			mine = append(mine, pack)
		}
	}
	return mine
}

// giveUp fails the packs whose earlier tries all ended without a result, most
// likely because they killed their worker each time. The person is told.
func (p *process) giveUp(ctx context.Context, c *flows.Case, token string) error {
	for _, pack := range c.Packs {
		if pack.State != flows.PackRendering || pack.Attempt != token || pack.Tries <= p.cfg.Attempts {
			continue
		}
		number := incident(p.cfg.IDs)
		p.log.Error("pack given up", "case", c.ID, "channel", pack.Channel, "tries", pack.Tries-1, "incident", number)
		if err := p.fail(ctx, c.ID, token, pack.Channel, flows.Problem{Class: flows.Internal, Text: flows.T("jobs.failed"), Incident: number}); err != nil {
			return err
		}
	}
	return nil
}

// attempt prepares the packs in a folder that is gone when it returns.
func (p *process) attempt(ctx context.Context, c *flows.Case, token string, packs []flows.Pack) error {
	if err := p.clean(ctx, c.ID, token); err != nil {
		return err
	}
	if err := p.room(ctx, c); err != nil {
		return err
	}
	p.sweepOthers(c.ID, token)
	dir := filepath.Join(p.cfg.Dir, folderName(c.ID, token))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("attempt folder: %w", err)
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			p.log.Warn("attempt folder stays until the next start", "err", err)
		}
	}()
	exhibits, release, err := p.stage(ctx, c)
	defer release()
	if err != nil {
		return err
	}
	out := &publisher{process: p, c: c, token: token, dir: dir, done: map[string]bool{}, stored: map[string]flows.Piece{}}
	req := request(c, packs, exhibits, dir, p.cfg.Clock())
	req.Fetch, req.Signer = p.blobs.Stage, p.cfg.Signer
	if p.linker != nil {
		if req.Link, err = p.linker.Evidence(ctx, c, packs); err != nil {
			return err
		}
	}
	record, err := p.preparer.Run(ctx, req, out)
	out.end(ctx, err)
	if err != nil {
		return err
	}
	if err := out.documents(ctx); err != nil {
		return err
	}
	return p.leftOver(ctx, c.ID, token, packs, out.done, record)
}

// request is the case as preparing sees it.
func request(c *flows.Case, packs []flows.Pack, exhibits []prepare.Exhibit, dir string, now time.Time) prepare.Request {
	req := prepare.Request{
		History: c.History, Stamped: dossier.OriginalsStamped(c),
		Case: c.ID, Scenario: c.Scenario, Lang: c.Lang, Statement: c.Statement, Answers: c.Answers,
		Exhibits: exhibits, Key: c.Key, Offset: c.Offset, Dir: dir, Now: now, Wording: prepare.WordingKept,
	}
	if c.Neutral {
		req.Wording = prepare.WordingNeutral
	}
	for _, pack := range packs {
		req.Channels = append(req.Channels, prepare.Channel{ID: pack.Channel, Tier: pack.Tier, Extra: pack.Extra, Earlier: c.Ahead(pack)})
	}
	return req
}

// stage makes the originals readable as files. Refused ones go along, so that
// the record of the case names them.
func (p *process) stage(ctx context.Context, c *flows.Case) ([]prepare.Exhibit, func(), error) {
	var releases []func()
	release := func() {
		for _, r := range releases {
			r()
		}
	}
	var exhibits []prepare.Exhibit
	for i := range c.Exhibits {
		e := &c.Exhibits[i]
		if e.Removed || e.Blob == "" {
			continue
		}
		path, done, err := p.blobs.Stage(ctx, e.Blob)
		if err != nil {
			return nil, release, fmt.Errorf("stage %s: %w", e.ID, err)
		}
		releases = append(releases, done)
		if e.Read && e.Seen == nil {
			e.Seen = []media.Seen{} // it was read, and nothing stands there
		}
		exhibits = append(exhibits, prepare.Exhibit{
			ID: e.ID, Slot: e.Slot, Path: path, Name: e.File.Name, Grade: e.File.Grade(), Came: flows.ArrivalText(e.File), At: e.Received, SHA256: e.SHA256, Probe: e.Probe, Seen: e.Seen,
		})
	}
	return exhibits, release, nil
}

// room waits for disk space rather than beginning what cannot be finished.
func (p *process) room(ctx context.Context, c *flows.Case) error {
	var need int64
	for _, e := range c.Usable() {
		need += e.Bytes
	}
	free, err := p.disk.Free(ctx)
	if err != nil {
		return fmt.Errorf("free space: %w", err)
	}
	if free >= need {
		return nil
	}
	return &later{after: grow(p.cfg.Later, 2, 10*time.Second), why: "disk"}
}

// leftOver fails the packs that the preparer finished without a result: no file
// of the case gave a piece for that channel.
func (p *process) leftOver(ctx context.Context, id, token string, packs []flows.Pack, done map[string]bool, record *dossier.Record) error {
	for _, pack := range packs {
		if done[pack.Channel] {
			continue
		}
		text := flows.T("jobs.failed.media")
		if record != nil {
			if err := record.Broken[pack.Channel]; err != nil {
				number := incident(p.cfg.IDs)
				p.log.Error("pack failed", "case", id, "channel", pack.Channel, "incident", number, "err", err)
				if err := p.fail(ctx, id, token, pack.Channel, flows.Problem{Class: flows.Internal, Text: flows.T("jobs.failed"), Incident: number}); err != nil {
					return err
				}
				continue
			}
			for _, o := range record.Originals {
				if o.Error != nil && o.Error.Text != "" {
					text = flows.T("jobs.failed.because", "why", o.Error.Text)
				}
			}
		}
		if err := p.fail(ctx, id, token, pack.Channel, flows.Problem{Class: flows.UserMedia, Text: text}); err != nil {
			return err
		}
	}
	return nil
}

func (p *process) fail(ctx context.Context, id, token, channel string, problem flows.Problem) error {
	_, err := p.cases.Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
		return c.PackFailed(token, channel, problem, p.cfg.Clock())
	})
	if absent(err) || conflicting(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("commit failure: %w", err)
	}
	p.meter.Failed("pack", problem.Class)
	if problem.Class != flows.UserMedia {
		p.alerts.failure(ctx, id, problem.Incident)
	}
	return nil
}

// ended sorts out why an attempt did not end well. What it published stays.
func (p *process) ended(ctx context.Context, c *flows.Case, token string, err error) error {
	aside, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
	defer cancel()
	if cleanErr := p.clean(aside, c.ID, ""); cleanErr != nil {
		p.log.Warn("files of an attempt stay until the next one", "case", c.ID, "err", cleanErr)
	}
	var wait *later
	var refusal *media.Refusal
	switch {
	case errors.Is(err, errTaken), conflicting(err), absent(err), !stopped(ctx, err) && dropped(ctx, p.cases, c.ID):
		p.log.Info("attempt is no longer wanted", "case", c.ID)
		return nil
	case stopped(ctx, err), errors.As(err, &wait), flows.ClassOf(err) == flows.Unavailable:
		p.release(aside, c.ID, token)
		return err
	case flows.ClassOf(err) == flows.UserMedia, errors.As(err, &refusal):
		return p.failAll(aside, c.ID, token, userProblem(err, refusal))
	}
	for _, pack := range c.Packs {
		if pack.Attempt == token && pack.Tries < p.cfg.Attempts {
			return err // tried once more by a new attempt
		}
	}
	number := incident(p.cfg.IDs)
	p.log.Error("case failed", "case", c.ID, "incident", number, "err", err)
	return p.failAll(aside, c.ID, token, flows.Problem{Class: flows.Internal, Text: flows.T("jobs.failed"), Incident: number})
}

func userProblem(err error, refusal *media.Refusal) flows.Problem {
	if refusal != nil {
		return flows.Problem{Class: flows.UserMedia, Text: flows.RefusalText(refusal)}
	}
	var told *flows.Error
	errors.As(err, &told)
	return flows.Problem{Class: flows.UserMedia, Text: told.Text}
}

// failAll fails every pack that the attempt still holds.
func (p *process) failAll(ctx context.Context, id, token string, problem flows.Problem) error {
	c, err := p.cases.Case(ctx, id)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	for _, pack := range c.Packs {
		if pack.State == flows.PackRendering && pack.Attempt == token {
			if err := p.fail(ctx, id, token, pack.Channel, problem); err != nil {
				return err
			}
		}
	}
	return nil
}

// release gives the packs back without counting the try, so that the next
// worker begins at once; if that cannot be written it begins when the lease has run out.
func (p *process) release(ctx context.Context, id, token string) {
	_, err := p.cases.Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
		return c.ReleasePacks(token), nil
	})
	if err != nil && !absent(err) {
		p.log.Warn("packs not given back", "case", id, "err", err)
	}
}

// clean deletes the files of attempts that no pack of the case refers to and to
// which nobody was given a link; keep names an attempt that is at work. A case that is gone loses all of them.
func (p *process) clean(ctx context.Context, id, keep string) error {
	var keys []string
	err := p.disk.List(ctx, casePrefix(id)+"attempts/", func(key string, _ int64) error {
		keys = append(keys, key)
		return nil
	})
	if err != nil {
		return fmt.Errorf("list attempts: %w", err)
	}
	if len(keys) == 0 {
		return nil
	}
	c, err := p.cases.Case(ctx, id)
	if err != nil && !absent(err) {
		return fmt.Errorf("read case: %w", err)
	}
	used := map[string]bool{keep: keep != ""}
	if err == nil {
		given, err := p.links.Links(ctx, id)
		if err != nil {
			return fmt.Errorf("read links: %w", err)
		}
		for _, l := range given {
			used[attemptOf(l.Blob, id)] = true
		}
	}
	gone := map[string]bool{}
	for _, key := range keys {
		token := attemptOf(key, id)
		if token == "" || gone[token] || used[token] || c != nil && c.UsesAttempt(token) {
			continue
		}
		gone[token] = true
		if err := p.blobs.DeletePrefix(ctx, attemptPrefix(id, token)); err != nil {
			return fmt.Errorf("delete attempt: %w", err)
		}
	}
	return nil
}

// attemptOf is the token in the key of a piece, "" for any other key.
func attemptOf(key, id string) string {
	rest, ok := strings.CutPrefix(key, casePrefix(id)+"attempts/")
	if !ok {
		return ""
	}
	token, _, _ := strings.Cut(rest, "/")
	return token
}
