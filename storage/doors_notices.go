package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"clipcase/flows"
)

const (
	noticesKept = 20
	noticeTTL   = 30 * 24 * time.Hour
)

// Notices are the screens said to a chat of the web beside its pages, the oldest
// first: the last 20 of the last 30 days, without those that are to come later.
func (d *Doors) Notices(ctx context.Context, chat string) ([]flows.Screen, error) {
	const op = "read notices"
	rows, err := d.r.client.LRange(ctx, keyNotices(chat), 0, -1).Result()
	if err != nil {
		return nil, fail(op, err)
	}
	now := d.r.cfg.Clock()
	var screens []flows.Screen
	for _, row := range rows {
		parts := strings.SplitN(row, "\n", 4) // as commit.lua writes them: slot, case, due, effect
		if len(parts) != 4 {
			return nil, fmt.Errorf("%s: %d parts", op, len(parts))
		}
		due := time.UnixMilli(integer(parts[2]))
		if now.Before(due) || !now.Before(due.Add(noticeTTL)) {
			continue
		}
		var e flows.Effect
		if err := json.Unmarshal([]byte(parts[3]), &e); err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		if e.Screen != nil {
			screens = append(screens, *e.Screen)
		}
	}
	return screens, nil
}

// ClearNotices removes a chat's notices.
func (d *Doors) ClearNotices(ctx context.Context, chat string) error {
	return fail("clear notices", d.r.client.Del(ctx, keyNotices(chat)).Err())
}
