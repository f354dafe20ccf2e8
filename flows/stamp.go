package flows

import (
	"slices"
	"time"
)

// Stamp is what an authority for time stamps said of a case: that something was
// there by then. The files it consists of stand below cases/<case>/stamps/.
type Stamp struct {
	Over      string     `json:"over"`          // what it is of, as names of files about it begin
	Bag       string     `json:"bag,omitempty"` // kind of the bag whose signature it is of; "" = it is of an original
	Digest    string     `json:"digest"`        // SHA-256 it speaks of, hex
	Authority string     `json:"authority"`     // its address as part of file names
	Name      string     `json:"name"`          // as its certificate calls it
	At        time.Time  `json:"at"`            // as it says
	Whole     bool       `json:"whole"`         // the certificates beside it reach a root
	Reply     StampFile  `json:"reply"`         // as it came
	Chain     *StampFile `json:"chain,omitempty"`
}

// StampFile is one file of a stamp in the blob store.
type StampFile struct {
	Blob   string `json:"blob"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// Stamped says whether an authority has stamped a SHA-256 (hex).
func (c *Case) Stamped(digest, authority string) bool {
	return slices.ContainsFunc(c.Stamps, func(s Stamp) bool { return s.Digest == digest && s.Authority == authority })
}

// AddStamp takes a stamp in, again with no effect. The signature of a bag that was
// made anew takes the place of the one before, whose stamps are of nothing any more.
func (c *Case) AddStamp(s Stamp, now time.Time) {
	if c.Stamped(s.Digest, s.Authority) {
		return
	}
	c.Stamps = slices.DeleteFunc(c.Stamps, func(old Stamp) bool { return s.Bag != "" && old.Bag == s.Bag && old.Digest != s.Digest })
	c.Stamps = append(c.Stamps, s)
	c.note(now, "stamped", "over", s.Over, "digest", s.Digest, "authority", s.Name)
}

// Hold puts the case into quarantine, where nothing is made of it and nobody is
// shown it, or takes it out: then what came to its end meanwhile, or was to be
// stamped when it was put in, is asked for.
func (c *Case) Hold(on bool) []Effect {
	was := c.Quarantined
	c.Quarantined = on
	if !was || c.ended() || !slices.ContainsFunc(c.Exhibits, func(e Exhibit) bool { return e.Blob != "" && !e.Removed }) {
		return nil
	}
	return []Effect{c.stamp()}
}

// Settled says whether everything that was asked for is made: then the case can be
// signed as a whole.
func (c *Case) Settled() bool {
	return !c.Submitted.IsZero() && !slices.ContainsFunc(c.Packs, func(p Pack) bool { return p.State == PackPlanned || p.State == PackRendering })
}

// stamp asks for what is there to be stamped, where authorities are known.
func (c *Case) stamp() Effect {
	return Effect{Kind: EffectStamp, Actor: c.Actor, Chat: c.Chat, Case: c.ID}
}

// sealed asks for the signature to be stamped when everything is made.
func (c *Case) sealed() []Effect {
	if !c.Settled() || c.ended() {
		return nil
	}
	return []Effect{c.stamp()}
}
