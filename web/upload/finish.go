package upload

import (
	"context"
	"errors"
	"time"

	"github.com/tus/tusd/v2/pkg/handler"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// finished is tusd's word that all bytes are on disk. Whatever fails here is done
// again by the sweep: the client is not told, its part is done.
func (u *Uploads) finished(hook handler.HookEvent) (handler.HTTPResponse, error) {
	err := u.finish(hook.Context, hook.Upload.ID, hook.Upload.Size)
	if errors.Is(err, errDamaged) {
		g, _ := hook.Context.Value(granted{}).(pass.Grant)
		return handler.HTTPResponse{}, u.refusal(g.Lang, statusDamaged, "damaged", flows.T("web.upload.damaged"))
	}
	if err != nil {
		u.log.Warn("upload: finished, enters later", "err", err)
		u.Wake()
	}
	return handler.HTTPResponse{}, nil
}

var errDamaged = errors.New("the browser reckoned another hash")

// finish records the hash of what was received and enters it. errDamaged: what
// came is not what the browser sent; the upload is gone.
func (u *Uploads) finish(ctx context.Context, id string, bytes int64) error {
	up, err := u.store.get(id, bytes)
	if err != nil {
		return err
	}
	sum, claimed, ok := up.result()
	if !ok {
		return nil // not whole after all: more bytes will come
	}
	if claimed != "" && claimed != sum {
		u.log.Warn("upload: damaged on the way")
		return errors.Join(errDamaged, u.drop(ctx, id))
	}
	rec, err := u.received(ctx, id, sum, claimed)
	if err != nil {
		return err
	}
	u.store.close(id)
	return u.enter(ctx, rec)
}

func (u *Uploads) received(ctx context.Context, id, sum, claimed string) (pass.Upload, error) {
	now := u.cfg.Clock()
	return u.doors.ChangeUpload(ctx, id, func(c *pass.Upload) error {
		if c.State == pass.UploadReceiving {
			c.State, c.SHA256, c.Claimed, c.Touched = pass.UploadReceived, sum, claimed, now
		}
		return nil
	})
}

// enter takes a whole file into the conversation. The event is the same however
// often this runs, so it counts once.
func (u *Uploads) enter(ctx context.Context, rec pass.Upload) error {
	if rec.State != pass.UploadReceived {
		return nil
	}
	if _, err := u.talk.Handle(ctx, u.event(rec)); err != nil {
		return err
	}
	now := u.cfg.Clock()
	c, _, err := u.exhibit(ctx, rec)
	if err != nil {
		return err
	}
	_, err = u.doors.ChangeUpload(ctx, rec.ID, func(r *pass.Upload) error {
		if r.State != pass.UploadReceived {
			return nil
		}
		r.State, r.Touched = pass.UploadEntered, now
		if r.Case == "" && c != nil {
			r.Case = c.ID
		}
		return nil
	})
	return err
}

// event is what happened, as the conversation hears it.
func (u *Uploads) event(rec pass.Upload) flows.Event {
	return flows.Event{
		ID: rec.Event(), Actor: rec.Actor, Chat: rec.Chat, At: u.cfg.Clock(), Lang: rec.Lang,
		Kind: flows.EventFile, Direct: pass.IsWeb(rec.Chat), Case: rec.Case, Slot: rec.Slot,
		File: &flows.File{
			Ref: rec.Ref(), Unique: rec.SHA256, Name: rec.Name, MIME: rec.MIME, Bytes: rec.Bytes, Sent: flows.SentUpload,
		},
	}
}

// exhibit finds what the upload became: the exhibit made of it, or one with the
// same content that was there before. Both nil: nothing, as when the conversation
// refused it or the case is gone.
func (u *Uploads) exhibit(ctx context.Context, rec pass.Upload) (*flows.Case, *flows.Exhibit, error) {
	var found []*flows.Case
	if rec.Case != "" {
		c, err := u.cases.Case(ctx, rec.Case)
		if err != nil && flows.ClassOf(err) != flows.NotFound {
			return nil, nil, err
		}
		if c != nil && c.Actor == rec.Actor {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		state, err := u.cases.Load(ctx, rec.Actor, u.cfg.Clock())
		if err != nil {
			return nil, nil, err
		}
		if state.Case != nil {
			found = append(found, state.Case)
		}
		found = append(found, state.Recent...)
	}
	for _, same := range []func(flows.File) bool{
		func(f flows.File) bool { return f.Ref == rec.Ref() },
		func(f flows.File) bool { return rec.SHA256 != "" && f.Unique == rec.SHA256 },
	} {
		for _, c := range found {
			for i := range c.Exhibits {
				if same(c.Exhibits[i].File) {
					return c, &c.Exhibits[i], nil
				}
			}
		}
	}
	return nil, nil, nil
}

// drop ends an upload and removes its file; it may be repeated.
func (u *Uploads) drop(ctx context.Context, id string) error {
	if err := u.store.remove(id); err != nil {
		return err
	}
	return u.doors.ForgetUpload(ctx, id)
}

// enteredKept is how long an upload that no case took keeps its file: long enough
// for a commit that is on its way.
const enteredKept = 10 * time.Minute

// settle looks at what became of an upload that entered: its file is removed when
// the case has stored it, or can never.
func (u *Uploads) settle(ctx context.Context, rec pass.Upload) error {
	c, e, err := u.exhibit(ctx, rec)
	if err != nil {
		return err
	}
	switch {
	case e == nil:
		if u.cfg.Clock().Sub(rec.Touched) < enteredKept {
			return nil
		}
		return u.drop(ctx, rec.ID)
	case e.File.Ref != rec.Ref():
		return u.stored(ctx, rec) // the same content came before, and is kept as what came then
	case e.SHA256 != "" && e.SHA256 != rec.SHA256:
		// said once: the file stays beside the record, for whoever looks into it, and goes with it
		u.log.Error("upload: its case stored something else; the file stays", "case", c.ID, "exhibit", e.ID)
		return u.settled(ctx, rec)
	case e.SHA256 != "":
		return u.stored(ctx, rec)
	case e.State == flows.ExhibitRefused || e.Removed || !c.Cancelled.IsZero():
		return u.drop(ctx, rec.ID) // nobody will fetch it any more
	}
	return nil
}

func (u *Uploads) stored(ctx context.Context, rec pass.Upload) error {
	if err := u.settled(ctx, rec); err != nil {
		return err
	}
	return u.store.remove(rec.ID)
}

func (u *Uploads) settled(ctx context.Context, rec pass.Upload) error {
	now := u.cfg.Clock()
	_, err := u.doors.ChangeUpload(ctx, rec.ID, func(r *pass.Upload) error {
		r.State, r.Touched = pass.UploadStored, now
		return nil
	})
	return err
}
