package storage

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"clipcase/flows"
)

// inviteKept is how long after its end an invite is remembered, so that a person
// who came in by it and opens the link again is not turned away.
const inviteKept = 48 * time.Hour

// secretBytes make a code of 26 characters a–z, 2–7: 128 bits.
const secretBytes = 16

// Gate keeps who may use the service. Codes are kept as hashes only.
type Gate struct {
	r    *Redis
	disk func(context.Context) (float64, error)
}

// Gate is the part of r that keeps who may use the service; disk gives the share
// of the disk in use (Blobs.Usage).
func (r *Redis) Gate(disk func(context.Context) (float64, error)) *Gate { return &Gate{r, disk} }

// Invite makes a code that lets in up to uses people until expires.
func (g *Gate) Invite(ctx context.Context, by string, uses int, expires time.Time) (string, error) {
	now := g.r.cfg.Clock()
	if uses < 1 || !expires.After(now) {
		return "", invalid(fmt.Errorf("invite: %d uses until %s", uses, expires.Format(time.RFC3339)))
	}
	code, err := g.code()
	if err != nil {
		return "", err
	}
	key := keyInvite(hash(code))
	_, err = g.r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.HSet(ctx, key, "uses", uses, "used", 0, "by", by, "expires", expires.UnixMilli())
		pipe.PExpire(ctx, key, expires.Sub(now)+inviteKept)
		return nil
	})
	return code, fail("make an invite", err)
}

// Redeem lets the actor in by a code; an error of class NotFound for a wrong, used
// up or expired one.
func (g *Gate) Redeem(ctx context.Context, code, actor string, now time.Time) error {
	h := hash(code)
	keys := []string{keyInvite(h), keyGuests(h), keyPerson(actor)}
	in, err := redeemScript.Run(ctx, g.r.client, keys, actor, now.UnixMilli()).Int()
	if err != nil {
		return fail("redeem an invite", err)
	}
	if in != 1 {
		return notFound("storage.no_invite", errors.New("wrong, used up or expired invite"))
	}
	return nil
}

// Allow lets one person in.
func (g *Gate) Allow(ctx context.Context, actor string) error {
	_, err := g.r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.HSet(ctx, keyPerson(actor), "allowed", flag(true))
		pipe.HIncrBy(ctx, keyPerson(actor), "rev", 1)
		return nil
	})
	return fail("change a person", err)
}

// Ban shuts one person out, which leaves their sessions in browsers good for
// Doors.Shut only, or lets them in again.
func (g *Gate) Ban(ctx context.Context, actor string, banned bool) error {
	keys := []string{keyPerson(actor), keySessionsOf(actor)}
	return fail("change a person", banScript.Run(ctx, g.r.client, keys, flag(banned), doorSessions).Err())
}

// SetAdmins makes exactly these actors the admins named by the operator. Admins
// who came by the claim code stay.
func (g *Gate) SetAdmins(ctx context.Context, actors ...string) error {
	_, err := g.r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Del(ctx, keyListed)
		for _, actor := range actors {
			pipe.SAdd(ctx, keyListed, actor)
		}
		return nil
	})
	return fail("set the admins", err)
}

// HasAdmin says whether anyone is an admin.
func (g *Gate) HasAdmin(ctx context.Context) (bool, error) {
	n, err := g.r.client.Exists(ctx, keyListed, keyClaimed).Result()
	return n > 0, fail("look for an admin", err)
}

// NewClaim makes a new claim code; an older one is no longer good.
func (g *Gate) NewClaim(ctx context.Context) (string, error) {
	code, err := g.code()
	if err != nil {
		return "", err
	}
	_, err = g.r.client.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.Del(ctx, keyClaim)
		pipe.HSet(ctx, keyClaim, "code", hash(code))
		return nil
	})
	return code, fail("make a claim code", err)
}

// Claim makes the actor an admin if code is the unused claim code; else an error
// of class NotFound.
func (g *Gate) Claim(ctx context.Context, code, actor string) error {
	ok, err := claimScript.Run(ctx, g.r.client, []string{keyClaim, keyClaimed}, hash(code), actor).Int()
	if err != nil {
		return fail("claim", err)
	}
	if ok != 1 {
		return notFound("storage.no_claim", errors.New("wrong or used claim code"))
	}
	return nil
}

// Quarantine marks a case: neither processed nor shown. What a case that is let go
// lacks is asked for in the same commit.
func (g *Gate) Quarantine(ctx context.Context, id string, on bool) error {
	_, err := g.r.Cases().Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
		return c.Hold(on), nil
	})
	return err
}

// Bounced notes that the mail sent last of a case came back.
func (g *Gate) Bounced(ctx context.Context, id string) error {
	_, err := g.r.Cases().Update(ctx, id, func(c *flows.Case) ([]flows.Effect, error) {
		return c.MailCameBack(g.r.cfg.Clock())
	})
	return err
}

func (g *Gate) code() (string, error) {
	b, err := g.r.secret(secretBytes)
	if err != nil {
		return "", err
	}
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b)), nil
}

// hash is what is kept of a code: it is random, so a plain hash cannot be undone.
func hash(code string) string {
	sum := sha256.Sum256([]byte(code))
	return hex.EncodeToString(sum[:])
}
