package storage

import (
	"context"
	"strings"
	"time"

	"clipcase/flows"
)

// ledgerTTL is how long after the last entry a ledger is kept.
const ledgerTTL = 90 * 24 * time.Hour

// Ledger remembers what was sent in a delivery. A ledger's name begins with its
// case and a colon; it is forgotten with the case.
type Ledger struct{ r *Redis }

// Ledger is the part of r that remembers deliveries.
func (r *Redis) Ledger() *Ledger { return &Ledger{r} }

// Begin marks the item as being sent and returns the mark it had before.
func (l *Ledger) Begin(ctx context.Context, ledger, item string) (flows.Mark, error) {
	return l.run(ctx, ledger, item, "begin", "")
}

// Sent marks it as sent, with the message's reference.
func (l *Ledger) Sent(ctx context.Context, ledger, item, message string) error {
	_, err := l.run(ctx, ledger, item, "sent", message)
	return err
}

// Unsent takes the last Begin back after an answer that says nothing was sent.
func (l *Ledger) Unsent(ctx context.Context, ledger, item string) error {
	_, err := l.run(ctx, ledger, item, "unsent", "")
	return err
}

func (l *Ledger) run(ctx context.Context, ledger, item, what, message string) (flows.Mark, error) {
	_, rest, _ := strings.Cut(ledger, ":")
	args := []any{rest + "|" + item, what, l.r.cfg.IDs(), message, ledgerTTL.Milliseconds()}
	mark, err := ledgerScript.Run(ctx, l.r.client, []string{keyLedger(ledger)}, args...).Text()
	return flows.Mark(mark), fail("write the ledger", err)
}
