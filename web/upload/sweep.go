package upload

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// idle is after how long without bytes an upload is no longer kept in memory.
const idle = time.Hour

// Run sweeps until ctx ends: it enters what is whole, removes what its case has
// stored, and drops what nobody goes on with. It blocks.
func (u *Uploads) Run(ctx context.Context) error {
	tick := time.NewTicker(u.cfg.Every)
	defer tick.Stop()
	for {
		if err := u.Sweep(ctx); err != nil && ctx.Err() == nil {
			u.log.Warn("upload sweep is not complete", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-u.wake:
		}
	}
}

// Sweep looks at every upload once. What fails is tried again by the next.
func (u *Uploads) Sweep(ctx context.Context) error {
	var all []pass.Upload
	err := u.doors.EachUpload(ctx, func(rec pass.Upload) error {
		all = append(all, rec)
		return nil
	})
	if err != nil {
		return err
	}
	var failed []error
	known := make(map[string]bool, len(all))
	for _, rec := range all {
		known[rec.ID] = true
		if err := u.look(ctx, rec); err != nil && flows.ClassOf(err) != flows.NotFound {
			failed = append(failed, err)
		}
	}
	return errors.Join(append(failed, u.orphans(ctx, known))...)
}

func (u *Uploads) look(ctx context.Context, rec pass.Upload) error {
	switch rec.State {
	case pass.UploadReceiving:
		if u.store.busy(rec.ID) {
			return nil
		}
		if u.store.offset(rec.ID) == rec.Bytes {
			err := u.finish(ctx, rec.ID, rec.Bytes) // the process died before it could
			if errors.Is(err, errDamaged) {
				return nil
			}
			return err
		}
		if u.cfg.Clock().Sub(rec.Touched) > u.cfg.Kept {
			return u.drop(ctx, rec.ID)
		}
		if u.cfg.Clock().Sub(rec.Touched) > idle {
			u.store.close(rec.ID) // what is kept in memory is on the disk, too
		}
	case pass.UploadReceived:
		return u.enter(ctx, rec)
	case pass.UploadEntered:
		return u.settle(ctx, rec)
	}
	return nil
}

// orphans removes files whose record is gone. A record comes before its file, and is
// asked for after the file was seen: what has none belongs to what was deleted.
func (u *Uploads) orphans(ctx context.Context, known map[string]bool) error {
	entries, err := os.ReadDir(u.store.dir)
	if err != nil {
		return err
	}
	var failed []error
	for _, e := range entries {
		id, _, _ := strings.Cut(e.Name(), ".")
		if !pass.IsCode(id) || known[id] || u.store.busy(id) {
			continue
		}
		if _, err := u.doors.Upload(ctx, id); flows.ClassOf(err) != flows.NotFound || err == nil {
			continue
		}
		failed = append(failed, u.store.remove(id))
	}
	return errors.Join(failed...)
}
