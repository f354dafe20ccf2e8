package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"clipcase/flows"
)

// Mailbox hands over committed screens, in order for each chat: first those
// without an After in the order of their commit; one with an After joins its
// chat's end when it is due. Alerts without a chat form a chat of their own.
type Mailbox struct{ r *Redis }

// Mailbox is the part of r that hands over screens.
func (r *Redis) Mailbox() *Mailbox { return &Mailbox{r} }

// Take claims the chat that has been due longest and returns its next letter; it
// waits up to wait for one. The claim keeps other senders from the chat for ttl
// or until Sent or Later, longer if it is extended.
func (m *Mailbox) Take(ctx context.Context, wait, ttl time.Duration) (flows.Letter, bool, error) {
	const op = "take a letter"
	var letter flows.Letter
	var found bool
	err := waitFor(ctx, wait, func() (bool, error) {
		token := m.r.cfg.IDs()
		keys := []string{keyMailDue, keyMailLater, keyMailClaims, prefix + "mail:call:" + token}
		row, err := takeScript.Run(ctx, m.r.client, keys, prefix, m.r.now(), token, ttl.Milliseconds()).StringSlice()
		if err != nil || len(row) == 0 {
			return false, fail(op, err)
		}
		if err := json.Unmarshal([]byte(row[1]), &letter.Effect); err != nil {
			return false, fmt.Errorf("%s: letter %s: %w", op, row[0], err)
		}
		letter.Begun = row[2] == "1"
		letter.Since = time.UnixMilli(integer(row[3])).UTC()
		letter.Claim = token
		found = true
		return true, nil
	})
	return letter, found, err
}

// Extend makes the claim end ttl from now. An error of class Conflict means that
// it has ended.
func (m *Mailbox) Extend(ctx context.Context, l flows.Letter, ttl time.Duration) error {
	until := m.r.now() + ttl.Milliseconds()
	code, err := extendScript.Run(ctx, m.r.client, []string{keyMailDue, keyMailClaims}, l.Claim, l.Chat, until).Int()
	if err == nil && code == 0 {
		return conflict(errors.New("extend a claim: it has ended"))
	}
	return fail("extend a claim", err)
}

// free ends every claim. Only who knows that no other sender lives may call it.
func (m *Mailbox) free(ctx context.Context) error {
	return fail("end old claims", freeScript.Run(ctx, m.r.client, []string{keyMailDue, keyMailClaims}, m.r.now()).Err())
}

// Begin marks the letter as being sent, durably, before the request goes out. An
// error of class Conflict means that it must not be sent: a newer screen took its
// place, before it was begun or while it was not known how that had ended, or the
// claim has ended; nothing is left to do with it but Take again.
func (m *Mailbox) Begin(ctx context.Context, l flows.Letter) error {
	keys := []string{keyMailDue, keyMailClaims, keyLetter(l.ID), keyMailSlots}
	code, err := beginScript.Run(ctx, m.r.client, keys, prefix, m.r.now(), l.Claim, l.Chat, l.ID, l.Slot).Int()
	switch {
	case err != nil:
		return fail("begin a letter", err)
	case code == 0:
		return conflict(errors.New("begin a letter: the claim has ended"))
	case code == 2:
		return conflict(errors.New("begin a letter: a newer screen took its place"))
	}
	return nil
}

// Sent removes the letter and ends the claim. It does so even after the claim
// ended, so that the next sender does not send it again.
func (m *Mailbox) Sent(ctx context.Context, l flows.Letter) error {
	keys := []string{keyMailDue, keyMailClaims, keyLetter(l.ID), keyMailSlots, keyMailLater}
	return fail("mark a letter sent", sentScript.Run(ctx, m.r.client, keys, prefix, m.r.now(), l.Claim, l.Chat, l.ID, l.Slot).Err())
}

// Later ends the claim; the chat is not due before at. If unsent, Begin's mark is
// taken back. After the claim has ended it changes nothing.
func (m *Mailbox) Later(ctx context.Context, l flows.Letter, at time.Time, unsent bool) error {
	keys := []string{keyMailDue, keyMailClaims, keyLetter(l.ID)}
	return fail("put a letter off", laterScript.Run(ctx, m.r.client, keys, l.Claim, l.Chat, at.UnixMilli(), flag(unsent), flag(l.Begun)).Err())
}
