package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// receipt is what is told about a deleted case. It is written down before
// anything is deleted, for afterwards nobody knows whom to tell.
type receipt struct {
	Actor string `json:"actor"`
	Chat  string `json:"chat"`
	Lang  string `json:"lang"`
	Files int    `json:"files"`
	Bytes int64  `json:"bytes"`
	Last  string `json:"last,omitempty"` // line of the history that says it was deleted
}

// text is what is signed of the receipt: nothing that tells of the person.
func (r receipt) text(id string, at time.Time) string {
	text := fmt.Sprintf("clipcase deletion receipt 1\ncase: %s\ndeleted: %s\nfiles: %d\nbytes: %d\n", id, at.UTC().Format(time.RFC3339), r.Files, r.Bytes)
	if r.Last != "" {
		text += "history: " + r.Last + "\n"
	}
	return text
}

// count writes down what is about to be deleted, the first time only: a deletion
// that is repeated finds less.
func (f *forget) count(ctx context.Context, id string) error {
	c, err := f.cases.Case(ctx, id)
	if absent(err) {
		return nil // counted before, or never there
	}
	if err != nil {
		return fmt.Errorf("read case: %w", err)
	}
	r := receipt{Actor: c.Actor, Chat: c.Chat, Lang: c.Lang, Last: string(c.Deletion(f.clock()).Line())}
	err = f.disk.List(ctx, casePrefix(id), func(_ string, bytes int64) error {
		r.Files++
		r.Bytes += bytes
		return nil
	})
	if err != nil {
		return fmt.Errorf("count files: %w", err)
	}
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	if err := f.redis.HSetNX(ctx, receiptsKey, id, raw).Err(); err != nil {
		return fmt.Errorf("write the receipt down: %w", err)
	}
	return nil
}

// give sends the receipt when everything is gone: what was deleted, and where
// something may still be. A crash in between gives it once all the same: the
// commit's mark is the case's.
func (f *forget) give(ctx context.Context, id string) error {
	raw, err := f.redis.HGet(ctx, receiptsKey, id).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the receipt: %w", err)
	}
	var r receipt
	if err := json.Unmarshal(raw, &r); err != nil {
		return fmt.Errorf("receipt: %w", err)
	}
	if err := f.stopped(ctx, id, r.Chat); err != nil {
		return err
	}
	now := f.clock()
	_, err = f.commits.Commit(ctx, flows.Commit{Event: "forgot:" + id, Now: now, Effects: []flows.Effect{{
		ID: "forgot:" + id + ":0", Kind: flows.EffectShow, Actor: r.Actor, Chat: r.Chat,
		Screen: &flows.Screen{Step: "note", Token: "keep", Lang: r.Lang, Blocks: []flows.Block{
			{Style: flows.StyleTitle, Text: flows.T("jobs.receipt.title", "case", id)},
			{Text: flows.T("jobs.receipt.what", "at", flows.FormatTime(now), "count", r.Files, "size", flows.FormatBytes(r.Bytes))},
			{Text: flows.T("jobs.receipt.left")},
			{Style: flows.StyleNote, Text: flows.T("jobs.receipt.signed")},
			{Style: flows.StyleCode, Text: flows.Text{Plain: f.signer.Note(r.text(id, now), "deletion receipt "+id)}},
		}},
	}}})
	if err != nil {
		return fmt.Errorf("give the receipt: %w", err)
	}
	if err := f.redis.HDel(ctx, receiptsKey, id).Err(); err != nil {
		return fmt.Errorf("put the receipt away: %w", err)
	}
	return nil
}

// stopped has the progress of a case that waited end where it is shown. Work that
// is being done says so itself when it has ended.
func (f *forget) stopped(ctx context.Context, id, chat string) error {
	if f.tells == nil {
		return nil
	}
	under, err := f.queue.leases.held(ctx, task{Kind: kindProcess, Case: id}.subject())
	if err != nil || under {
		return err
	}
	f.tells.Publish(ctx, chat, flows.WorkProgress{Case: id, Percent: 100, Step: "document", Done: true, Stopped: true})
	return nil
}
