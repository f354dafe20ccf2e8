package storage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"clipcase/flows"
)

// Refusals is what channels did not take, the most frequent first: channels,
// reasons and limits of the catalogue, nothing of a person.
func (g *Gate) Refusals(ctx context.Context) ([]flows.RefusalCount, error) {
	const op = "read what was refused"
	pipe := g.r.client.Pipeline()
	times, least := pipe.HGetAll(ctx, keyRefused), pipe.HGetAll(ctx, keyLeast)
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fail(op, err)
	}
	var all []flows.RefusalCount
	for field, n := range times.Val() {
		parts := strings.Split(field, "|")
		if len(parts) != 3 {
			continue // of another version
		}
		all = append(all, flows.RefusalCount{
			Refusal: flows.Refusal{Channel: parts[0], Reason: parts[1], Limit: parts[2], Value: integer(least.Val()[field])}, Times: integer(n),
		})
	}
	slices.SortFunc(all, func(a, b flows.RefusalCount) int {
		return cmp.Or(cmp.Compare(b.Times, a.Times), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Reason, b.Reason), cmp.Compare(a.Limit, b.Limit))
	})
	return all, nil
}

func refusalField(r *flows.Refusal) string {
	if r == nil {
		return ""
	}
	return r.Channel + "|" + r.Reason + "|" + r.Limit
}

func refusedValue(r *flows.Refusal) int64 {
	if r == nil {
		return 0
	}
	return r.Value
}
