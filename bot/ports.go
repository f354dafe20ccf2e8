package bot

import (
	"context"
	"io"
	"time"

	"clipcase/flows"
)

// Talk decides what to say. Handle commits before it returns; a repeated event
// changes nothing. An error means that nothing was committed: the update must
// come again.
type Talk interface {
	Handle(ctx context.Context, event flows.Event) (flows.Screen, error)
}

// Mailbox hands over committed show and alert effects, in order for each chat.
type Mailbox interface {
	// Take claims the next chat with a message due and returns that message; it
	// waits up to wait for one. The claim keeps other senders from the chat for
	// ttl or until Sent or Later, longer if it is extended.
	Take(ctx context.Context, wait, ttl time.Duration) (Letter, bool, error)
	Claim
}

// Claim is what the sender that took a letter may do with it.
type Claim interface {
	// Extend makes the claim end ttl from now. An error of class Conflict says
	// that it has ended.
	Extend(ctx context.Context, l Letter, ttl time.Duration) error
	// Begin marks the letter as being sent, durably, before the request goes out.
	// An error of class Conflict says that it must not be sent: a newer screen
	// took its place, or the claim has ended.
	Begin(ctx context.Context, l Letter) error
	// Sent removes the letter and ends the claim.
	Sent(ctx context.Context, l Letter) error
	// Later ends the claim; the chat is not due before at. The letter was not
	// sent if unsent (its mark is taken back).
	Later(ctx context.Context, l Letter, at time.Time, unsent bool) error
}

// Letter is one screen on its way to a chat.
type Letter = flows.Letter

// Ledger remembers what was sent in a delivery.
type Ledger interface {
	// Begin marks the item as being sent and returns the mark it had before.
	Begin(ctx context.Context, ledger, item string) (flows.Mark, error)
	// Sent marks it as sent, with the message's reference.
	Sent(ctx context.Context, ledger, item, message string) error
	// Unsent takes the mark back after an answer that says nothing was sent.
	Unsent(ctx context.Context, ledger, item string) error
}

// Notes keeps small facts of the bot across restarts (id of a progress message,
// a file's reusable id), each with a time to live.
type Notes interface {
	Note(ctx context.Context, key string) (string, error) // "" = none
	SetNote(ctx context.Context, key, value string, ttl time.Duration) error
}

// Files opens blobs for sending.
type Files interface {
	Open(ctx context.Context, key string) (io.ReadCloser, int64, error)
}

// Watch reports progress of work until ctx ends.
type Watch interface {
	Watch(ctx context.Context, each func(chat string, p flows.WorkProgress)) error
}
