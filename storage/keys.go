package storage

import (
	"strings"
	"time"
)

// prefix of every key. asynq's own keys begin with "asynq:".
const prefix = "clipcase:"

// Keys that stand once. Scripts get them as KEYS.
const (
	keyCounter    = prefix + "case-counter"  // string: number of the newest case
	keyUnfinished = prefix + "unfinished"    // zset case → since when (ms)
	keyFailed     = prefix + "failed"        // zset case → when a pack failed (ms)
	keyExpiry     = prefix + "expiry"        // zset case → Expires (ms)
	keyReady      = prefix + "outbox:ready"  // zset effect → order
	keyLater      = prefix + "outbox:later"  // zset effect → due (ms)
	keyOrder      = prefix + "outbox:order"  // string: last order given
	keyMailDue    = prefix + "mail:due"      // zset chat → due (ms); a claimed chat is due when its claim ends
	keyMailLater  = prefix + "mail:later"    // zset letter → due (ms)
	keyMailSlots  = prefix + "mail:slots"    // hash chat|slot → letter
	keyMailClaims = prefix + "mail:claims"   // hash chat → token of the sender that holds it
	keyListed     = prefix + "admins:listed" // set of actors named by the operator
	keyClaimed    = prefix + "admins:claimed"
	keyClaim      = prefix + "claim"         // string: hash of the unused claim code
	keyRefused    = prefix + "refused"       // hash channel|reason|limit → how often
	keyLeast      = prefix + "refused:least" // hash of the same → the least that was refused
	keyProgress   = prefix + "progress"      // zset case → last told (ms); also the name of the pub/sub channel
)

// Keys of one thing.
func keySession(actor string) string    { return prefix + "session:" + actor }
func keyCase(id string) string          { return prefix + "case:" + id }
func keyEvent(id string) string         { return prefix + "event:" + id }
func keyCommit(hash string) string      { return prefix + "commit:" + hash }
func keyPerson(actor string) string     { return prefix + "person:" + actor }
func keyCases(actor string) string      { return prefix + "cases:" + actor }
func keyCaseEffects(id string) string   { return prefix + "effects-of:" + id }
func keyLettersOf(id string) string     { return prefix + "letters-of:" + id }
func keyNotesOf(id string) string       { return prefix + "notes-of:" + id }
func keyInvite(hash string) string      { return prefix + "invite:" + hash }
func keyGuests(hash string) string      { return prefix + "guests:" + hash }
func keyNote(key string) string         { return prefix + "note:" + key }
func keyProgressOf(case_ string) string { return prefix + "progress-of:" + case_ }

// keySpend is one person's use on one day.
func keySpend(actor string, at time.Time) string {
	return prefix + "spend:" + actor + ":" + at.In(shanghai()).Format("20060102")
}

// keyLedger gathers all deliveries of a case in one hash: a ledger's name begins
// with its case.
func keyLedger(ledger string) string {
	first, _, _ := strings.Cut(ledger, ":")
	return prefix + "ledger:" + first
}

// shanghai is the zone in which days are counted; it has known no other offset
// since 1991, so no zone file is needed.
func shanghai() *time.Location { return time.FixedZone("Asia/Shanghai", 8*60*60) }

func keyLetter(id string) string { return prefix + "letter:" + id }
