package jobs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"clipcase/flows"
)

// publisher stores what the preparer finishes and commits it pack by pack. It
// implements prepare.Observer.
type publisher struct {
	process *process
	c       *flows.Case
	token   string
	dir     string

	mu   sync.Mutex
	done map[string]bool
}

// Progress passes the figures on to whoever shows them.
func (o *publisher) Progress(p flows.WorkProgress) {
	if o.process.progress == nil {
		return
	}
	p.Case = o.c.ID
	o.process.progress.Publish(context.Background(), o.c.Chat, p)
}

// end says that there will be no more progress, and whether everything was made.
// Work that is only put off, because the program stops, goes on later and says
// nothing.
func (o *publisher) end(ctx context.Context, err error) {
	put := ctx.Err() != nil && !errors.Is(context.Cause(ctx), errOver)
	if o.process.progress == nil || put {
		return
	}
	o.process.progress.Publish(context.WithoutCancel(ctx), o.c.Chat, flows.WorkProgress{Case: o.c.ID, Percent: 100, Step: "document", Done: true, Stopped: err != nil})
}

// Pack stores the pieces under the attempt and publishes the pack by one
// commit. Pieces whose commit is refused belong to nobody and are deleted.
func (o *publisher) Pack(ctx context.Context, pack flows.Pack) error {
	for i := range pack.Pieces {
		if err := o.piece(ctx, pack.Channel, &pack.Pieces[i]); err != nil {
			return err
		}
	}
	_, err := o.process.cases.Update(ctx, o.c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		return c.PackReady(o.token, pack, o.process.cfg.Clock())
	})
	if err != nil {
		return fmt.Errorf("publish %s: %w", pack.Channel, err)
	}
	o.mu.Lock()
	o.done[pack.Channel] = true
	o.mu.Unlock()
	o.process.meter.Made(pack.Channel, len(pack.Pieces))
	o.process.log.Info("pack ready", "case", o.c.ID, "channel", pack.Channel, "pieces", len(pack.Pieces))
	return nil
}

func (o *publisher) piece(ctx context.Context, channel string, piece *flows.Piece) error {
	prefix := attemptPrefix(o.c.ID, o.token)
	key := prefix + channel + "/" + piece.Name
	if err := o.process.blobs.PutPiece(ctx, key, filepath.Join(o.dir, "data", channel, piece.Name)); err != nil {
		return fmt.Errorf("store piece: %w", err)
	}
	piece.Blob = key
	if piece.Thumb == "" {
		return nil
	}
	path := piece.Thumb
	if !filepath.IsAbs(path) {
		path = filepath.Join(o.dir, path)
	}
	thumb := prefix + "thumbs/" + channel + "/" + piece.Name + ".jpg"
	if err := o.process.blobs.PutPiece(ctx, thumb, path); err != nil {
		return fmt.Errorf("store thumbnail: %w", err)
	}
	piece.Thumb = thumb
	return nil
}

// documents stores what is written about the whole case beside its pieces.
func (o *publisher) documents(ctx context.Context) error {
	for _, name := range []string{"case.json", "summary.md", "summary.html"} {
		path := filepath.Join(o.dir, "data", name)
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err := o.process.blobs.PutPiece(ctx, attemptPrefix(o.c.ID, o.token)+name, path); err != nil {
			return fmt.Errorf("store %s: %w", name, err)
		}
	}
	return nil
}
