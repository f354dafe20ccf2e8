package flows

import (
	"context"
	"time"
)

// Store keeps what the conversation needs. Errors of class Unavailable may be
// tried again.
type Store interface {
	// Load reads all that a step needs to know of a person. A new person has a
	// Session with Schema 0.
	Load(ctx context.Context, actor string, now time.Time) (State, error)
	// Commit does all of c or nothing: if c.Event was committed before, it
	// changes nothing and returns Repeated with the effects' screens of that
	// time left as they were; if a revision is no longer the one loaded, it
	// changes nothing and returns Stale. It may be called again with the same c.
	Commit(ctx context.Context, c Commit) (Outcome, error)
	// ReserveCase hands out a case number that was never handed out before.
	ReserveCase(ctx context.Context) (string, error)
	// Case reads one case; an error of class NotFound if there is none.
	Case(ctx context.Context, id string) (*Case, error)
}

// State is what Load knows of a person.
type State struct {
	Session Session
	Case    *Case   // Session.Case; nil if none
	Recent  []*Case // the person's newest cases, at most 10, for /cases and /status
	Person  Person
}

// Person is what the operator allows someone.
type Person struct {
	Actor       string  `json:"actor"`
	Admin       bool    `json:"admin,omitempty"`
	Allowed     bool    `json:"allowed,omitempty"` // invited or listed
	Banned      bool    `json:"banned,omitempty"`
	BytesUsed   int64   `json:"-"` // today, Asia/Shanghai
	SecondsUsed float64 `json:"-"`
}

// Commit is one step's change.
type Commit struct {
	Event   string   // id of the event; "" = no mark (a job's change)
	Session *Session // nil = unchanged; its Revision is the one loaded
	Case    *Case    // nil = unchanged; Revision 0 = new
	Effects []Effect
	Spend   Spend
	Refusal *Refusal // counted once for the event, for the operator; nil = none
	Now     time.Time
}

// Spend is counted against a person's day.
type Spend struct {
	Actor   string
	Bytes   int64
	Seconds float64
}

// Outcome of a commit.
type Outcome int

// The outcomes of a commit.
const (
	Saved    Outcome = iota
	Repeated         // the event was committed before
	Stale            // load again and step again
)
