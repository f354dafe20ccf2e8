package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"gocloud.dev/blob"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// OrphanKind says what an orphan is.
type OrphanKind string

// What FindOrphans looks for.
const (
	OrphanFiles   OrphanKind = "files"   // files in the store whose case is gone
	OrphanAttempt OrphanKind = "attempt" // files that were made for a case and that nothing of it names
	OrphanLacking OrphanKind = "lacking" // a case whose files are gone; only told
	OrphanState   OrphanKind = "state"   // what Redis keeps of a case that is gone
	OrphanLink    OrphanKind = "link"    // an evidence link to a file that is gone
	OrphanRecord  OrphanKind = "record"  // an upload into a case that is gone
	OrphanUpload  OrphanKind = "upload"  // a file of an upload nobody knows
	OrphanFolder  OrphanKind = "folder"  // a working folder whose worker is gone
	OrphanUnknown OrphanKind = "unknown" // a file in the store that is none of ours; only told
)

// OrphanAge is how long nothing must have changed in what is removed: longer than
// any piece of work takes, so that nothing is removed under one who is about to
// name it.
const OrphanAge = 24 * time.Hour

// ErrOtherRedis says that the store holds cases this Redis never gave a number to:
// it is not the one they belong to, or it was lost.
var ErrOtherRedis = errors.New("the files are of cases that this Redis does not know of; nothing is an orphan by that")

// Orphan is something that belongs to nothing any more.
type Orphan struct {
	Kind  OrphanKind
	Name  string // of the case, file or folder; nothing a person wrote
	Count int    // files
	Bytes int64
	Young bool // changed within OrphanAge: it may still come to belong to something

	remove func(context.Context) error // nil = it is only told
}

// Told says whether the orphan is only told and never removed.
func (o Orphan) Told() bool { return o.remove == nil }

// Remove deletes the orphan, unless it is young or only to be told; it may be
// repeated. What was taken up in the meantime stays.
func (o Orphan) Remove(ctx context.Context) error {
	if o.Told() || o.Young {
		return nil
	}
	return o.remove(ctx)
}

// Folders are those on the local disk that FindOrphans looks through; "" = not.
type Folders struct {
	Work    string // of attempts: <case>-<token>
	Uploads string // of uploads: <id> and <id>.json
}

// FindOrphans looks for what belongs to nothing, from the files to the cases and
// back, and changes nothing. The service may go on working meanwhile.
func FindOrphans(ctx context.Context, r *Redis, blobs *Blobs, local Folders) ([]Orphan, error) {
	j := &janitor{redis: r, blobs: blobs, now: r.cfg.Clock(), cases: map[string]*flows.Case{}}
	for _, look := range []func(context.Context) error{j.store, j.lacking, j.state, j.records} {
		if err := look(ctx); err != nil {
			return nil, fmt.Errorf("look for orphans: %w", err)
		}
	}
	if err := errors.Join(j.uploads(ctx, local.Uploads), j.folders(ctx, local.Work)); err != nil {
		return nil, fmt.Errorf("look for orphans: %w", err)
	}
	return j.found, nil
}

// janitor is one look.
type janitor struct {
	redis *Redis
	blobs *Blobs
	now   time.Time
	cases map[string]*flows.Case // read so far; nil = there is none
	found []Orphan
}

func (j *janitor) young(at time.Time) bool { return j.now.Sub(at) < OrphanAge }

// known reads a case once; nil if there is none.
func (j *janitor) known(ctx context.Context, id string) (*flows.Case, error) {
	if c, ok := j.cases[id]; ok {
		return c, nil
	}
	found, err := j.redis.Cases().read(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	j.cases[id] = found[0]
	return found[0], nil
}

// heap is files of the store that belong together.
type heap struct {
	prefix, id, attempt string
	count               int
	bytes               int64
	newest              time.Time
}

// store goes through the files: by case, those of attempts by attempt. A case is
// asked for after its files were seen, and it comes before them.
func (j *janitor) store(ctx context.Context) error {
	heaps, originals := map[string]*heap{}, map[string]bool{}
	var order []string
	var highest int64
	err := j.blobs.each(ctx, "", func(object *blob.ListObject) error {
		parts := strings.SplitN(object.Key, "/", 5)
		if len(parts) < 3 || parts[0] != "cases" || must(parts[1]) <= 0 {
			j.found = append(j.found, Orphan{Kind: OrphanUnknown, Name: object.Key, Count: 1, Bytes: object.Size})
			return nil
		}
		highest = max(highest, must(parts[1]))
		originals[object.Key] = parts[2] == "originals"
		h := heap{prefix: "cases/" + parts[1], id: parts[1]}
		if len(parts) == 5 && parts[2] == "attempts" {
			h.attempt = parts[3]
			h.prefix += "/attempts/" + parts[3]
		}
		if heaps[h.prefix] == nil {
			heaps[h.prefix] = &h
			order = append(order, h.prefix)
		}
		at := heaps[h.prefix]
		at.count, at.bytes = at.count+1, at.bytes+object.Size
		if object.ModTime.After(at.newest) {
			at.newest = object.ModTime
		}
		return nil
	})
	if err != nil {
		return err
	}
	counter, err := j.redis.client.Get(ctx, keyCounter).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fail("read the case counter", err)
	}
	if integer(counter) < highest {
		return ErrOtherRedis
	}
	ours, err := j.ours(ctx, heaps, originals)
	switch {
	case err != nil:
		return err
	case !ours && len(order) > 0:
		return ErrOtherRedis
	}
	for _, prefix := range order {
		if err := j.judge(ctx, heaps[prefix]); err != nil {
			return err
		}
	}
	return nil
}

// ours says whether the cases of this Redis are those of the files: numbers alone
// are the same everywhere. At least one case must have an original here, and as many
// must be here as are missing.
func (j *janitor) ours(ctx context.Context, heaps map[string]*heap, originals map[string]bool) (bool, error) {
	asked, fit, other := map[string]bool{}, 0, 0
	for _, h := range heaps {
		if asked[h.id] {
			continue
		}
		asked[h.id] = true
		c, err := j.known(ctx, h.id)
		if err != nil {
			return false, err
		}
		for i := 0; c != nil && i < len(c.Exhibits); i++ {
			switch blob := c.Exhibits[i].Blob; {
			case blob == "":
			case originals[blob]:
				fit++
			default:
				other++
			}
		}
	}
	return fit > 0 && fit >= other, nil
}

// judge says whether a heap belongs to its case.
func (j *janitor) judge(ctx context.Context, h *heap) error {
	c, err := j.known(ctx, h.id)
	if err != nil {
		return err
	}
	o := Orphan{Kind: OrphanFiles, Name: h.prefix, Count: h.count, Bytes: h.bytes, Young: j.young(h.newest)}
	switch {
	case c == nil:
	case h.attempt != "" && !attemptUsed(c, h.attempt):
		if given, err := j.given(ctx, h); err != nil || given {
			return err
		}
		o.Kind = OrphanAttempt
	default:
		return nil
	}
	o.remove = func(ctx context.Context) error {
		again, err := j.redis.Cases().read(ctx, []string{h.id})
		if err != nil {
			return err
		}
		if again[0] != nil && (h.attempt == "" || attemptUsed(again[0], h.attempt)) {
			return nil
		}
		if given, err := j.given(ctx, h); err != nil || given && again[0] != nil {
			return err
		}
		return j.blobs.DeletePrefix(ctx, h.prefix)
	}
	j.found = append(j.found, o)
	return nil
}

// given says whether somebody was given a link to a file of the attempt: it stays
// as long as the link.
func (j *janitor) given(ctx context.Context, h *heap) (bool, error) {
	all, err := j.redis.Doors().Links(ctx, h.id)
	return slices.ContainsFunc(all, func(l pass.Link) bool { return strings.HasPrefix(l.Blob, h.prefix+"/") }), err
}

// attemptUsed says whether anything of a case names the attempt, or a worker that
// has just claimed it.
func attemptUsed(c *flows.Case, attempt string) bool {
	return c.UsesAttempt(attempt) || slices.ContainsFunc(c.Packs, func(p flows.Pack) bool { return p.Attempt == attempt })
}
