package upload

import (
	"context"
	"net/http"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// Doors keeps grants and the uploads' own records. All methods return
// *flows.Error: NotFound (wrong, expired and unknown alike), Conflict (over the
// grant's quota), Unavailable (try again).
type Doors interface {
	Grant(ctx context.Context, code string) (pass.Grant, error)
	// BeginUpload counts the upload against the grant and keeps its record, both
	// or neither; the same ID again is no error and counts once.
	BeginUpload(ctx context.Context, u pass.Upload, quota pass.Grant) error
	Upload(ctx context.Context, id string) (pass.Upload, error)
	// ChangeUpload applies change to what is there now; change is pure and may be
	// called more than once. An error of change is returned and nothing is written.
	ChangeUpload(ctx context.Context, id string, change func(*pass.Upload) error) (pass.Upload, error)
	// Uploads lists a person's uploads, newest first.
	Uploads(ctx context.Context, actor string) ([]pass.Upload, error)
	// EachUpload gives every record, in any order.
	EachUpload(ctx context.Context, each func(pass.Upload) error) error
	// ForgetUpload removes the record; of an unfinished one the grant gets its
	// bytes back. It may be repeated.
	ForgetUpload(ctx context.Context, id string) error
}

// Talk takes the event by which a file enters the conversation. Handle commits
// before it returns; a repeated event changes nothing.
type Talk interface {
	Handle(ctx context.Context, event flows.Event) (flows.Screen, error)
}

// Disk knows how much may still be written.
type Disk interface {
	// Free is the number of bytes that may still be written, reserve subtracted.
	Free(ctx context.Context) (int64, error)
}

// Cases tells what became of a file.
type Cases interface {
	// Case is one case; an error of class NotFound if there is none.
	Case(ctx context.Context, id string) (*flows.Case, error)
	// Load is what is known of a person.
	Load(ctx context.Context, actor string, now time.Time) (flows.State, error)
}

// Visitors knows who sends a request, as far as pages must know.
type Visitors interface {
	// Absent is the answer for what is foreign and what does not exist.
	Absent(w http.ResponseWriter, r *http.Request)
	// Limit counts one attempt; false = too many, and the answer is written.
	Limit(w http.ResponseWriter, r *http.Request, what string, most int, per time.Duration) bool
	// OutsideOnly shows browsers inside messengers the way out instead of next.
	OutsideOnly(next http.Handler) http.Handler
}
