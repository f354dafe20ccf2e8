package flows

import "time"

// EventKind says what a person did.
type EventKind string

// The kinds of events.
const (
	EventCommand EventKind = "command" // Command, Text = the words after it, File = media whose caption held it
	EventChoice  EventKind = "choice"  // Choice, Token
	EventText    EventKind = "text"    // Text
	EventFile    EventKind = "file"    // File; Text = its caption
	EventEdit    EventKind = "edit"    // Text or File caption of Message was changed
	EventOther   EventKind = "other"   // something no step can use: Other says what (voice, sticker, contact, …)
	EventBlocked EventKind = "blocked" // the person blocked the bot
	EventTimer   EventKind = "timer"   // a clock of ours: Choice says which (followup, expiry)
)

// Event is one thing a person did, as any front end reports it.
type Event struct {
	ID      string    // unique and stable under redelivery, e.g. "tg:184467"
	Actor   string    // who, e.g. "tg:42"
	Chat    string    // where the answer goes, e.g. "tg:42"; web: "web:<session>"
	Group   bool      // a group chat: only commands and replies count
	At      time.Time // when the front end received it
	Lang    string    // language hint of the front end (BCP 47), "" = unknown
	Kind    EventKind
	Command string // lower case, without slash and bot name
	Text    string
	Choice  string
	Token   string // of the screen the choice belongs to
	File    *File
	Message string // reference of the message, stable under edits, e.g. "tg:42:1007"
	Album   string // reference of the album the file came in; "" = none
	Press   string // EventChoice: reference by which the front end acknowledges the press
	Case    string // EventFile: the draft it is meant for; "" = the one in hand
	Slot    string // EventFile: the exhibit it was chosen for; "" = wherever it fits
	Direct  bool   // the caller shows the returned Screen itself: no show effect is written
	Other   string // EventOther: voice, sticker, location, contact, poll, …; EventTimer: its subject
}

// Sent says as what a file was sent: the front end's word for how it reached us.
type Sent string

// Ways a file can be sent.
const (
	SentFile      Sent = "file"       // as a document: byte for byte what the phone has
	SentVideo     Sent = "video"      // as a video: the sender's app may have re-encoded it
	SentPhoto     Sent = "photo"      // as a photo: re-encoded
	SentAnimation Sent = "animation"  // a silent recording that the messenger calls an animation
	SentRound     Sent = "video_note" // a round video
	SentUpload    Sent = "upload"     // web upload or command line: byte for byte
)

// File is something a person sent that the front end can fetch later by Ref.
type File struct {
	Ref       string // opaque for everyone but the front end: "tg:<file_id>", "upload:<id>", "path:<…>"
	Unique    string // stable identity of the content at the front end; "" = unknown
	Name      string // as sent: hostile, for the record only, never a path
	MIME      string
	Bytes     int64 // as announced; 0 = unknown
	Sent      Sent
	Forwarded bool
	Origin    string // provenance of a forward for the record (date and kind, no names)
	Width     int
	Height    int
	Duration  float64 // seconds, as announced
	TooBig    bool    // the front end knows that it cannot fetch it (file_size over its limit)
}

// Grade is how a file reached us; it says nothing about whether it is true.
type Grade string

// The grades of DESIGN §9.
const (
	GradeFile      Grade = "file"
	GradeVideo     Grade = "video"
	GradeForwarded Grade = "forwarded"
	GradeUnknown   Grade = "unknown"
)

// Grade derives the grade from how the file was sent.
func (f File) Grade() Grade {
	switch {
	case f.Forwarded:
		return GradeForwarded
	case f.Sent == SentFile || f.Sent == SentUpload:
		return GradeFile
	case f.Sent == "":
		return GradeUnknown
	default:
		return GradeVideo
	}
}
