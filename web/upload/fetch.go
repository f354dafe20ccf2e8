package upload

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// Fetch opens an upload by its reference, "upload:<id>", from offset on; bytes is
// its whole size. Errors are *flows.Error: UserMedia when it is gone, Unavailable
// when it is not whole yet or cannot be read now.
func (u *Uploads) Fetch(ctx context.Context, ref string, offset int64) (io.ReadCloser, int64, int64, error) {
	id, ok := strings.CutPrefix(ref, pass.Upload{}.Ref())
	if !ok || !pass.IsCode(id) {
		return nil, 0, 0, gone(errors.New("not a reference of an upload"))
	}
	rec, err := u.doors.Upload(ctx, id)
	switch {
	case flows.ClassOf(err) == flows.NotFound && err != nil:
		return nil, 0, 0, gone(err)
	case err != nil:
		return nil, 0, 0, err
	case rec.State == pass.UploadReceiving:
		return nil, 0, 0, classed(flows.Unavailable, "talk.busy", errors.New("the upload is not whole"))
	}
	f, err := os.Open(u.store.path(id))
	if errors.Is(err, fs.ErrNotExist) && rec.State == pass.UploadEntered {
		// it may grow on another machine with pages: that one will have it
		return nil, 0, 0, classed(flows.Unavailable, "talk.busy", err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, 0, gone(err)
	}
	if err != nil {
		return nil, 0, 0, classed(flows.Unavailable, "talk.busy", err)
	}
	if offset < 0 || offset > rec.Bytes {
		offset = 0
	}
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return nil, 0, 0, classed(flows.Unavailable, "talk.busy", errors.Join(err, f.Close()))
	}
	return f, offset, rec.Bytes, nil
}

func gone(err error) *flows.Error { return classed(flows.UserMedia, "web.upload.gone", err) }
