package storage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// Cases keeps conversations, cases and what is counted against a person's day.
type Cases struct{ r *Redis }

// Cases is the part of r that keeps conversations and cases.
func (r *Redis) Cases() *Cases { return &Cases{r} }

// number is the N of case CCN; ok is false for anything but CC and 4 to 15 digits.
func number(id string) (n int64, ok bool) {
	digits, ok := strings.CutPrefix(id, "CC")
	if !ok || len(digits) < 4 || len(digits) > 15 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	return integer(digits), true
}

const recentCases = 10

// Load reads all that a step needs to know of a person. What it reads may be of
// two moments; Commit finds that out by the revisions.
func (s *Cases) Load(ctx context.Context, actor string, now time.Time) (flows.State, error) {
	const op = "load a conversation"
	var state flows.State
	pipe := s.r.client.Pipeline()
	session := pipe.HMGet(ctx, keySession(actor), "rev", "body")
	recent := pipe.ZRangeArgs(ctx, redis.ZRangeArgs{Key: keyCases(actor), Start: 0, Stop: recentCases - 1, Rev: true})
	person := pipe.HGetAll(ctx, keyPerson(actor))
	spend := pipe.HGetAll(ctx, keySpend(actor, now))
	listed := pipe.SIsMember(ctx, keyListed, actor)
	claimed := pipe.SIsMember(ctx, keyClaimed, actor)
	if _, err := pipe.Exec(ctx); err != nil {
		return state, fail(op, err)
	}

	if body, rev, ok := document(session.Val()); ok {
		got, err := decodeSession(body)
		if err != nil {
			return state, fmt.Errorf("%s: %w", op, err)
		}
		state.Session, state.Session.Revision = got, rev
	} else {
		state.Session = flows.Session{Actor: actor}
	}

	ids := recent.Val()
	if id := state.Session.Case; id != "" {
		ids = append([]string{id}, ids...)
	}
	found, err := s.read(ctx, ids)
	if err != nil {
		return state, err
	}
	for i, c := range found {
		switch {
		case c == nil: // forgotten
		case i == 0 && state.Session.Case != "":
			state.Case = c
		default:
			state.Recent = append(state.Recent, c)
		}
	}

	p := person.Val()
	state.Person = flows.Person{
		Actor:       actor,
		Admin:       listed.Val() || claimed.Val(),
		Allowed:     p["allowed"] == "1",
		Banned:      p["banned"] == "1",
		BytesUsed:   integer(spend.Val()["bytes"]),
		SecondsUsed: float64(integer(spend.Val()["ms"])) / 1000,
	}
	return state, nil
}

// Case reads one case; an error of class NotFound if there is none.
func (s *Cases) Case(ctx context.Context, id string) (*flows.Case, error) {
	found, err := s.read(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	if found[0] == nil {
		return nil, notFound("storage.no_case", errors.New("no such case"))
	}
	return found[0], nil
}

// ReserveCase hands out a case number that was never handed out before.
func (s *Cases) ReserveCase(ctx context.Context) (string, error) {
	n, err := s.r.client.Incr(ctx, keyCounter).Result()
	if err != nil {
		return "", fail("reserve a case number", err)
	}
	return fmt.Sprintf("CC%04d", n), nil
}

// RaiseCounter makes sure that no number up to n is handed out again.
func (s *Cases) RaiseCounter(ctx context.Context, n int64) error {
	return fail("raise the case counter", raiseScript.Run(ctx, s.r.client, []string{keyCounter}, n).Err())
}

// read gives the cases in the order of ids, nil for one that does not exist.
func (s *Cases) read(ctx context.Context, ids []string) ([]*flows.Case, error) {
	const op = "read cases"
	if len(ids) == 0 {
		return nil, nil
	}
	pipe := s.r.client.Pipeline()
	docs := make([]*redis.SliceCmd, 0, len(ids))
	for _, id := range ids {
		docs = append(docs, pipe.HMGet(ctx, keyCase(id), "rev", "body"))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fail(op, err)
	}
	found := make([]*flows.Case, 0, len(ids))
	for _, doc := range docs {
		body, rev, ok := document(doc.Val())
		if !ok {
			found = append(found, nil)
			continue
		}
		c, err := decodeCase(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", op, err)
		}
		c.Revision = rev
		found = append(found, &c)
	}
	return found, nil
}

// document splits what HMGET of rev and body gives.
func document(fields []any) (body string, rev int64, ok bool) {
	if len(fields) != 2 {
		return "", 0, false
	}
	body, ok = fields[1].(string)
	text, hasRev := fields[0].(string)
	return body, integer(text), ok && hasRev
}

// integer reads a number that a script of ours wrote; "" is 0.
func integer(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
