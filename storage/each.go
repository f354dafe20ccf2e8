package storage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"clipcase/flows"
)

// eachAtOnce is how many cases are read in one go.
const eachAtOnce = 100

// Each calls each for every case in the order of numbers; each's error ends it and
// is returned. A case that comes or goes meanwhile may be missed.
func (s *Cases) Each(ctx context.Context, each func(*flows.Case) error) error {
	seen := map[string]bool{}
	scan := s.r.client.Scan(ctx, 0, keyCase("*"), 1000).Iterator()
	for scan.Next(ctx) {
		if id := strings.TrimPrefix(scan.Val(), keyCase("")); must(id) > 0 {
			seen[id] = true
		}
	}
	if err := scan.Err(); err != nil {
		return fail("list cases", err)
	}
	ids := make([]string, 0, len(seen))
	for id := range seen {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b string) int { return cmp.Compare(must(a), must(b)) })
	for some := range slices.Chunk(ids, eachAtOnce) {
		found, err := s.read(ctx, some)
		if err != nil {
			return err
		}
		for _, c := range found {
			if c == nil {
				continue // deleted meanwhile
			}
			if err := each(c); err != nil {
				return err
			}
		}
	}
	return nil
}
