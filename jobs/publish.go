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

// publisher stores what the preparer finishes and commits it part by part, so that
// it is handed out while the rest is made. It implements prepare.Observer.
type publisher struct {
	process *process
	c       *flows.Case
	token   string
	dir     string

	mu     sync.Mutex
	done   map[string]bool        // channels whose pack is whole
	stored map[string]flows.Piece // by channel and name: what was stored, with its blobs
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

// Pack stores the pieces that are new under the attempt and publishes what there
// is of the pack by one commit. Pieces whose commit is refused belong to nobody
// and are deleted.
func (o *publisher) Pack(ctx context.Context, pack flows.Pack) error {
	for i := range pack.Pieces {
		if err := o.piece(ctx, pack.Channel, &pack.Pieces[i]); err != nil {
			return err
		}
	}
	whole := pack.State != flows.PackRendering
	_, err := o.process.cases.Update(ctx, o.c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		if !whole {
			return c.PackPart(o.token, pack)
		}
		return c.PackReady(o.token, pack, o.process.cfg.Clock())
	})
	if err != nil {
		return fmt.Errorf("publish %s: %w", pack.Channel, err)
	}
	log := o.process.log.With("case", o.c.ID, "channel", pack.Channel, "pieces", pack.Made(), "of", len(pack.Pieces))
	if !whole {
		log.Info("part of a pack ready")
		return nil
	}
	o.mu.Lock()
	o.done[pack.Channel] = true
	o.mu.Unlock()
	o.process.meter.Made(pack.Channel, len(pack.Pieces))
	log.Info("pack ready")
	return nil
}

// piece stores a piece unless it is still to be made or was stored before, by
// this attempt or an earlier one.
func (o *publisher) piece(ctx context.Context, channel string, piece *flows.Piece) error {
	prefix := attemptPrefix(o.c.ID, o.token)
	key := prefix + channel + "/" + piece.Name
	if before, ok := o.stored[key]; ok {
		piece.Blob, piece.Thumb = before.Blob, before.Thumb
		return nil
	}
	if piece.SHA256 == "" || piece.Blob != "" {
		return nil
	}
	if err := o.process.blobs.PutPiece(ctx, key, filepath.Join(o.dir, "data", channel, piece.Name)); err != nil {
		return fmt.Errorf("store piece: %w", err)
	}
	piece.Blob = key
	if err := o.thumb(ctx, prefix, channel, piece); err != nil {
		return err
	}
	o.stored[key] = *piece
	return nil
}

func (o *publisher) thumb(ctx context.Context, prefix, channel string, piece *flows.Piece) error {
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
