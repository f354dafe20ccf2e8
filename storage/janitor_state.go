package storage

import (
	"context"
	"strings"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// lacking goes through the cases and asks for their files one by one. They are
// told and nothing more: what the person wrote is still theirs.
func (j *janitor) lacking(ctx context.Context) error {
	return j.keys(ctx, keyCase("*"), func(key string) error {
		id := strings.TrimPrefix(key, keyCase(""))
		c, err := j.redis.Cases().Case(ctx, id)
		if flows.ClassOf(err) == flows.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		o := Orphan{Kind: OrphanLacking, Name: id}
		for _, blob := range c.Blobs() {
			gone, err := j.gone(ctx, blob)
			if err != nil {
				return err
			}
			if gone {
				o.Count++
			}
		}
		if o.Count == 0 {
			return j.links(ctx, id)
		}
		if again, err := j.redis.Cases().read(ctx, []string{id}); err != nil || again[0] == nil || again[0].Revision != c.Revision {
			return err // it is just changing, or being deleted
		}
		j.found = append(j.found, o)
		return j.links(ctx, id)
	})
}

// links are those of a case whose file is gone.
func (j *janitor) links(ctx context.Context, id string) error {
	all, err := j.redis.Doors().Links(ctx, id)
	if err != nil {
		return err
	}
	for _, l := range all {
		gone, err := j.gone(ctx, l.Blob)
		if err != nil {
			return err
		}
		if gone {
			j.found = append(j.found, Orphan{Kind: OrphanLink, Name: id, Count: 1, Young: j.young(l.Created), remove: func(ctx context.Context) error {
				err := j.redis.Doors().RevokeLink(ctx, id, l.Token)
				if flows.ClassOf(err) == flows.NotFound {
					return nil
				}
				return err
			}})
		}
	}
	return nil
}

func (j *janitor) gone(ctx context.Context, key string) (bool, error) {
	there, err := j.blobs.bucket.Exists(ctx, key)
	if err != nil {
		return false, blobFail("look for a blob", err)
	}
	return !there, nil
}

// state is what Redis keeps by the number of a case that is gone. All of it comes
// with the case or after it, so its age says nothing.
func (j *janitor) state(ctx context.Context) error {
	told := map[string]bool{}
	for _, of := range []func(string) string{keyCaseEffects, keyLettersOf, keyNotesOf, keyLedger, keyCaseToken, keyGrantsOf, keyLinksOf, keyUploadsOf} {
		err := j.keys(ctx, of("CC*"), func(key string) error {
			id := strings.TrimPrefix(key, of(""))
			if must(id) <= 0 || told[id] {
				return nil
			}
			exists, err := j.redis.client.Exists(ctx, keyCase(id)).Result()
			if err != nil || exists == 1 {
				return fail("look for a case", err)
			}
			told[id] = true
			j.found = append(j.found, Orphan{Kind: OrphanState, Name: id, remove: func(ctx context.Context) error { return j.redis.Cases().Forget(ctx, id) }})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// records are uploads into cases that are gone.
func (j *janitor) records(ctx context.Context) error {
	return j.redis.Doors().EachUpload(ctx, func(u pass.Upload) error {
		if u.Case == "" {
			return nil
		}
		c, err := j.known(ctx, u.Case)
		if err != nil || c != nil {
			return err
		}
		j.found = append(j.found, Orphan{Kind: OrphanRecord, Name: u.Case, Count: 1, Bytes: u.Bytes, Young: j.young(u.Touched),
			remove: func(ctx context.Context) error { return j.redis.Doors().ForgetUpload(ctx, u.ID) }})
		return nil
	})
}

// keys calls each once for every key that matches.
func (j *janitor) keys(ctx context.Context, match string, each func(key string) error) error {
	seen := map[string]bool{}
	scan := j.redis.client.Scan(ctx, 0, match, 1000).Iterator()
	for scan.Next(ctx) {
		if key := scan.Val(); !seen[key] {
			seen[key] = true
			if err := each(key); err != nil {
				return err
			}
		}
	}
	return fail("go through the keys", scan.Err())
}
