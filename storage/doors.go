package storage

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"clipcase/flows/pass"
)

// Doors keeps what lets someone in through a browser: sessions, logins, return
// codes, grants, uploads' records, the tokens of case pages and evidence links.
//
// Secrets are kept as hashes and found by them, so that neither Redis' file nor
// the time an answer takes tells one; only the tokens of case pages and evidence
// links, which their owner is shown again, stand in plain beside the case. What
// is absent, expired, used, revoked or malformed is one and the same error of
// class NotFound; what is malformed never reaches Redis.
type Doors struct{ r *Redis }

// Doors is the part of r that keeps what lets someone in through a browser.
func (r *Redis) Doors() *Doors { return &Doors{r} }

// Keys of doors; forget.lua and scripts/doors build some of them, too.
const doorPrefix = prefix + "door:"

const (
	doorSessions  = doorPrefix + "session:"
	sessionsOf    = doorPrefix + "sessions-of:"
	keyReturnSalt = doorPrefix + "return-salt" // string: salt of all return codes, made once
	keyUploads    = doorPrefix + "uploads"     // zset upload → when it began (ms)
)

func keySessionsOf(actor string) string { return sessionsOf + actor }
func keyDoorSession(hash string) string { return doorSessions + hash }
func keyLogin(hash string) string       { return doorPrefix + "login:" + hash }
func keyReturn(hash string) string      { return doorPrefix + "return:" + hash }
func keyReturnOf(actor string) string   { return doorPrefix + "return-of:" + actor }
func keyGrant(id string) string         { return doorPrefix + "grant:" + id }
func keyGrantsOf(id string) string      { return doorPrefix + "grants-of:" + id }
func keyUpload(id string) string        { return doorPrefix + "upload:" + id }
func keyUploadsBy(actor string) string  { return doorPrefix + "uploads-by:" + actor }
func keyUploadsOf(id string) string     { return doorPrefix + "uploads-of:" + id }
func keyCaseToken(id string) string     { return doorPrefix + "token-of:" + id }
func keyCaseByToken(hash string) string { return doorPrefix + "case:" + hash }
func keyLink(hash string) string        { return doorPrefix + "link:" + hash }
func keyLinksOf(id string) string       { return doorPrefix + "links-of:" + id }
func keyRate(hash string) string        { return doorPrefix + "rate:" + hash }
func keyDoorCall(call string) string    { return doorPrefix + "call:" + call }
func keyNotices(chat string) string     { return doorPrefix + "notices:" + chat }

// closed is what every door that does not open answers.
func closed(what string) error {
	return notFound("storage.no_door", errors.New(what+": absent, over or malformed"))
}

// token makes a code of 128 bits and its hash.
func (d *Doors) token() (code, sum string, err error) {
	code, err = d.r.Gate(nil).code()
	return code, hash(code), err
}

// OpenSession logs a browser in as actor for pass.SessionTTL. The cookie is 26
// characters a–z, 2–7. For whoever is banned the door is closed.
func (d *Doors) OpenSession(ctx context.Context, actor, lang string) (string, pass.Session, error) {
	return d.open(ctx, actor, lang, false)
}

// OpenShut is OpenSession for whoever is banned, and for nobody else: see Shut.
func (d *Doors) OpenShut(ctx context.Context, actor, lang string) (string, pass.Session, error) {
	return d.open(ctx, actor, lang, true)
}

func (d *Doors) open(ctx context.Context, actor, lang string, shut bool) (string, pass.Session, error) {
	if actor == "" {
		return "", pass.Session{}, invalid(errors.New("a session of nobody"))
	}
	cookie, sum, err := d.token()
	if err != nil {
		return "", pass.Session{}, err
	}
	now := d.r.cfg.Clock().UTC().Truncate(time.Millisecond)
	s := pass.Session{ID: sum, Actor: actor, CSRF: csrf(cookie), Lang: lang, Created: now, Expires: now.Add(pass.SessionTTL)}
	keys := []string{keyDoorSession(sum), keyPerson(actor), keySessionsOf(actor)}
	done, err := openSessionScript.Run(ctx, d.r.client, keys, actor, lang, s.Created.UnixMilli(), s.Expires.UnixMilli(), sum, flag(shut)).Int()
	switch {
	case err != nil:
		return "", pass.Session{}, fail("open a session", err)
	case done == 0:
		return "", pass.Session{}, closed("session")
	}
	return cookie, s, nil
}

// Session is the session a cookie opens; none for whoever is banned.
func (d *Doors) Session(ctx context.Context, cookie string) (pass.Session, error) {
	return d.session(ctx, cookie, false)
}

// Shut is the session of someone who is banned: it is good for deleting what is
// theirs, which is promised to everyone, and ends when they are let in again.
func (d *Doors) Shut(ctx context.Context, cookie string) (pass.Session, error) {
	return d.session(ctx, cookie, true)
}

func (d *Doors) session(ctx context.Context, cookie string, shut bool) (pass.Session, error) {
	if !pass.IsCode(cookie) {
		return pass.Session{}, closed("session")
	}
	sum := hash(cookie)
	fields, err := d.r.client.HGetAll(ctx, keyDoorSession(sum)).Result()
	if err != nil {
		return pass.Session{}, fail("read a session", err)
	}
	s := pass.Session{
		ID: sum, Actor: fields["actor"], CSRF: csrf(cookie), Lang: fields["lang"],
		Created: millis(fields["created"]), Expires: millis(fields["expires"]),
	}
	if s.Actor == "" || (fields["shut"] == "1") != shut || !d.r.cfg.Clock().Before(s.Expires) {
		return pass.Session{}, closed("session")
	}
	return s, nil
}

// SetSessionLang changes the language of a session.
func (d *Doors) SetSessionLang(ctx context.Context, cookie, lang string) error {
	if _, err := d.Session(ctx, cookie); err != nil {
		return err
	}
	done, err := langScript.Run(ctx, d.r.client, []string{keyDoorSession(hash(cookie))}, lang).Int()
	if err == nil && done == 0 {
		return closed("session")
	}
	return fail("change a session", err)
}

// CloseSession ends a session; one that is absent is no error.
func (d *Doors) CloseSession(ctx context.Context, cookie string) error {
	if !pass.IsCode(cookie) {
		return nil
	}
	sum := hash(cookie)
	return fail("close a session", closeSessionScript.Run(ctx, d.r.client, []string{keyDoorSession(sum)}, sessionsOf, sum).Err())
}

// csrf is what must come back with every form of a session: it follows from the
// cookie, so it need not be kept, and does not give the cookie away.
func csrf(cookie string) string { return hash("csrf:" + cookie)[:32] }

// Allow counts one try against a rate of most in per: that many at once, then one
// in each per/most. If it is too many, wait is how long until the next is allowed.
func (d *Doors) Allow(ctx context.Context, key string, most int, per time.Duration) (ok bool, wait time.Duration, err error) {
	if most < 1 || per <= 0 {
		return false, 0, invalid(fmt.Errorf("a rate of %d in %s", most, per))
	}
	each := strconv.FormatFloat(float64(per)/float64(time.Millisecond)/float64(most), 'f', 6, 64)
	ms, err := allowScript.Run(ctx, d.r.client, []string{keyRate(hash(key))}, d.r.cfg.IDs(), d.r.now(), each, most).Int64()
	if err != nil {
		return false, 0, fail("count a try", err)
	}
	return ms == 0, time.Duration(ms) * time.Millisecond, nil
}

func millis(text string) time.Time { return time.UnixMilli(integer(text)).UTC() }
