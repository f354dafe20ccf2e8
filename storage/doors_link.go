package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows/pass"
)

// linksMost bounds the evidence links of a case: there is one for a file at most.
const linksMost = 500

// CaseToken is the token of a case's page, made at the first call, the same at
// every other; it lives as long as the case. NotFound if there is no such case.
func (d *Doors) CaseToken(ctx context.Context, id string) (string, error) {
	if _, ok := number(id); !ok {
		return "", closed("case page")
	}
	fresh, sum, err := d.token()
	if err != nil {
		return "", err
	}
	keys := []string{keyCase(id), keyCaseToken(id), keyCaseByToken(sum)}
	token, err := caseTokenScript.Run(ctx, d.r.client, keys, fresh, sum, id).Text()
	if err != nil {
		return "", fail("make a case's token", err)
	}
	if token == "" {
		return "", closed("case page")
	}
	return token, nil
}

// CaseByToken is the case whose page a token opens.
func (d *Doors) CaseByToken(ctx context.Context, token string) (string, error) {
	if !pass.IsCode(token) {
		return "", closed("case page")
	}
	id, err := d.r.client.Get(ctx, keyCaseByToken(hash(token))).Result()
	if errors.Is(err, redis.Nil) {
		return "", closed("case page")
	}
	return id, fail("find a case by its token", err)
}

// NewLink makes an evidence link to one blob of a case; if the blob has one
// already, that is returned. Token, Created and Views are filled in. NotFound if
// there is no such case.
func (d *Doors) NewLink(ctx context.Context, l pass.Link) (pass.Link, error) {
	const op = "make an evidence link"
	if _, ok := number(l.Case); !ok || !strings.HasPrefix(l.Blob, "cases/"+l.Case+"/") || checkKey(l.Blob) != nil {
		return pass.Link{}, invalid(errors.New("an evidence link needs a case and a blob of that case"))
	}
	token, sum, err := d.token()
	if err != nil {
		return pass.Link{}, err
	}
	l.Token, l.Created = token, d.r.cfg.Clock().UTC().Truncate(time.Millisecond)
	body, err := json.Marshal(l)
	if err != nil {
		return pass.Link{}, fmt.Errorf("%s: %w", op, err)
	}
	keys := []string{keyCase(l.Case), keyLinksOf(l.Case), keyLink(sum)}
	row, err := newLinkScript.Run(ctx, d.r.client, keys, prefix, l.Blob, body, sum, l.Case, linksMost).StringSlice()
	switch {
	case err != nil:
		return pass.Link{}, fail(op, err)
	case len(row) == 0:
		return pass.Link{}, closed("evidence link")
	case len(row) == 1:
		return pass.Link{}, conflict(errors.New(op + ": the case has too many"))
	}
	return decodeLink(row[0], row[1])
}

// Links lists the evidence links of a case, the oldest first.
func (d *Doors) Links(ctx context.Context, id string) ([]pass.Link, error) {
	const op = "list evidence links"
	if _, ok := number(id); !ok {
		return nil, closed("evidence link")
	}
	sums, err := d.r.client.HVals(ctx, keyLinksOf(id)).Result()
	if err != nil || len(sums) == 0 {
		return nil, fail(op, err)
	}
	pipe := d.r.client.Pipeline()
	rows := make([]*redis.SliceCmd, len(sums))
	for i, sum := range sums {
		rows[i] = pipe.HMGet(ctx, keyLink(sum), "views", "body")
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fail(op, err)
	}
	var links []pass.Link
	for _, row := range rows {
		body, views, ok := document(row.Val())
		if !ok {
			continue // revoked meanwhile
		}
		l, err := decodeLink(body, fmt.Sprint(views))
		if err != nil {
			return nil, err
		}
		links = append(links, l)
	}
	slices.SortFunc(links, func(a, b pass.Link) int {
		if c := a.Created.Compare(b.Created); c != 0 {
			return c
		}
		return strings.Compare(a.Blob, b.Blob)
	})
	return links, nil
}

// OpenLink is the evidence link of a token, counted as seen if count is set.
func (d *Doors) OpenLink(ctx context.Context, token string, count bool) (pass.Link, error) {
	if !pass.IsCode(token) {
		return pass.Link{}, closed("evidence link")
	}
	row, err := openLinkScript.Run(ctx, d.r.client, []string{keyLink(hash(token))}, prefix, flag(count), d.r.cfg.IDs()).StringSlice()
	if err != nil {
		return pass.Link{}, fail("open an evidence link", err)
	}
	if len(row) != 2 {
		return pass.Link{}, closed("evidence link")
	}
	return decodeLink(row[0], row[1])
}

// RevokeLink ends an evidence link of the case; another case's is NotFound.
func (d *Doors) RevokeLink(ctx context.Context, id, token string) error {
	if _, ok := number(id); !ok || !pass.IsCode(token) {
		return closed("evidence link")
	}
	keys := []string{keyLink(hash(token)), keyLinksOf(id), keyDoorCall(d.r.cfg.IDs())}
	done, err := revokeLinkScript.Run(ctx, d.r.client, keys, id).Int()
	if err == nil && done == 0 {
		return closed("evidence link")
	}
	return fail("revoke an evidence link", err)
}

func decodeLink(body, views string) (pass.Link, error) {
	var l pass.Link
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		return pass.Link{}, fmt.Errorf("read an evidence link: %w", err)
	}
	l.Views = integer(views)
	return l, nil
}
