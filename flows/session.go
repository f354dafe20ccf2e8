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
	Updated  time.Time       `json:"updated"`
	Revision int64           `json:"-"` // set by storage
}

// Draft is what a person said before the first exhibit gives the case a number.
type Draft struct {
	Scenario  string    `json:"scenario,omitempty"`
	Can       []string  `json:"can,omitempty"`
	CanAsked  bool      `json:"can_asked,omitempty"`
	Statement string    `json:"statement,omitempty"`
	At        time.Time `json:"at,omitzero"`
}
