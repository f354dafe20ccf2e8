package upload

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/tus/tusd/v2/pkg/handler"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// pieceFactor is how many times its own size a file needs on the disk besides the
// upload itself: the stored original, its pieces, and room to work.
const pieceFactor = 3

// create is tusd's question whether an upload may begin.
func (u *Uploads) create(hook handler.HookEvent) (handler.HTTPResponse, handler.FileInfoChanges, error) {
	g, ok := hook.Context.Value(granted{}).(pass.Grant)
	if !ok {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, errAbsent()
	}
	if hook.Upload.SizeIsDeferred {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, handler.ErrNotImplemented
	}
	s := told(hook.Upload.MetaData)
	rec, err := u.begin(hook.Context, g, u.cfg.IDs(), s, hook.Upload.Size)
	if err != nil {
		return handler.HTTPResponse{}, handler.FileInfoChanges{}, u.refused(g.Lang, err)
	}
	meta := handler.MetaData{}
	if s.print != "" {
		meta["print"] = s.print
	}
	return handler.HTTPResponse{}, handler.FileInfoChanges{ID: rec.ID, MetaData: meta}, nil
}

// begin checks size, person, quota and room, in this order, and keeps the record.
func (u *Uploads) begin(ctx context.Context, g pass.Grant, id string, s said, bytes int64) (pass.Upload, error) {
	switch {
	case bytes <= 0:
		return pass.Upload{}, classed(flows.Invalid, "web.upload.empty", nil)
	case bytes > u.cfg.MaxFile:
		return pass.Upload{}, tooBig("web.upload.too_big", "limit", pass.InWords(u.cfg.MaxFile))
	}
	state, err := u.cases.Load(ctx, g.Actor, u.cfg.Clock())
	if err != nil {
		return pass.Upload{}, err
	}
	if state.Person.Banned {
		return pass.Upload{}, classed(flows.NotFound, "talk.absent", nil)
	}
	// asked before the first byte: to be refused after an hour of sending is cruel
	if u.cfg.Daily > 0 && state.Person.BytesUsed+bytes > u.cfg.Daily {
		return pass.Upload{}, tooBig("web.upload.daily", "limit", flows.FormatBytes(u.cfg.Daily))
	}
	if err := u.share(state.Person.SecondsUsed, s); err != nil {
		return pass.Upload{}, err
	}
	if err := u.unfinished(ctx, g.Actor, state.Person.BytesUsed, bytes); err != nil {
		return pass.Upload{}, err
	}
	if g.Case != "" {
		if err := u.open(ctx, g.Case); err != nil {
			return pass.Upload{}, err
		}
	}
	now := u.cfg.Clock()
	rec := pass.Upload{
		ID: id, Grant: g.ID, Actor: g.Actor, Chat: g.Chat, Case: g.Case, Slot: s.slot,
		Name: s.name, MIME: s.mime, Lang: g.Lang, Bytes: bytes, State: pass.UploadReceiving, Created: now, Touched: now,
	}
	u.room.Lock()
	defer u.room.Unlock()
	if err := u.reserve(ctx, bytes); err != nil {
		return pass.Upload{}, err
	}
	if err := u.doors.BeginUpload(ctx, rec, g); err != nil {
		if flows.ClassOf(err) == flows.Conflict {
			err = overQuota(g)
		}
		return pass.Upload{}, err
	}
	return rec, nil
}

// share says whether a recording fits into what is left of the day's minutes, as
// far as its length is known before it is here; the conversation asks again when
// it has arrived.
func (u *Uploads) share(used float64, s said) error {
	left := u.cfg.Seconds - used
	film := s.seconds > 0 || strings.HasPrefix(s.mime, "video/")
	if u.cfg.Seconds <= 0 || !film || left > 0 && s.seconds <= left {
		return nil
	}
	until := flows.NextDay(u.cfg.Clock())
	if left <= 0 {
		return tooBig("web.upload.minutes.none", "limit", int(u.cfg.Seconds/60), "until", until)
	}
	return tooBig("web.upload.minutes", "left", flows.FormatClock(left), "length", flows.FormatClock(s.seconds), "until", until)
}

// unfinished keeps one person from reserving the disk with files of which no byte
// comes, by whatever many grants.
func (u *Uploads) unfinished(ctx context.Context, actor string, used, bytes int64) error {
	own, err := u.doors.Uploads(ctx, actor)
	if err != nil {
		return err
	}
	most := int64(pass.GrantBytes)
	if u.cfg.Daily > 0 {
		most = min(most, u.cfg.Daily-used)
	}
	for _, other := range own {
		if other.State == pass.UploadReceiving {
			bytes += other.Bytes
		}
	}
	if bytes > most {
		return tooBig("web.upload.unfinished")
	}
	return nil
}

// open says whether a case still takes files.
func (u *Uploads) open(ctx context.Context, id string) error {
	c, err := u.cases.Case(ctx, id)
	if err != nil {
		return err
	}
	if !c.Cancelled.IsZero() || c.Quarantined {
		return classed(flows.NotFound, "talk.absent", nil)
	}
	return nil
}

// reserve says whether the disk has room for one more file beside all those on
// their way. Whoever calls holds room until the record is kept.
func (u *Uploads) reserve(ctx context.Context, bytes int64) error {
	free, err := u.disk.Free(ctx)
	if err != nil {
		return err
	}
	need := bytes*(1+pieceFactor) + u.held
	err = u.doors.EachUpload(ctx, func(other pass.Upload) error {
		switch other.State {
		case pass.UploadReceiving:
			need += other.Bytes*(1+pieceFactor) - min(other.Bytes, u.store.offset(other.ID))
		case pass.UploadReceived, pass.UploadEntered:
			need += other.Bytes * pieceFactor
		}
		return nil
	})
	if err != nil {
		return err
	}
	if need > free {
		u.log.Error("upload refused: the disk is too full", "need", need, "free", free)
		return errFull
	}
	return nil
}

var (
	errFull  = classed(flows.Unavailable, "web.upload.full", errors.New("no room on the disk"))
	errLarge = errors.New("over a limit of size")
)

func tooBig(key string, pairs ...any) *flows.Error {
	return classed(flows.Forbidden, key, errLarge, pairs...)
}

func overQuota(g pass.Grant) *flows.Error {
	return tooBig("web.upload.quota", "limit", pass.InWords(g.Bytes), "files", g.Files)
}

// refused is an error as the client of the protocol is told it.
func (u *Uploads) refused(lang string, err error) handler.Error {
	var f *flows.Error
	errors.As(err, &f)
	switch {
	case errors.Is(err, errFull):
		return u.refusal(lang, http.StatusInsufficientStorage, "full", f.Text)
	case errors.Is(err, errLarge):
		return u.refusal(lang, http.StatusRequestEntityTooLarge, "too_big", f.Text)
	}
	switch flows.ClassOf(err) {
	case flows.NotFound:
		return failure("ERR_ABSENT", http.StatusNotFound, absentBody)
	case flows.Invalid:
		return u.refusal(lang, http.StatusBadRequest, "invalid", f.Text)
	case flows.Unavailable:
		return u.refusal(lang, http.StatusServiceUnavailable, "busy", flows.T("talk.busy"))
	}
	u.log.Error("upload could not begin", "err", err)
	return u.refusal(lang, http.StatusInternalServerError, "internal", flows.T("web.upload.internal"))
}
