package flows

import (
	"context"
	"fmt"
	"time"
)

// request is something only the gate, or whoever makes links, can do; the pure step asks for it and is
// taken again with the answer.
type request struct {
	what string // redeem, claim, invite, ban, unban, allow, quarantine, release, bounce, queue, upload, enter
	arg  string
	chat string // upload: where the conversation goes on
	lang string // upload, enter: of the page
	uses int
	days int
}

// answer is what came of a request.
type answer struct {
	code   string
	absent bool // class NotFound: no such code, person or case
	queue  QueueReport
}

// ask does one request. Only NotFound, Conflict and Invalid are answers; other
// errors mean that the event must come again.
func (e *Engine) ask(ctx context.Context, event Event, r request, now time.Time) (*answer, error) {
	said := &answer{}
	var err error
	switch r.what {
	case "redeem":
		err = e.gate.Redeem(ctx, r.arg, event.Actor, now)
	case "claim":
		err = e.gate.Claim(ctx, r.arg, event.Actor)
	case "invite":
		said.code, err = e.gate.Invite(ctx, event.Actor, r.uses, now.AddDate(0, 0, r.days))
	case "ban", "unban":
		err = e.gate.Ban(ctx, r.arg, r.what == "ban")
	case "allow":
		err = e.gate.Allow(ctx, r.arg)
	case "quarantine", "release":
		err = e.gate.Quarantine(ctx, r.arg, r.what == "quarantine")
	case "bounce":
		err = e.gate.Bounced(ctx, r.arg)
	case "upload":
		said.code, err = e.cfg.Links.Upload(ctx, event.Actor, r.chat, r.arg, r.lang)
	case "enter":
		said.code, err = e.cfg.Links.Enter(ctx, event.Actor, r.arg, r.lang)
	case "queue":
		said.queue, err = e.gate.Queue(ctx)
	default:
		err = fmt.Errorf("no such request")
	}
	switch {
	case err == nil:
		return said, nil
	case ClassOf(err) == NotFound, ClassOf(err) == Conflict, ClassOf(err) == Invalid, ClassOf(err) == Forbidden:
		said.absent = true
		return said, nil
	}
	return nil, fmt.Errorf("gate, %s: %w", r.what, err)
}
