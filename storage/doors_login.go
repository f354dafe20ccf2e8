package storage

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/crypto/argon2"

	"clipcase/flows/pass"
)

// NewLogin makes a link that logs a browser in once; without Expires it is good
// for pass.LoginTTL.
func (d *Doors) NewLogin(ctx context.Context, l pass.Login) (string, error) {
	const op = "make a login"
	now := d.r.cfg.Clock()
	if l.Expires.IsZero() {
		l.Expires = now.Add(pass.LoginTTL)
	}
	if l.Actor == "" || !l.Expires.After(now) || !strings.HasPrefix(l.To, "/") || strings.HasPrefix(l.To, "//") || strings.Contains(l.To, `\`) {
		return "", invalid(errors.New("a login needs a person, an end to come and a page of ours to go to"))
	}
	code, sum, err := d.token()
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("%s: %w", op, err)
	}
	pipe := d.r.client.TxPipeline()
	pipe.HSet(ctx, keyLogin(sum), "body", body, "expires", l.Expires.UnixMilli())
	pipe.PExpire(ctx, keyLogin(sum), l.Expires.Sub(now))
	_, err = pipe.Exec(ctx)
	return code, fail(op, err)
}

// PeekLogin says whether a login is still good and uses nothing up.
func (d *Doors) PeekLogin(ctx context.Context, code string) error {
	if !pass.IsCode(code) {
		return closed("login")
	}
	fields, err := d.r.client.HGetAll(ctx, keyLogin(hash(code))).Result()
	if err != nil {
		return fail("look at a login", err)
	}
	if _, used := fields["call"]; used || fields["body"] == "" || d.r.now() >= integer(fields["expires"]) {
		return closed("login")
	}
	return nil
}

// UseLogin uses a login up: of all who try, one gets it.
func (d *Doors) UseLogin(ctx context.Context, code string) (pass.Login, error) {
	const op = "use a login"
	var l pass.Login
	if !pass.IsCode(code) {
		return l, closed("login")
	}
	body, err := useLoginScript.Run(ctx, d.r.client, []string{keyLogin(hash(code))}, d.r.cfg.IDs(), d.r.now()).Text()
	if err != nil {
		return l, fail(op, err)
	}
	if body == "" {
		return l, closed("login")
	}
	if err := json.Unmarshal([]byte(body), &l); err != nil {
		return pass.Login{}, fmt.Errorf("%s: %w", op, err)
	}
	return l, nil
}

// PeekInvite says whether an invitation would let one more person in and uses
// nothing up: NotFound for a wrong, used up or expired one.
func (d *Doors) PeekInvite(ctx context.Context, code string) error {
	if !pass.IsCode(code) {
		return closed("invitation")
	}
	fields, err := d.r.client.HMGet(ctx, keyInvite(hash(code)), "uses", "used", "expires").Result()
	if err != nil {
		return fail("look at an invitation", err)
	}
	of := func(i int) int64 { text, _ := fields[i].(string); return integer(text) }
	if of(1) >= of(0) || d.r.now() >= of(2) {
		return closed("invitation")
	}
	return nil
}

// A return code is read aloud and typed, so it is short: 12 digits. A slow hash
// makes trying them against a stolen file of Redis costly; trying them here is
// what the rate limit is for.
const (
	returnDigits = 12
	returnCodes  = 1_000_000_000_000
	argonTime    = 4
	argonMemory  = 32 << 10 // KiB
	argonBytes   = 32
	saltBytes    = 16
	returnTries  = 5
	slowAtOnce   = 2
)

// NewReturnCode gives the actor a new return code, "1234 5678 9012", in place of
// an older one. It is kept as long as the conversation of someone who does not
// come back.
func (d *Doors) NewReturnCode(ctx context.Context, actor string) (string, error) {
	const op = "make a return code"
	if actor == "" {
		return "", invalid(errors.New("a return code of nobody"))
	}
	for range returnTries {
		random, err := d.r.secret(8)
		if err != nil {
			return "", err
		}
		digits := fmt.Sprintf("%012d", binary.BigEndian.Uint64(random)%returnCodes)
		sum, err := d.slow(ctx, digits)
		if err != nil {
			return "", fail(op, err)
		}
		keys := []string{keyReturn(sum), keyReturnOf(actor)}
		free, err := newReturnScript.Run(ctx, d.r.client, keys, prefix, actor, sum, d.r.cfg.SessionTTL.Milliseconds()).Int()
		if err != nil {
			return "", fail(op, err)
		}
		if free == 1 {
			return digits[:4] + " " + digits[4:8] + " " + digits[8:], nil
		}
	}
	return "", conflict(errors.New(op + ": every code tried is somebody else's"))
}

// UseReturnCode finds whose code it is; the code stays good. Spaces and dashes
// between the digits are ignored, full-width digits are read.
func (d *Doors) UseReturnCode(ctx context.Context, code string) (string, error) {
	const op = "use a return code"
	digits, ok := returnCode(code)
	if !ok {
		return "", closed("return code")
	}
	sum, err := d.slow(ctx, digits)
	if err != nil {
		return "", fail(op, err)
	}
	actor, err := useReturnScript.Run(ctx, d.r.client, []string{keyReturn(sum)}, prefix, d.r.cfg.SessionTTL.Milliseconds()).Text()
	if err != nil {
		return "", fail(op, err)
	}
	if actor == "" {
		return "", closed("return code")
	}
	return actor, nil
}

// returnCode reads what people type.
func returnCode(typed string) (digits string, ok bool) {
	if len(typed) > 200 {
		return "", false
	}
	var b strings.Builder
	for _, r := range typed {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), r == '−':
		default:
			return "", false
		}
	}
	return b.String(), b.Len() == returnDigits
}

// slow hashes a return code with the salt of this installation, a few at a time:
// each takes its memory.
func (d *Doors) slow(ctx context.Context, digits string) (string, error) {
	fresh, err := d.r.secret(saltBytes)
	if err != nil {
		return "", err
	}
	pipe := d.r.client.TxPipeline()
	pipe.SetNX(ctx, keyReturnSalt, hex.EncodeToString(fresh), 0)
	kept := pipe.Get(ctx, keyReturnSalt)
	if _, err := pipe.Exec(ctx); err != nil {
		return "", err
	}
	select {
	case d.r.slow <- struct{}{}:
		defer func() { <-d.r.slow }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	return hex.EncodeToString(argon2.IDKey([]byte(digits), []byte(kept.Val()), argonTime, argonMemory, 1, argonBytes)), nil
}
