package flows

import "time"

// EffectKind says what is to be done after a commit.
type EffectKind string

// The effects. Each is carried out at least once; whoever does it makes a
// repetition harmless.
const (
	EffectShow    EffectKind = "show"    // Screen into Chat, in order with the chat's other screens
	EffectIngest  EffectKind = "ingest"  // fetch Exhibit of Case into the blob store
	EffectProcess EffectKind = "process" // make the planned packs of Case
	EffectEarly   EffectKind = "early"   // make what the draft of Case will most likely need; may be left undone
	EffectDeliver EffectKind = "deliver" // hand the ready pack Channel of Case out
	EffectStamp   EffectKind = "stamp"   // have what is there of Case stamped by authorities for time stamps; nothing waits for it
	EffectPost    EffectKind = "post"    // send the mail numbered Round of Case from the operator's mailbox
	EffectCancel  EffectKind = "cancel"  // stop work on Case
	EffectForget  EffectKind = "forget"  // delete Case with all blobs
	EffectTimer   EffectKind = "timer"   // at After: an EventTimer with Choice = Timer for Case
	EffectAlert   EffectKind = "alert"   // tell the staff: Screen's blocks
)

// Effect is one entry of the outbox, written with the state it follows from.
type Effect struct {
	ID      string     `json:"id"` // unique: set by whoever commits
	Kind    EffectKind `json:"kind"`
	Actor   string     `json:"actor,omitempty"`
	Chat    string     `json:"chat,omitempty"`
	Case    string     `json:"case,omitempty"`
	Exhibit string     `json:"exhibit,omitempty"`
	Channel string     `json:"channel,omitempty"`
	Round   int        `json:"round,omitempty"` // of the pack
	Timer   string     `json:"timer,omitempty"` // followup, expiry
	After   time.Time  `json:"after,omitzero"`  // not before
	Screen  *Screen    `json:"screen,omitempty"`
	Slot    string     `json:"slot,omitempty"`   // show: an unsent one of the same chat and slot is replaced ("step" for the conversation's screens)
	Reply   string     `json:"reply,omitempty"`  // show: reference of the message answered (groups)
	Press   string     `json:"press,omitempty"`  // show: reference of the press to acknowledge
	Urgent  bool       `json:"urgent,omitempty"` // process: the urgent queue
}
