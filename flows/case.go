package flows

import (
	"time"

	"clipcase/media"
)

// CaseSchema is the version of Case's stored form.
const CaseSchema = 1

// Case is one person's matter.
type Case struct {
	Schema      int               `json:"schema"`
	ID          string            `json:"id"` // CC0042: never reused, not a secret
	Actor       string            `json:"actor"`
	Chat        string            `json:"chat"`
	Lang        string            `json:"lang"`
	Scenario    string            `json:"scenario"`
	Can         []string          `json:"can,omitempty"` // what the person can still do: login, message, form, …
	Exhibits    []Exhibit         `json:"exhibits,omitempty"`
	Key         *KeyMoment        `json:"key,omitempty"`
	Offset      *float64          `json:"offset,omitempty"`  // seconds by which a comparison's right side shows the same later, as the person says; nil = is found
	Answers     map[string]string `json:"answers,omitempty"` // by question id of the scenario
	Statement   string            `json:"statement,omitempty"`
	Added       []Addition        `json:"added,omitempty"`   // what the statement ends with
	Consent     []string          `json:"consent,omitempty"` // slots for which the person agreed
	Packs       []Pack            `json:"packs,omitempty"`   // the recommended channel first
	History     []Entry           `json:"history,omitempty"`
	Stamps      []Stamp           `json:"stamps,omitempty"` // what strangers say of when it was there
	Created     time.Time         `json:"created"`
	Submitted   time.Time         `json:"submitted,omitzero"`
	Cancelled   time.Time         `json:"cancelled,omitzero"`
	Expires     time.Time         `json:"expires,omitzero"`
	Term        Term              `json:"term,omitzero"`     // what Expires follows from
	Reminded    time.Time         `json:"reminded,omitzero"` // told that the end is near
	Quarantined bool              `json:"quarantined,omitempty"`
	Urgent      bool              `json:"urgent,omitempty"`    // the scenario counts in hours
	Consented   bool              `json:"consented,omitempty"` // the question about Consent was answered, either way
	CanAsked    bool              `json:"can_asked,omitempty"`
	KeyAsked    bool              `json:"key_asked,omitempty"`
	Told        bool              `json:"told,omitempty"`    // the statement's question was answered or skipped
	Wish        string            `json:"wish,omitempty"`    // channel the person picked instead of the recommended one
	Neutral     bool              `json:"neutral,omitempty"` // what goes out is in neutral wording; the person\'s own words stay as they are
	Likely      string            `json:"likely,omitempty"`  // draft: the channel it would be handed in for now, if files are made for it
	Summary     string            `json:"summary,omitempty"` // channel:round of the first pack that was made whole: the case summary comes with it
	Early       *Early            `json:"early,omitempty"`   // what was made ahead of handing in
	Sheet       string            `json:"sheet,omitempty"`   // key of the picture that was last made of the moments that can be chosen
	From        map[string]string `json:"from,omitempty"`    // which message a text came from: "statement", "key moment" or a question id → reference, so that an edit corrects it
	Spend       Spend             `json:"-"`                 // what a job's change counts against the person's day; committed with it
	Revision    int64             `json:"-"`                 // set by storage
}

// CaseState is derived from what is in the case.
type CaseState string

// The states of a case.
const (
	CaseDraft     CaseState = "draft"
	CaseOpen      CaseState = "open"
	CaseDone      CaseState = "done"
	CaseCancelled CaseState = "cancelled"
	CaseExpired   CaseState = "expired"
)

// State derives the case's own state at a time.
func (c *Case) State(now time.Time) CaseState {
	switch {
	case !c.Cancelled.IsZero():
		return CaseCancelled
	case !c.Expires.IsZero() && now.After(c.Expires):
		return CaseExpired
	case c.Submitted.IsZero():
		return CaseDraft
	}
	for _, p := range c.Packs {
		if p.Fate != FateAnswered {
			return CaseOpen
		}
	}
	return CaseDone
}

// ExhibitState says how far an exhibit is.
type ExhibitState string

// fetching → stored → probed | refused. A refused original is kept all the same.
const (
	ExhibitFetching ExhibitState = "fetching"
	ExhibitStored   ExhibitState = "stored"
	ExhibitProbed   ExhibitState = "probed"
	ExhibitRefused  ExhibitState = "refused"
)

// Exhibit is one thing handed in for a slot of the scenario.
type Exhibit struct {
	ID       string            `json:"id"` // e1, e2, …: unique in its case, never reused
	Slot     string            `json:"slot"`
	File     File              `json:"file"`
	State    ExhibitState      `json:"state"`
	SHA256   string            `json:"sha256,omitempty"`
	Bytes    int64             `json:"bytes,omitempty"`
	Blob     string            `json:"blob,omitempty"` // key of the original in the blob store
	Probe    *media.Probe      `json:"probe,omitempty"`
	Read     bool              `json:"read,omitempty"`    // its screen was read, whatever was found
	Seen     []media.Seen      `json:"seen,omitempty"`    // what stands on its screen
	Moments  []media.Candidate `json:"moments,omitempty"` // that may be the key moment, the likeliest first
	Refusal  *media.Refusal    `json:"refusal,omitempty"` // when refused: why
	Problem  *Problem          `json:"problem,omitempty"` // when refused because it could not be fetched
	Message  string            `json:"message,omitempty"`
	Album    string            `json:"album,omitempty"`
	Received time.Time         `json:"received"`
	Removed  bool              `json:"removed,omitempty"` // taken out of the draft by the person
	Placed   bool              `json:"placed,omitempty"`  // the person chose the slot
}

// KeyMoment is the stretch that matters, as the person named it.
type KeyMoment struct {
	Exhibit string      `json:"exhibit"` // "" = the first recording
	Range   media.Range `json:"range"`
}

// PackState says how far a pack's making is.
type PackState string

// planned → rendering → ready → delivering → delivered; failed from planned and
// rendering. A worker that stops gives its packs back (planned), a person who
// blocks us stops a delivery (ready), and a finished pack begins a new round when
// it is wanted again (planned: made anew; ready: as it is). What is made of a pack
// is handed out while it is still rendering: see PackPart.
const (
	PackPlanned    PackState = "planned"
	PackRendering  PackState = "rendering"
	PackReady      PackState = "ready"
	PackDelivering PackState = "delivering"
	PackDelivered  PackState = "delivered"
	PackFailed     PackState = "failed"
)

// Fate is what became of a pack at the channel, as the person tells.
type Fate string

// unsent → sent → answered | refused; refused straight from unsent as well. A
// pack that is made anew is unsent again.
const (
	FateUnsent   Fate = "unsent"
	FateSent     Fate = "sent"
	FateAnswered Fate = "answered"
	FateRefused  Fate = "refused"
)

// Pack is all pieces and words for one channel.
type Pack struct {
	Channel   string      `json:"channel"`
	Tier      int         `json:"tier"`            // 0 = the channel's first recipe set
	Round     int         `json:"round"`           // grows each time the pack is made anew (next tier, extra pieces): part of every ledger key
	Extra     bool        `json:"extra,omitempty"` // with the pieces made on request
	State     PackState   `json:"state"`
	Attempt   string      `json:"attempt,omitempty"` // token of the worker that may finish it
	Tries     int         `json:"tries,omitempty"`
	Pieces    []Piece     `json:"pieces,omitempty"`
	Subject   string      `json:"subject,omitempty"` // title or subject to paste
	Words     string      `json:"words,omitempty"`   // text to paste
	Warnings  []Text      `json:"warnings,omitempty"`
	Moments   []KeyMoment `json:"moments,omitempty"` // the seconds it is made around, named or chosen, at most one an exhibit
	Error     *Problem    `json:"error,omitempty"`
	Fate      Fate        `json:"fate"`
	Reason    string      `json:"reason,omitempty"` // why the channel refused: too-big, wrong-kind, too-long, not-legible, other
	Ready     time.Time   `json:"ready,omitzero"`
	Delivered time.Time   `json:"delivered,omitzero"`
	Asked     time.Time   `json:"asked,omitzero"`     // follow-up question sent
	Due       time.Time   `json:"due,omitzero"`       // the next question about it is asked from then on; zero = none
	Stopped   bool        `json:"stopped,omitempty"`  // ready, but the person blocked us: nothing is sent until they come back
	Exact     bool        `json:"exact,omitempty"`    // this round hands the same pieces out once more, byte for byte as documents
	Given     []string    `json:"given,omitempty"`    // names of the pieces handed out in earlier rounds of this tier
	Begun     time.Time   `json:"begun,omitzero"`     // the day in the pieces' names, whoever goes on making them
	Parted    bool        `json:"parted,omitempty"`   // this round is handed out while it is being made
	Handed    int         `json:"handed,omitempty"`   // pieces of a round still being made that are known to be handed out
	Told      int         `json:"told,omitempty"`     // of a parted round: how many Warnings were known at its beginning
	Reworded  bool        `json:"reworded,omitempty"` // of a parted round: Words are no longer those of its beginning
	Over      []Weight    `json:"over,omitempty"`     // the pieces that were too big: what is made in their place is smaller
	Post      *Post       `json:"post,omitempty"`     // its mail was sent from the operator's mailbox, or is to be
	Else      string      `json:"else,omitempty"`     // channel to go on with if nothing smaller can be made
}

// Weight is what a piece weighed that the channel did not take.
type Weight struct {
	Exhibit string      `json:"exhibit"`
	Kind    media.Kind  `json:"kind"`
	Codec   string      `json:"codec,omitempty"`
	Range   media.Range `json:"range"`
	Bytes   int64       `json:"bytes"`
}

// Piece is one finished file of a pack.
type Piece struct {
	Name     string         `json:"name"`
	Number   int            `json:"number,omitempty"` // its place among the files of the pack, from 1
	Kind     media.Kind     `json:"kind"`
	Blob     string         `json:"blob"`           // "" = still to be made; only in a pack that is planned or rendering
	Plan     string         `json:"plan,omitempty"` // names original and plan it was made from: equal plans, equal pieces
	Bytes    int64          `json:"bytes"`
	SHA256   string         `json:"sha256"`
	Width    int            `json:"width,omitempty"`
	Height   int            `json:"height,omitempty"`
	Duration float64        `json:"duration,omitempty"`
	FPS      float64        `json:"fps,omitempty"`
	Codec    string         `json:"codec,omitempty"`
	Label    string         `json:"label,omitempty"`
	Line     string         `json:"line,omitempty"` // one line of words for the piece, rendered
	Exhibit  string         `json:"exhibit,omitempty"`
	Range    media.Range    `json:"range"`
	Beside   *Beside        `json:"beside,omitempty"` // two exhibits it shows next to each other; Exhibit is then "", Range is its own
	Thumb    string         `json:"thumb,omitempty"`  // blob key of a JPEG ≤ 320 px, for videos
	Fit      []media.Fit    `json:"fit,omitempty"`
	Quality  *media.Quality `json:"quality,omitempty"`

	How *media.Derivation `json:"how,omitempty"` // it was made; nil = not known: made before that was kept
}

// Beside is how two exhibits are shown next to each other.
type Beside struct {
	Left       string  `json:"left"` // exhibit
	Right      string  `json:"right"`
	LeftFrom   float64 `json:"left_from"` // seconds of each at which the comparison begins
	RightFrom  float64 `json:"right_from"`
	Offset     float64 `json:"offset"`     // seconds by which the right one shows the same later
	By         string  `json:"by"`         // sound, picture, person; "" = nothing: both from the beginning
	Confidence string  `json:"confidence"` // high, middle, unsure, person
}

// Problem is a failure the person is told about.
type Problem struct {
	Class    Class  `json:"class"`
	Text     Text   `json:"text"`
	Incident string `json:"incident,omitempty"` // number the operator finds in the log
}

// Entry is one line of a case's history; see Entry.Line.
type Entry struct {
	N    int            `json:"n,omitempty"`    // from 1, without gaps; 0 = noted before lines were counted
	Prev string         `json:"prev,omitempty"` // SHA-256 of the line before, hex; "" = there is none
	At   time.Time      `json:"at"`
	What string         `json:"what"` // received, refused, submitted, ready, delivered, failed, sent, …
	Args map[string]any `json:"args,omitempty"`
}
