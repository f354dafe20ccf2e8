package flows

import "time"

// Letter is one screen waiting to be sent to a chat.
type Letter struct {
	Effect
	Begun bool      // a send was begun before and its end is not known
	Claim string    // token of the sender that holds the chat
	Since time.Time // committed at
}

// Mark is what a delivery ledger knows of an item.
type Mark string

// The marks. Uncertain: a send was begun and its end is not known; it is sent
// once more, marked as sent again. UncertainTwice: that one too; it is not sent a third time.
const (
	MarkNew            Mark = ""
	MarkUncertain      Mark = "uncertain"
	MarkUncertainTwice Mark = "uncertain-twice"
	MarkSent           Mark = "sent"
)
