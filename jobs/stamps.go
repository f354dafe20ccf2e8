package jobs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
	"clipcase/flows/dossier/bag"
	"clipcase/flows/dossier/stamp"
)

const (
	stampsKey  = keyPrefix + "stamps" // sorted set: case by when it is looked at again
	stampLost  = 5 * time.Minute      // a task that has not ended by then is looked for
	stampsWait = 6 * time.Hour        // the longest wait for an authority
)

// endScript takes a case off the list, or puts its next time there, unless it was
// asked for once more while the work was done. What was taken off meanwhile, as when
// the case is deleted, stays off.
//
// KEYS[1] stampsKey
// ARGV[1] the case
// ARGV[2] its score when the work began
// ARGV[3] its next score, "" when nothing is missing
// returns 1 when that is noted, 0 when there is more to do now
var endScript = redis.NewScript(`
local score = redis.call("ZSCORE", KEYS[1], ARGV[1])
if not score then return 1 end
if tonumber(score) ~= tonumber(ARGV[2]) and score ~= ARGV[3] then return 0 end
if ARGV[3] == "" then
  redis.call("ZREM", KEYS[1], ARGV[1])
else
  redis.call("ZADD", KEYS[1], ARGV[3], ARGV[1])
end
return 1
`)

// stamps has authorities stamp what was handed in and, when everything is made,
// the signature of the case. What is still to be stamped is seen from the case
// itself, so that a task which is lost or comes twice costs time, never a stamp.
type stamps struct {
	cfg     Config
	redis   redis.UniversalClient
	queue   *queue
	cases   Cases
	blobs   Blobs
	stamper Stamper
	sealer  Sealer
	notes   notes
	log     *slog.Logger
}

func (s *stamps) on() bool { return s.stamper != nil && len(s.stamper.URLs()) > 0 }

// ask notes durably that the case is to be looked at and does it at once.
func (s *stamps) ask(ctx context.Context, id string) error {
	if !s.on() {
		return nil
	}
	if err := s.redis.Do(ctx, "ZADD", stampsKey, s.due(stampLost), id).Err(); err != nil {
		return fmt.Errorf("note that stamps are missing: %w", err)
	}
	return s.queue.add(ctx, stampTask(id))
}

// due is the score of a case that is looked at again after a while.
func (s *stamps) due(after time.Duration) string {
	return strconv.FormatInt(s.cfg.Clock().Add(after).UnixMilli(), 10)
}

// rest looks at the cases whose time has come: authorities that did not answer,
// tasks that were lost.
func (s *stamps) rest(ctx context.Context) error {
	if !s.on() {
		return nil
	}
	ids, err := s.redis.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: stampsKey, Start: "-inf", Stop: strconv.FormatInt(s.cfg.Clock().UnixMilli(), 10), ByScore: true,
	}).Result()
	if err != nil {
		return fmt.Errorf("list missing stamps: %w", err)
	}
	for _, id := range ids {
		c, err := s.cases.Case(ctx, id)
		switch {
		case absent(err) || err == nil && over(c):
			err = s.redis.ZRem(ctx, stampsKey, id).Err()
		case err == nil:
			err = s.ask(ctx, id)
		}
		if err != nil {
			return fmt.Errorf("stamp again: %w", err)
		}
	}
	return nil
}

// run asks every authority for what it has not stamped yet. One that fails is left
// alone until the next time, and no longer than hours: the case never waits for it.
func (s *stamps) run(ctx context.Context, t task, _ string) error {
	score, err := s.redis.ZScore(ctx, stampsKey, t.Case).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("look at missing stamps: %w", err)
	}
	failed := map[string]bool{}
	// What is signed names the originals' stamps, so these come first.
	for _, wanted := range []func(*flows.Case) ([]dated, error){originalsOf, s.signatures} {
		if err := s.round(ctx, t.Case, wanted, failed); err != nil || ctx.Err() != nil {
			return errors.Join(err, ctx.Err())
		}
	}
	next := ""
	if len(failed) > 0 {
		tries, err := s.notes.count(ctx, "stamp:"+t.Case)
		if err != nil {
			return err
		}
		next = s.due(grow(s.cfg.Restamp, tries-1, stampsWait))
	} else if err := s.notes.clear(ctx, "stamp:"+t.Case); err != nil {
		return err
	}
	ended, err := endScript.Run(ctx, s.redis, []string{stampsKey}, t.Case, score, next).Int()
	if err != nil {
		return fmt.Errorf("note what is stamped: %w", err)
	}
	if ended == 0 {
		return &later{after: s.cfg.Later, why: "there is more to stamp"}
	}
	return nil
}

// dated is one thing to be stamped; bag is the kind whose signature it is.
type dated struct {
	stamp.Over
	bag string
}

// originalsOf are the files of a case, each once.
func originalsOf(c *flows.Case) ([]dated, error) {
	var all []dated
	for i := range c.Exhibits {
		e := &c.Exhibits[i]
		if e.Removed || e.SHA256 == "" || e.Blob == "" {
			continue
		}
		one, err := stamp.OfOriginal(e.SHA256)
		if err != nil {
			return nil, err
		}
		all = append(all, dated{Over: one})
	}
	return all, nil
}

// signatures are those of both bags once everything is made.
func (s *stamps) signatures(c *flows.Case) ([]dated, error) {
	if !c.Settled() {
		return nil, nil
	}
	var all []dated
	for _, kind := range []string{bag.KindMine, bag.KindHandOver} {
		_, signature, err := s.sealer.Signed(c, kind)
		if err != nil {
			return nil, fmt.Errorf("sign: %w", err)
		}
		if signature != nil {
			all = append(all, dated{Over: stamp.OfSignature(signature), bag: kind})
		}
	}
	return all, nil
}

// round has everything wanted stamped; failed collects the authorities that do
// not answer, which are not asked again.
func (s *stamps) round(ctx context.Context, id string, wanted func(*flows.Case) ([]dated, error), failed map[string]bool) error {
	c, err := s.cases.Case(ctx, id)
	if absent(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	all, err := wanted(c)
	if err != nil {
		return err
	}
	for _, address := range s.stamper.URLs() {
		name := s.stamper.Name(address)
		for _, one := range all {
			if failed[name] || c.Stamped(hex.EncodeToString(one.Digest), name) {
				continue
			}
			got, err := s.stamper.Ask(ctx, address, one.Digest)
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err != nil {
				failed[name] = true
				s.log.Warn("a time stamp is missing until later", "case", id, "authority", name, "err", err)
				continue
			}
			if c, err = s.keep(ctx, c, one, name, got); err != nil || c == nil {
				return err
			}
		}
	}
	return nil
}

// keep stores a stamp and notes it in the case; nil = the case is gone.
func (s *stamps) keep(ctx context.Context, c *flows.Case, one dated, authority string, got stamp.Stamp) (*flows.Case, error) {
	digest := hex.EncodeToString(one.Digest)
	prefix := stampPrefix(c.ID, digest)
	made := flows.Stamp{
		Over: one.Name, Bag: one.bag, Digest: digest, Authority: authority, Name: got.Token.Name, At: got.Token.Time, Whole: got.Token.Root != "",
	}
	var err error
	if made.Reply, err = s.put(ctx, prefix+authority+bag.StampEnding, got.Reply); err != nil {
		return nil, err
	}
	if len(got.Chain) > 0 {
		chain, err := s.put(ctx, prefix+authority+".pem", got.Chain)
		if err != nil {
			return nil, err
		}
		made.Chain = &chain
	}
	before := c
	c, err = s.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		c.AddStamp(made, s.cfg.Clock())
		return nil, nil
	})
	if absent(err) {
		// deleted while the authority was asked: what was just written must go too
		return nil, s.blobs.DeletePrefix(ctx, casePrefix(before.ID))
	}
	if err != nil {
		return nil, fmt.Errorf("commit stamp: %w", err)
	}
	s.log.Info("stamped", "case", c.ID, "authority", authority, "over", one.Name, "whole", made.Whole)
	return c, s.drop(ctx, c, before)
}

// drop deletes stamps that were of a signature which is none any more.
func (s *stamps) drop(ctx context.Context, c, before *flows.Case) error {
	for _, old := range before.Stamps {
		if slices.ContainsFunc(c.Stamps, func(s flows.Stamp) bool { return s.Digest == old.Digest }) {
			continue
		}
		if err := s.blobs.DeletePrefix(ctx, stampPrefix(c.ID, old.Digest)); err != nil {
			return fmt.Errorf("delete old stamps: %w", err)
		}
	}
	return nil
}

func stampPrefix(id, digest string) string { return casePrefix(id) + "stamps/" + digest[:32] + "/" }

func (s *stamps) put(ctx context.Context, key string, content []byte) (f flows.StampFile, err error) {
	if err := os.MkdirAll(s.cfg.Dir, 0o700); err != nil {
		return f, fmt.Errorf("folder: %w", err)
	}
	dir, err := os.MkdirTemp(s.cfg.Dir, "stamp-")
	if err != nil {
		return f, fmt.Errorf("folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "stamp")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		return f, fmt.Errorf("write stamp: %w", err)
	}
	if err := s.blobs.PutPiece(ctx, key, path); err != nil {
		return f, fmt.Errorf("store stamp: %w", err)
	}
	sum := sha256.Sum256(content)
	return flows.StampFile{Blob: key, SHA256: hex.EncodeToString(sum[:]), Bytes: int64(len(content))}, nil
}
