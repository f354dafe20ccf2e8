package flows

import "errors"

// Class sorts errors by what is to be done about them.
type Class string

// The classes of DESIGN §5. Anything else is internal: the person gets an
// incident number, never a path or a stack.
const (
	Invalid     Class = "invalid"
	NotFound    Class = "not_found"
	Conflict    Class = "conflict"
	Forbidden   Class = "forbidden"
	UserMedia   Class = "user_media"  // the file is at fault: which and why
	Unavailable Class = "unavailable" // try again later
	Internal    Class = "internal"
)

// Error is a failure that a person may see.
type Error struct {
	Class Class
	Text  Text  // what happened and what to do
	Err   error // for the operator; nil when Text says it all
}

func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Class) + ": " + e.Err.Error()
	}
	return string(e.Class) + ": " + e.Text.Key + e.Text.Plain
}

func (e *Error) Unwrap() error { return e.Err }

// ClassOf is the class of the first flows.Error in err's chain, Internal for
// any other error.
func ClassOf(err error) Class {
	var e *Error
	if errors.As(err, &e) {
		return e.Class
	}
	return Internal
}
