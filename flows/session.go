package flows

import "time"

// SessionSchema is the version of Session's stored form. Older forms are
// upgraded when loaded; the draft is kept.
const SessionSchema = 1

// Session is where one person stands in the conversation.
type Session struct {
	Schema   int             `json:"schema"`
	Actor    string          `json:"actor"`
	Chat     string          `json:"chat"`
	Lang     string          `json:"lang"`               // zh or en
	LangSet  bool            `json:"lang_set,omitempty"` // chosen by hand: hints no longer count
	Step     string          `json:"step"`               // id of the step that is asked; "" = at rest
	Token    string          `json:"token"`              // of the screen shown last
	Case     string          `json:"case,omitempty"`     // the draft or case in hand
	Cases    []string        `json:"cases,omitempty"`    // the person's cases, newest first
	Draft    Draft           `json:"draft"`              // what was said before a case exists
	Told     map[string]bool `json:"told,omitempty"`     // hints that are given once
	Quiet    bool            `json:"quiet,omitempty"`    // no follow-up questions
	Blocked  bool            `json:"blocked,omitempty"`  // the person blocked the bot
	Last     Screen          `json:"last"`               // shown last, to show it again
	Question int             `json:"question,omitempty"` // the statement's question that is asked, from 1
	Exhibit  string          `json:"exhibit,omitempty"`  // the file that is being moved to another slot
	Noted    Noted           `json:"noted,omitzero"`     // the latest words said outside a step
	Batch    Batch           `json:"batch,omitzero"`     // the files that came last, together
	Envelope Envelope        `json:"envelope,omitzero"`  // the mail that is about to be sent
	Apart    string          `json:"apart,omitempty"`    // channel of the comparison whose sides are to be laid anew
	Mailed   Mailed          `json:"mailed,omitzero"`    // mails sent from the operator's mailbox
	Gone     []string        `json:"gone,omitempty"`     // cases deleted of late, while storage may still list them
	Suspect  time.Time       `json:"suspect,omitzero"`   // staff were last alerted about forged presses
	Updated  time.Time       `json:"updated"`
	Revision int64           `json:"-"` // set by storage
}

// Draft is what a person said before the first exhibit gives the case a number.
type Draft struct {
	Scenario  string     `json:"scenario,omitempty"`
	Can       []string   `json:"can,omitempty"`
	CanAsked  bool       `json:"can_asked,omitempty"`
	Statement string     `json:"statement,omitempty"`
	From      string     `json:"from,omitempty"`  // reference of the message the statement stands in
	Added     []Addition `json:"added,omitempty"` // what the statement ends with
	Consented bool       `json:"consented,omitempty"`
	Consent   []string   `json:"consent,omitempty"`
}

// Noted is a line that may belong to a file that follows: messengers send the
// comment of a forward as a message of its own, just before it.
type Noted struct {
	Text string    `json:"text,omitempty"`
	From string    `json:"from,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// Batch is files that came together: one answer counts them all.
type Batch struct {
	Album string    `json:"album,omitempty"`
	At    time.Time `json:"at,omitzero"` // the latest of them
	Case  string    `json:"case,omitempty"`
	Taken []string  `json:"taken,omitempty"` // exhibits of Case
	Left  []Left    `json:"left,omitempty"`
	Words bool      `json:"words,omitempty"` // words under one of them were added to the statement
}

// Left is a file that was not taken in, and why.
type Left struct {
	Name Text `json:"name"`
	Why  Text `json:"why"`
}
