package flows

import "time"

// Notice is one line to the person about the case, for workers that have
// something to say which changes nothing in the case.
func (c *Case) Notice(text Text) Effect {
	return c.show("", time.Time{}, Block{Text: text})
}
