package flows

import (
	"context"
	"time"
)

// AccessMode says who may use the service.
type AccessMode string

// The modes of ACCESS.
const (
	AccessInvite AccessMode = "invite" // people with an invite link
	AccessList   AccessMode = "list"   // people an admin allowed
	AccessOpen   AccessMode = "open"   // everyone who is not banned
)

// Gate keeps who may use the service.
type Gate interface {
	// Invite makes a code that lets in up to uses people until expires.
	Invite(ctx context.Context, by string, uses int, expires time.Time) (code string, err error)
	// Redeem lets the actor in by a code, counting one use however often it is
	// called for the same actor; an error of class NotFound for a wrong, used up
	// or expired code, the three told apart by nothing.
	Redeem(ctx context.Context, code, actor string, now time.Time) error
	// Allow, Ban and Unban change one person; they may be repeated.
	Allow(ctx context.Context, actor string) error
	Ban(ctx context.Context, actor string, banned bool) error
	// Claim makes the actor an admin if code is the unused claim code.
	Claim(ctx context.Context, code, actor string) error
	// Quarantine marks a case: neither processed nor shown.
	Quarantine(ctx context.Context, id string, on bool) error
	// Bounced notes that the mail sent last of a case came back, and has the person
	// told; NotFound where none was sent.
	Bounced(ctx context.Context, id string) error
	// Queue is what waits and what failed, for /queue.
	Queue(ctx context.Context) (QueueReport, error)
}

// QueueReport is the state of the work for operators.
type QueueReport struct {
	Waiting map[string]int // by queue
	Running map[string]int
	Oldest  time.Duration  // how long the oldest waiting case has waited
	Failed  []string       // cases whose last pack failed, newest first, at most 10
	Disk    float64        // share of the disk in use, 0..1
	Refused []RefusalCount // what channels did not take, the most frequent first
}
