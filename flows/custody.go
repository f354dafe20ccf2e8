package flows

import (
	"slices"
	"time"
)

// What is noted of an evidence link.
const (
	LinkMade    = "linked"
	LinkViewed  = "viewed"
	LinkRevoked = "revoked"
)

// NoteLink notes that a link to the file with this SHA-256 was made, opened or
// revoked; channel is that of a piece, "" of an original. Being opened is noted
// once a day for each file: how often it was is counted with the link.
func (c *Case) NoteLink(what, sha256, channel string, now time.Time) {
	if what == LinkViewed && slices.ContainsFunc(c.History, func(e Entry) bool {
		return e.What == what && e.Args["sha256"] == sha256 && FormatDay(e.At) == FormatDay(now)
	}) {
		return
	}
	if channel == "" {
		c.note(now, what, "sha256", sha256)
		return
	}
	c.note(now, what, "sha256", sha256, "channel", channel)
}

// LinkNoted is the last that the history says of links to a file: LinkMade,
// LinkRevoked, or "" where it says nothing.
func (c *Case) LinkNoted(sha256, channel string) string {
	for _, e := range slices.Backward(c.History) {
		of, _ := e.Args["channel"].(string)
		if (e.What == LinkMade || e.What == LinkRevoked) && e.Args["sha256"] == sha256 && of == channel {
			return e.What
		}
	}
	return ""
}

// LinkTakenBack says whether the last that was done with a link to an original is
// that its owner took it back: then none is made unless they do it themselves.
func (c *Case) LinkTakenBack(sha256 string) bool {
	for _, e := range slices.Backward(c.History) {
		if original, is := e.ofLink(); is && original == sha256 {
			return e.What == LinkRevoked
		}
		if slices.Contains(e.sealed("revoked"), sha256) {
			return true
		}
	}
	return false
}

// ofLink is the SHA-256 of the original whose link the line says was made or taken
// back; false for any other line.
func (e Entry) ofLink() (original string, is bool) {
	if e.What != LinkMade && e.What != LinkRevoked || e.Args["channel"] != nil {
		return "", false
	}
	original, is = e.Args["sha256"].(string)
	return original, is
}

// Deletion is the last line of the history of a case that is deleted: its hash
// stands for everything that was noted.
func (c *Case) Deletion(now time.Time) Entry {
	c.note(now, "deleted")
	return c.History[len(c.History)-1]
}
