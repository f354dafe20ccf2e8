package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"clipcase/flows"
	"clipcase/flows/pass"
)

const (
	eventTTL  = 48 * time.Hour     // front ends redeliver for 24 h at most
	commitTTL = 15 * time.Minute   // of a change without an event: only as long as it may be sent again
	spendTTL  = 72 * time.Hour     // one day is asked for
	letterTTL = 7 * 24 * time.Hour // a screen that could not be sent for so long is of no use, and holds people's words
)

// Results of commit.lua.
const (
	scriptStale    = 0
	scriptSaved    = 1
	scriptRepeated = 2
)

// Commit does all of c or nothing. A change without an event is known again by
// its content, so that calling again with the same c is Saved, too.
func (s *Cases) Commit(ctx context.Context, c flows.Commit) (flows.Outcome, error) {
	const op = "commit"
	session, err := sessionPart(c.Session)
	if err != nil {
		return flows.Stale, fmt.Errorf("%s: %w", op, err)
	}
	kase, err := casePart(c.Case)
	if err != nil {
		return flows.Stale, fmt.Errorf("%s: %w", op, err)
	}

	mark, call, ttl := keyEvent(c.Event), s.r.cfg.IDs(), eventTTL
	if c.Event == "" {
		call, err = digest(session, kase, c)
		if err != nil {
			return flows.Stale, fmt.Errorf("%s: %w", op, err)
		}
		mark, ttl = keyCommit(call), commitTTL
	}
	effects, err := effectParts(c.Effects, call, c.Now)
	if err != nil {
		return flows.Stale, fmt.Errorf("%s: %w", op, err)
	}

	args := []any{
		prefix, c.Now.UnixMilli(), call, ttl.Milliseconds(),
		session.rev, session.body, s.r.cfg.SessionTTL.Milliseconds(),
		kase.rev, kase.body, kase.id, kase.number, kase.actor,
		flag(kase.unfinished), flag(kase.failed), kase.expires,
		c.Spend.Bytes, int64(math.Round(c.Spend.Seconds * 1000)), spendTTL.Milliseconds(),
		letterTTL.Milliseconds(), noticeTTL.Milliseconds(), noticesKept,
		refusalField(c.Refusal), refusedValue(c.Refusal),
	}
	keys := []string{
		mark, keySession(session.id), keyCase(kase.id), keySpend(c.Spend.Actor, c.Now),
		keyCases(kase.actor), keyUnfinished, keyFailed, keyExpiry,
		keyReady, keyLater, keyOrder, keyMailDue, keyMailLater, keyMailSlots, keyRefused, keyLeast,
	}
	code, err := commitScript.Run(ctx, s.r.client, keys, append(args, effects...)...).Int()
	if err != nil {
		return flows.Stale, fail(op, err)
	}
	switch code {
	case scriptSaved:
		return flows.Saved, nil
	case scriptRepeated:
		return flows.Repeated, nil
	case scriptStale:
		return flows.Stale, nil
	default:
		return flows.Stale, fmt.Errorf("%s: script returned %d", op, code)
	}
}

// part is one document on its way to the script; rev "" = unchanged.
type part struct {
	rev, body, id, actor string
	number, expires      int64
	unfinished, failed   bool
}

func sessionPart(s *flows.Session) (part, error) {
	if s == nil {
		return part{}, nil
	}
	if s.Actor == "" {
		return part{}, invalid(errors.New("a session without an actor"))
	}
	stored := *s
	stored.Schema = flows.SessionSchema
	body, err := json.Marshal(stored)
	if err != nil {
		return part{}, err
	}
	return part{rev: strconv.FormatInt(s.Revision, 10), body: string(body), id: s.Actor}, nil
}

func casePart(c *flows.Case) (part, error) {
	if c == nil {
		return part{}, nil
	}
	n, ok := number(c.ID)
	if !ok || c.Actor == "" {
		return part{}, invalid(fmt.Errorf("case %q of actor %q: want CC and at least four digits, and an actor", c.ID, c.Actor))
	}
	stored := *c
	stored.Schema = flows.CaseSchema
	body, err := json.Marshal(stored)
	if err != nil {
		return part{}, err
	}
	p := part{
		rev: strconv.FormatInt(c.Revision, 10), body: string(body), id: c.ID, actor: c.Actor, number: n,
		unfinished: unfinished(c), failed: failed(c),
	}
	if !c.Expires.IsZero() {
		p.expires = c.Expires.UnixMilli()
	}
	return p, nil
}

// digest names a change by its content.
func digest(session, kase part, c flows.Commit) (string, error) {
	h := sha256.New()
	err := json.NewEncoder(h).Encode([]any{
		session.id, session.rev, session.body, kase.id, kase.rev, kase.body, c.Effects, c.Spend, c.Refusal, c.Now.UnixNano(),
	})
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// effectParts writes effects as commit.lua reads them. An effect without an ID
// gets one that is the same when the call is repeated.
func effectParts(effects []flows.Effect, call string, now time.Time) ([]any, error) {
	args := make([]any, 0, 7*len(effects))
	for i, e := range effects {
		if e.ID == "" {
			e.ID = call + "-" + strconv.Itoa(i)
		}
		box, chat := "job", ""
		if e.Kind == flows.EffectShow || e.Kind == flows.EffectAlert {
			box, chat = "mail", e.Chat
		}
		if e.Kind == flows.EffectShow && pass.IsWeb(e.Chat) {
			box = "notice"
			if strings.Contains(e.Slot+e.Case, "\n") {
				return nil, invalid(errors.New("a line break in a slot or a case"))
			}
		}
		var due int64
		if e.After.After(now) {
			due = e.After.UnixMilli()
		}
		body, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		args = append(args, e.ID, box, due, chat, e.Slot, e.Case, string(body))
	}
	return args, nil
}

func flag(on bool) int {
	if on {
		return 1
	}
	return 0
}
