package wizard

import (
	"context"
	"io"
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
	"clipcase/web/entry"
)

// Talk decides what to say. Handle commits before it returns; a repeated event
// changes nothing and returns the screen shown last.
type Talk interface {
	Handle(ctx context.Context, event flows.Event) (flows.Screen, error)
}

// People reads all that is known of a person.
type People interface {
	Load(ctx context.Context, actor string, now time.Time) (flows.State, error)
}

// Doors keeps what people come in by and what waits for them.
type Doors interface {
	Uploads
	Notices
	// CaseToken is the secret of a case's page, made on the first call.
	CaseToken(ctx context.Context, caseID string) (string, error)
}

// Uploads keeps what is on its way through a browser.
type Uploads interface {
	NewGrant(ctx context.Context, g pass.Grant) (code string, err error)
	// Uploads is newest first, without those that ended long ago.
	Uploads(ctx context.Context, actor string) ([]pass.Upload, error)
}

// Notices keeps what was said to a chat that no messenger brings to a person.
type Notices interface {
	Notices(ctx context.Context, chat string) ([]flows.Screen, error)
	// ClearNotices takes away what could be read at seen; what came since stays.
	ClearNotices(ctx context.Context, chat string, seen time.Time) error
}

// Watch reports progress of work until ctx ends: at first the last word of every
// case worked on lately, then every word as it comes. each must not block.
type Watch interface {
	Watch(ctx context.Context, each func(chat string, p flows.WorkProgress)) error
}

// Visitors lets people in.
type Visitors interface {
	// Member calls next for people with a session only, and for changes only
	// when they come from a page of ours.
	Member(next func(w http.ResponseWriter, r *http.Request, v entry.Visitor)) http.Handler
	// Still says whether a visitor's session lives; the error that it cannot be
	// known now.
	Still(ctx context.Context, v entry.Visitor) (bool, error)
	// Limit says whether a request may go on; if not it has been answered.
	Limit(w http.ResponseWriter, r *http.Request, what string, most int, per time.Duration) bool
	// Absent answers for what is not there and what is not the visitor's alike.
	Absent(w http.ResponseWriter, r *http.Request)
	// Trouble answers a failure: people read the words of a *flows.Error.
	Trouble(w http.ResponseWriter, r *http.Request, err error)
}

// Files opens blobs.
type Files interface {
	// Open is an error of class NotFound for a blob that does not exist.
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
}
