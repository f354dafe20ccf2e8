package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// uploadShown is how long an upload that is stored or dropped is still listed.
const uploadShown = 24 * time.Hour

// uploadsAtOnce is how many records are read in one go.
const uploadsAtOnce = 100

// NewGrant makes a code to upload with. Without Expires, Bytes or Files it has
// pass's limits. NotFound if it names a case that does not exist.
func (d *Doors) NewGrant(ctx context.Context, g pass.Grant) (string, error) {
	const op = "make a grant"
	now := d.r.cfg.Clock()
	if g.Expires.IsZero() {
		g.Expires = now.Add(pass.GrantTTL)
	}
	if g.Bytes == 0 {
		g.Bytes = pass.GrantBytes
	}
	if g.Files == 0 {
		g.Files = pass.GrantFiles
	}
	if _, ok := number(g.Case); g.Actor == "" || g.Chat == "" || g.Bytes < 0 || g.Files < 0 || !g.Expires.After(now) || (g.Case != "" && !ok) {
		return "", invalid(errors.New("a grant needs a person, a chat, limits above zero and an end to come"))
	}
	code, sum, err := d.token()
	if err != nil {
		return "", err
	}
	g.ID = sum
	body, err := json.Marshal(g)
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	keys := []string{keyGrant(sum), keyCase(g.Case), keyGrantsOf(g.Case)}
	done, err := newGrantScript.Run(ctx, d.r.client, keys, body, g.Bytes, g.Files, g.Expires.UnixMilli(), max(1, g.Expires.Sub(now).Milliseconds()), g.Case, sum).Int()
	if err != nil {
		return "", fail(op, err)
	}
	if done == 0 {
		return "", notFound("storage.no_case", errors.New(op+": no such case"))
	}
	return code, nil
}

// Grant is the grant a code stands for.
func (d *Doors) Grant(ctx context.Context, code string) (pass.Grant, error) {
	const op = "read a grant"
	var g pass.Grant
	if !pass.IsCode(code) {
		return g, closed("grant")
	}
	body, err := d.r.client.HGet(ctx, keyGrant(hash(code)), "body").Result()
	if errors.Is(err, redis.Nil) {
		return g, closed("grant")
	}
	if err != nil {
		return g, fail(op, err)
	}
	if err := json.Unmarshal([]byte(body), &g); err != nil {
		return pass.Grant{}, fmt.Errorf("%s: %w", op, err)
	}
	if !d.r.cfg.Clock().Before(g.Expires) {
		return pass.Grant{}, closed("grant")
	}
	return g, nil
}

// BeginUpload records u, whose ID is 26 characters a–z, 2–7, and counts it against
// the grant: against the smaller of what is kept of it and what quota says. An
// error of class Conflict means that it is too much; of class NotFound, that the
// grant or the case is gone. The same ID again is no error.
func (d *Doors) BeginUpload(ctx context.Context, u pass.Upload, quota pass.Grant) error {
	const op = "begin an upload"
	if !pass.IsCode(u.ID) || u.Actor == "" || u.Bytes < 0 || quota.ID == "" {
		return invalid(errors.New("an upload needs an id of ours, a person, a size and a grant"))
	}
	u.Grant, u.State = quota.ID, pass.UploadReceiving
	body, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	keys := []string{keyUpload(u.ID), keyGrant(quota.ID), keyCase(u.Case), keyUploads, keyUploadsBy(u.Actor), keyUploadsOf(u.Case)}
	code, err := beginUploadScript.Run(ctx, d.r.client, keys,
		u.ID, body, u.Bytes, quota.ID, u.Case, u.Actor, d.r.now(), d.r.cfg.SessionTTL.Milliseconds(), quota.Bytes, quota.Files).Int()
	switch {
	case err != nil:
		return fail(op, err)
	case code == 0:
		return closed("grant")
	case code == 2:
		return &flows.Error{Class: flows.Conflict, Text: flows.T("storage.quota"), Err: errors.New("the grant has no room for it")}
	case code == 3:
		return conflict(errors.New("the upload's id is taken"))
	}
	return nil
}

// Upload is one upload's own record.
func (d *Doors) Upload(ctx context.Context, id string) (pass.Upload, error) {
	u, _, err := d.upload(ctx, id)
	return u, err
}

func (d *Doors) upload(ctx context.Context, id string) (u pass.Upload, rev int64, err error) {
	if !pass.IsCode(id) {
		return u, 0, closed("upload")
	}
	fields, err := d.r.client.HMGet(ctx, keyUpload(id), "rev", "body").Result()
	if err != nil {
		return u, 0, fail("read an upload", err)
	}
	body, rev, ok := document(fields)
	if !ok {
		return u, 0, closed("upload")
	}
	if err := json.Unmarshal([]byte(body), &u); err != nil {
		return pass.Upload{}, 0, fmt.Errorf("read an upload: %w", err)
	}
	return u, rev, nil
}

// ChangeUpload applies change to the record and keeps it; when others were
// faster it does so again, so change must be pure. Its error ends it and is
// returned. Id, grant, person and size cannot be changed. One that is dropped no
// longer counts against its grant. NotFound also if it is put into a case that
// does not exist.
func (d *Doors) ChangeUpload(ctx context.Context, id string, change func(*pass.Upload) error) (pass.Upload, error) {
	const op = "change an upload"
	for range conflictsMost {
		before, rev, err := d.upload(ctx, id)
		if err != nil {
			return pass.Upload{}, err
		}
		u := before
		if err := change(&u); err != nil {
			return pass.Upload{}, err
		}
		if u == before {
			return u, nil
		}
		if u.ID != before.ID || u.Grant != before.Grant || u.Actor != before.Actor || u.Bytes != before.Bytes || u.State == "" {
			return pass.Upload{}, invalid(errors.New(op + ": id, grant, person and size stay, a state is needed"))
		}
		body, err := json.Marshal(u)
		if err != nil {
			return pass.Upload{}, fmt.Errorf("%s: %w", op, err)
		}
		keys := []string{keyUpload(id), keyCase(u.Case), keyUploadsOf(u.Case)}
		code, err := changeUploadScript.Run(ctx, d.r.client, keys, prefix, id, strconv.FormatInt(rev, 10), body,
			d.r.cfg.IDs(), string(u.State), u.Case, d.r.now(), d.r.cfg.SessionTTL.Milliseconds()).Int()
		switch {
		case err != nil:
			return pass.Upload{}, fail(op, err)
		case code == 0:
			return pass.Upload{}, closed("upload")
		case code == 1:
			return u, nil
		}
	}
	return pass.Upload{}, conflict(errors.New(op + ": others change it all the time"))
}

// Uploads lists a person's uploads, newest first, without those that were stored
// more than a day ago.
func (d *Doors) Uploads(ctx context.Context, actor string) ([]pass.Upload, error) {
	ids, err := d.r.client.ZRangeArgs(ctx, redis.ZRangeArgs{Key: keyUploadsBy(actor), Start: 0, Stop: -1, Rev: true}).Result()
	if err != nil {
		return nil, fail("list uploads", err)
	}
	old := d.r.cfg.Clock().Add(-uploadShown)
	var list []pass.Upload
	err = d.records(ctx, ids, keyUploadsBy(actor), func(u pass.Upload, changed time.Time) error {
		over := u.State == pass.UploadStored
		if !over || changed.After(old) {
			list = append(list, u)
		}
		return nil
	})
	return list, err
}

// EachUpload calls each for every upload there is, the oldest first; each's error
// ends it and is returned.
func (d *Doors) EachUpload(ctx context.Context, each func(pass.Upload) error) error {
	ids, err := d.r.client.ZRange(ctx, keyUploads, 0, -1).Result()
	if err != nil {
		return fail("list uploads", err)
	}
	return d.records(ctx, ids, keyUploads, func(u pass.Upload, _ time.Time) error { return each(u) })
}

// records reads uploads in the order of ids and takes those that ended by
// themselves off the list they stand in.
func (d *Doors) records(ctx context.Context, ids []string, list string, each func(u pass.Upload, changed time.Time) error) error {
	const op = "read uploads"
	for len(ids) > 0 {
		some := ids[:min(len(ids), uploadsAtOnce)]
		ids = ids[len(some):]
		pipe := d.r.client.Pipeline()
		rows := make([]*redis.SliceCmd, len(some))
		for i, id := range some {
			rows[i] = pipe.HMGet(ctx, keyUpload(id), "changed", "body")
		}
		if _, err := pipe.Exec(ctx); err != nil {
			return fail(op, err)
		}
		for i, row := range rows {
			body, changed, ok := document(row.Val())
			if !ok {
				if err := d.r.client.ZRem(ctx, list, some[i]).Err(); err != nil {
					return fail(op, err)
				}
				continue
			}
			var u pass.Upload
			if err := json.Unmarshal([]byte(body), &u); err != nil {
				return fmt.Errorf("%s: %w", op, err)
			}
			if err := each(u, time.UnixMilli(changed)); err != nil {
				return err
			}
		}
	}
	return nil
}

// ForgetUpload removes the record; one that is still receiving no longer counts
// against its grant. It may be repeated.
func (d *Doors) ForgetUpload(ctx context.Context, id string) error {
	if !pass.IsCode(id) {
		return nil
	}
	return fail("forget an upload", forgetUploadScript.Run(ctx, d.r.client, []string{keyUpload(id), keyUploads}, prefix, id).Err())
}
