package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// forget deletes cases. What was asked for stands in Redis until it is done, so
// that a crash in the middle only delays it. A second pass follows, for what a
// worker wrote in the moment of the first; case numbers are never reused, so
// that it can hit nothing else.
type forget struct {
	redis   redis.UniversalClient
	cases   Cases
	blobs   Blobs
	disk    Disk
	commits Commits
	signer  Signer
	queue   *queue
	tells   Progress
	told    func(id string) // hears that the case is gone, with the records of its uploads
	clock   func() time.Time
	log     *slog.Logger
}

const (
	forgetKey   = keyPrefix + "forget"          // sorted set: case by due time, to be deleted
	forgottenKy = keyPrefix + "forgot"          // sorted set: case by due time, second pass
	receiptsKey = keyPrefix + "forget:receipts" // hash: case → receipt still to be given
	secondPass  = 30 * time.Second
)

// ask records the wish durably and carries it out; what fails is repeated by the sweep.
func (f *forget) ask(ctx context.Context, id string) error {
	if err := f.redis.ZAdd(ctx, forgetKey, redis.Z{Score: float64(f.clock().UnixMilli()), Member: id}).Err(); err != nil {
		return fmt.Errorf("record forgetting: %w", err)
	}
	if err := f.first(ctx, id); err != nil {
		f.log.Warn("forgetting goes on later", "case", id, "err", err)
	}
	return nil
}

// first deletes the document before the files: workers see that the case is
// gone and stop, and nobody is shown what can no longer be opened.
func (f *forget) first(ctx context.Context, id string) error {
	if err := f.count(ctx, id); err != nil {
		return err
	}
	if err := f.queue.drop(id); err != nil {
		return err
	}
	if err := f.cases.Forget(ctx, id); err != nil {
		return fmt.Errorf("forget case: %w", err)
	}
	f.told(id)
	if err := f.blobs.DeletePrefix(ctx, casePrefix(id)); err != nil {
		return fmt.Errorf("delete files: %w", err)
	}
	if err := f.give(ctx, id); err != nil {
		return err
	}
	_, err := f.redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.ZAdd(ctx, forgottenKy, redis.Z{Score: float64(f.clock().Add(secondPass).UnixMilli()), Member: id})
		p.ZRem(ctx, forgetKey, id)
		p.ZRem(ctx, stampsKey, id)
		return nil
	})
	if err != nil {
		return fmt.Errorf("record forgotten: %w", err)
	}
	f.log.Info("case deleted", "case", id)
	return nil
}

func (f *forget) second(ctx context.Context, id string) error {
	if err := f.queue.drop(id); err != nil {
		return err
	}
	if err := f.cases.Forget(ctx, id); err != nil {
		return fmt.Errorf("forget case again: %w", err)
	}
	if err := f.blobs.DeletePrefix(ctx, casePrefix(id)); err != nil {
		return fmt.Errorf("delete files again: %w", err)
	}
	if err := f.redis.ZRem(ctx, forgottenKy, id).Err(); err != nil {
		return fmt.Errorf("record end of forgetting: %w", err)
	}
	return nil
}

// rest carries out what is due, each case for itself.
func (f *forget) rest(ctx context.Context) error {
	if err := f.due(ctx, forgetKey, f.first); err != nil {
		return err
	}
	return f.due(ctx, forgottenKy, f.second)
}

func (f *forget) due(ctx context.Context, key string, do func(context.Context, string) error) error {
	ids, err := f.redis.ZRangeArgs(ctx, redis.ZRangeArgs{
		Key: key, Start: "-inf", Stop: strconv.FormatInt(f.clock().UnixMilli(), 10), ByScore: true,
	}).Result()
	if err != nil {
		return fmt.Errorf("read what is to be forgotten: %w", err)
	}
	for _, id := range ids {
		if err := do(ctx, id); err != nil {
			f.log.Warn("forgetting goes on later", "case", id, "err", err)
		}
	}
	return nil
}
