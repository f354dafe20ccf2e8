package entry

import (
	"regexp"
	"time"

	"clipcase/flows"
)

var noncePattern = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// IsNonce says whether text can be what makes a form of a page known again when it
// is sent twice.
func IsNonce(text string) bool { return noncePattern.MatchString(text) }

// Event is what every event of a page has; chat is where the conversation goes on.
// once is a form's nonce, with ":" and a mark behind it where one form is several
// events: the same form sent twice acts once, and no form acts for another session.
func (v Visitor) Event(chat, once string, at time.Time) flows.Event {
	return flows.Event{
		ID: "web:" + v.Session.ID + ":" + once, Actor: v.Session.Actor, Chat: chat, At: at, Lang: v.Lang, Direct: true,
	}
}

// Broken is the error of a form that lacks what every form of ours has.
func Broken() error {
	return &flows.Error{Class: flows.Invalid, Text: flows.T("web.entry.broken")}
}
