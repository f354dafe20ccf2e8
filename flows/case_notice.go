package flows

import "time"

// Notice is one line to the person about the case, for workers that have
// something to say which changes nothing in the case.
func (c *Case) Notice(text Text) Effect {
	return c.show("", time.Time{}, Block{Text: text})
}

// Delayed is Notice about a file that is long on its way; what the file turns out
// to be takes its place if it was not read before.
func (c *Case) Delayed(exhibit string, text Text) Effect {
	slot := "got:" + exhibit
	if e := c.Exhibit(exhibit); e != nil && e.Album != "" {
		slot = "got:" + e.Album
	}
	return c.show(slot, time.Time{}, Block{Text: text})
}
