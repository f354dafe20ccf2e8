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
	now := d.r.cfg.Clock()
	var screens []flows.Screen
	err := d.eachNotice(ctx, op, chat, func(_ string, due time.Time, effect string) error {
		if now.Before(due) || !now.Before(due.Add(noticeTTL)) {
			return nil
		}
		var e flows.Effect
		if err := json.Unmarshal([]byte(effect), &e); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		if e.Screen != nil {
			screens = append(screens, *e.Screen)
		}
		return nil
	})
	return screens, err
}

// ClearNotices removes a chat's notices that could be read at seen: one that came
// since, or is to come later, has not been read by anybody.
func (d *Doors) ClearNotices(ctx context.Context, chat string, seen time.Time) error {
	const op = "clear notices"
	pipe := d.r.client.Pipeline()
	err := d.eachNotice(ctx, op, chat, func(row string, due time.Time, _ string) error {
		if !due.After(seen) {
			pipe.LRem(ctx, keyNotices(chat), 0, row)
		}
		return nil
	})
	if err != nil || pipe.Len() == 0 {
		return err
	}
	_, err = pipe.Exec(ctx)
	return fail(op, err)
}

// eachNotice reads a chat's notices as commit.lua writes them: slot, case, due and
// effect, a line each.
func (d *Doors) eachNotice(ctx context.Context, op, chat string, each func(row string, due time.Time, effect string) error) error {
	rows, err := d.r.client.LRange(ctx, keyNotices(chat), 0, -1).Result()
	if err != nil {
		return fail(op, err)
	}
	for _, row := range rows {
		parts := strings.SplitN(row, "\n", 4)
		if len(parts) != 4 {
			return fmt.Errorf("%s: %d parts", op, len(parts))
		}
		if err := each(row, time.UnixMilli(integer(parts[2])), parts[3]); err != nil {
			return err
		}
	}
	return nil
}
