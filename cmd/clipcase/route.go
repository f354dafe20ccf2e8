package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"clipcase/bot"
	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/jobs"
)

// opener opens what a person sent by its reference.
type opener interface {
	Fetch(ctx context.Context, ref string, offset int64) (r io.ReadCloser, from, bytes int64, err error)
}

// fetchers opens a file at the front end it came by: "tg:…", "upload:…".
type fetchers map[string]opener

// Fetch implements jobs.Fetcher. Without the front end (no token now, where there
// was one before) the file waits for it.
func (f fetchers) Fetch(ctx context.Context, ref string, offset int64) (io.ReadCloser, int64, int64, error) {
	kind, _, _ := strings.Cut(ref, ":")
	from, ok := f[kind]
	if !ok {
		return nil, 0, 0, &flows.Error{Class: flows.Unavailable, Text: flows.T("storage.unavailable"), Err: fmt.Errorf("fetch %q: %w", kind, jobs.ErrElsewhere)}
	}
	return from.Fetch(ctx, ref, offset)
}

// couriers brings a delivery to where the person is: into the chat, or, for those
// who have pages only, nowhere: the case page shows whatever is ready.
type couriers struct{ bot *bot.Bot }

// Deliver implements jobs.Courier.
func (c couriers) Deliver(ctx context.Context, chat, ledger string, items []flows.Item) error {
	switch {
	case pass.IsWeb(chat):
		return nil
	case c.bot == nil:
		return &flows.Error{Class: flows.Unavailable, Text: flows.T("storage.unavailable"), Err: fmt.Errorf("bring it to the chat: %w", jobs.ErrElsewhere)}
	}
	return c.bot.Deliver(ctx, chat, ledger, items)
}
