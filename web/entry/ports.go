package entry

import (
	"context"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

// Talk decides what to say. Handle commits before it returns; a repeated event
// changes nothing.
type Talk interface {
	Handle(ctx context.Context, event flows.Event) (flows.Screen, error)
}

// Doors keeps what lets people in. All methods return *flows.Error; a wrong, an
// expired and an unknown code or cookie are NotFound, told apart by nothing.
type Doors interface {
	Sessions
	Logins
	Invites
	ReturnCodes
	Limits
}

// Sessions keeps which browser is logged in as whom.
type Sessions interface {
	// OpenSession makes a session; cookie is 26 characters a–z, 2–7 and is known
	// to nobody else. A banned person gets none (NotFound).
	OpenSession(ctx context.Context, actor, lang string) (cookie string, s pass.Session, err error)
	Session(ctx context.Context, cookie string) (pass.Session, error)
	// OpenShut and Shut are the same for whoever is banned, and for nobody else:
	// such a session is good for deleting what is theirs.
	OpenShut(ctx context.Context, actor, lang string) (cookie string, s pass.Session, err error)
	Shut(ctx context.Context, cookie string) (pass.Session, error)
	SetSessionLang(ctx context.Context, cookie, lang string) error
	// CloseSession may be repeated.
	CloseSession(ctx context.Context, cookie string) error
}

// Logins keeps links that log in once.
type Logins interface {
	// PeekLogin says whether a code is still good and uses nothing up.
	PeekLogin(ctx context.Context, code string) error
	// UseLogin gives the login to the first caller only.
	UseLogin(ctx context.Context, code string) (pass.Login, error)
}

// Invites knows invitations; it is the conversation that takes them.
type Invites interface {
	// PeekInvite says whether a code would let one more person in and uses
	// nothing up.
	PeekInvite(ctx context.Context, code string) error
}

// ReturnCodes keeps codes that open a person's case on another device.
type ReturnCodes interface {
	// NewReturnCode makes a code as people read it ("1234 5678 9012"); an older
	// one of the actor is no longer good.
	NewReturnCode(ctx context.Context, actor string) (code string, err error)
	// UseReturnCode costs time on purpose and leaves the code good.
	UseReturnCode(ctx context.Context, code string) (actor string, err error)
}

// Limits counts attempts.
type Limits interface {
	// Allow counts one attempt under key; not ok means that there were most
	// within per already, and wait until the next is allowed.
	Allow(ctx context.Context, key string, most int, per time.Duration) (ok bool, wait time.Duration, err error)
}
