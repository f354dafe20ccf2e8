package jobs

import (
	"context"
	"errors"
	"io"
	"time"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/dossier/stamp"
	"clipcase/flows/pass"
	"clipcase/flows/prepare"
	"clipcase/media"
)

// Cases is the truth. An error of class Unavailable may be tried again.
type Cases interface {
	Case(ctx context.Context, id string) (*flows.Case, error)
	// Update loads the case, applies change and commits it with the effects
	// change returns; on a conflict it does so again, so change must be pure.
	// An error of change is returned as it is and nothing is written.
	Update(ctx context.Context, id string, change func(*flows.Case) ([]flows.Effect, error)) (*flows.Case, error)
	// Unfinished lists cases with work under way or due (exhibits fetching or
	// stored, packs planned to delivering), for the sweep.
	Unfinished(ctx context.Context) ([]string, error)
	// Ending lists cases whose Expires lies before t.
	Ending(ctx context.Context, t time.Time) ([]string, error)
	// Forget deletes the case document and what belongs to it in Redis; it may be repeated.
	Forget(ctx context.Context, id string) error
}

// Links knows which files of a case were given to others by a link; it is read after
// the case. The error may be tried again.
type Links interface {
	Links(ctx context.Context, id string) ([]pass.Link, error)
}

// Outbox hands over committed effects that are jobs (all but show and alert).
type Outbox interface {
	// Pull returns effects in the order of their commit, oldest first, without
	// removing them; it waits up to wait for the first.
	Pull(ctx context.Context, most int, wait time.Duration) ([]flows.Effect, error)
	// Drop removes effects that were handed on; it may be repeated.
	Drop(ctx context.Context, ids ...string) error
}

// Blobs keeps originals and pieces.
type Blobs interface {
	// PutOriginal stores what r gives under cases/<case>/originals/<sha256> with
	// a sidecar, synced to disk before it returns. The same bytes again are no error.
	PutOriginal(ctx context.Context, side flows.Sidecar, r io.Reader) (flows.Stored, error)
	// PutPiece stores the file at path under key, synced; the key is new to each attempt.
	PutPiece(ctx context.Context, key, path string) error
	// Stage gives a path to read the blob from until release is called.
	Stage(ctx context.Context, key string) (path string, release func(), err error)
	// DeletePrefix removes all blobs under prefix; it may be repeated.
	DeletePrefix(ctx context.Context, prefix string) error
}

// ErrElsewhere says that the front end a file or a chat belongs to does not run
// here now (no token, where there was one): the work waits for it and is never
// given up for that.
var ErrElsewhere = errors.New("its front end does not run here")

// Fetcher opens what a person sent by the front end's reference.
type Fetcher interface {
	// Fetch opens the file from offset on; bytes is its whole size, 0 = unknown.
	// If the source cannot start at offset it returns a reader from 0 and from = 0.
	// Errors: *flows.Error of class UserMedia (too big, gone: the text says so), Unavailable (try again).
	Fetch(ctx context.Context, ref string, offset int64) (r io.ReadCloser, from, bytes int64, err error)
}

// Courier brings things to people.
type Courier interface {
	// Deliver sends the items that the ledger does not know as sent, in order. It
	// returns when all are, or with an error of class Unavailable (go on later),
	// Forbidden (the person blocked the chat: stop and keep the case).
	Deliver(ctx context.Context, chat, ledger string, items []flows.Item) error
}

// Talk takes the events that clocks cause.
type Talk interface {
	Handle(ctx context.Context, event flows.Event) (flows.Screen, error)
}

// Packer composes what is handed out for a pack that is ready.
type Packer interface {
	Items(c *flows.Case, pack *flows.Pack) []flows.Item
}

// Preparer makes packs.
type Preparer interface {
	Run(ctx context.Context, req prepare.Request, obs prepare.Observer) (*dossier.Record, error)
}

// Progress tells whoever shows it how far the work is. It may be lost.
type Progress interface {
	Publish(ctx context.Context, chat string, p flows.WorkProgress)
}

// Commits takes changes that belong to no case, such as an alert. The event
// mark in the commit makes the second of two equal ones harmless.
type Commits interface {
	Commit(ctx context.Context, c flows.Commit) (flows.Outcome, error)
}

// Signer puts the service's signature under a text, in lines that a person can keep
// and anyone can check. The same arguments give the same lines.
type Signer interface {
	Note(text, comment string) string
}

// Inspector measures a file that was handed in. A file at fault is a
// *media.Refusal; every other error is ours.
type Inspector interface {
	Inspect(ctx context.Context, path string) (media.Probe, error)
}

// Disk knows how full the blob store is and with what.
type Disk interface {
	Usage(ctx context.Context) (share float64, err error) // 0..1
	// Free is the number of bytes that may still be written, reserve subtracted.
	Free(ctx context.Context) (int64, error)
	// List gives each key under prefix, in any order.
	List(ctx context.Context, prefix string, each func(key string, bytes int64) error) error
}

// Stamper asks authorities for time stamps; *stamp.Asker is the one that is used.
type Stamper interface {
	// URLs are the authorities' addresses, which may carry keys and are never told.
	URLs() []string
	// Name is an address as part of file names, without anything secret.
	Name(address string) string
	// Ask has one authority stamp a SHA-256. Any error may be gone at the next try.
	Ask(ctx context.Context, address string, digest []byte) (stamp.Stamp, error)
}

// Linker makes the link that a mail or a document of a case carries.
type Linker interface {
	// Evidence is an address under which others see one recording of the case until
	// its owner takes it back, the same each time; "" where none has a place in
	// these packs, or none may be made.
	Evidence(ctx context.Context, c *flows.Case, packs []flows.Pack) (string, error)
}

// Sealer signs a case.
type Sealer interface {
	// Signed is the manifest of a bag of the case and its signature. A case in
	// which nothing changed gives the same.
	Signed(c *flows.Case, kind string) (manifest, signature []byte, err error)
}

// Meter counts what was done, without a word about whom it was done for.
type Meter interface {
	Made(channel string, pieces int)
	Spent(kind string, seconds float64)
	Failed(kind string, class flows.Class)
}
