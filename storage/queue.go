package storage

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

const failedMost = 10

// Queue is what waits and what failed, counted from the cases themselves: ingest
// counts exhibits, process and deliver count packs.
func (g *Gate) Queue(ctx context.Context) (flows.QueueReport, error) {
	const op = "report the queue"
	report := flows.QueueReport{Waiting: map[string]int{}, Running: map[string]int{}}
	since, err := g.r.client.ZRangeWithScores(ctx, keyUnfinished, 0, -1).Result()
	if err != nil {
		return report, fail(op, err)
	}
	report.Failed, err = g.r.client.ZRangeArgs(ctx, redis.ZRangeArgs{Key: keyFailed, Start: 0, Stop: failedMost - 1, Rev: true}).Result()
	if err != nil {
		return report, fail(op, err)
	}
	if err := g.count(ctx, since, &report); err != nil {
		return report, err
	}
	if report.Refused, err = g.Refusals(ctx); err != nil {
		return report, err
	}
	report.Disk, err = g.disk(ctx)
	return report, err
}

func (g *Gate) count(ctx context.Context, since []redis.Z, report *flows.QueueReport) error {
	ids := make([]string, len(since))
	for i, z := range since {
		ids[i], _ = z.Member.(string)
	}
	cases, err := g.r.Cases().read(ctx, ids)
	if err != nil {
		return err
	}
	now := g.r.cfg.Clock()
	for i, c := range cases {
		if c == nil || !tally(c, report) {
			continue
		}
		waited := now.Sub(time.UnixMilli(int64(since[i].Score)))
		report.Oldest = max(report.Oldest, waited)
	}
	return nil
}

// tally counts one case and says whether something of it waits.
func tally(c *flows.Case, report *flows.QueueReport) (waits bool) {
	for _, e := range c.Exhibits {
		if !e.Removed && e.State == flows.ExhibitFetching {
			report.Waiting["ingest"]++
			waits = true
		}
	}
	for _, p := range c.Packs {
		switch p.State {
		case flows.PackPlanned:
			report.Waiting["process"]++
			waits = true
		case flows.PackRendering:
			report.Running["process"]++
		case flows.PackReady:
			report.Waiting["deliver"]++
			waits = true
		case flows.PackDelivering:
			report.Running["deliver"]++
		}
	}
	return waits
}
