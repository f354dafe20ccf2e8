package flows

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
)

// Early is what is made while the person still writes: the pack that the case is
// most likely to be handed in for. It is nothing the person is told about; what is
// planned once the case is handed in takes from it what fits and drops the rest.
type Early struct {
	Key     string `json:"key"`     // EarlyKey of the draft it is made for
	Attempt string `json:"attempt"` // token of the worker that may add to it
	Runs    int    `json:"runs"`    // how often it was begun
	Pack    Pack   `json:"pack"`    // State ready = nothing is left to make
}

// earlyRuns bounds what one draft may cost before it is handed in: a person who
// changes the key moment back and forth is served when they are done.
const earlyRuns = 6

// EarlyKey names what would be made of the draft as it is, "" where nothing can be
// made before it is handed in: no scenario yet, a file still on its way, a channel
// that takes words only. It changes with everything that pieces depend on.
func (c *Case) EarlyKey() string {
	if !c.Submitted.IsZero() || c.ended() || c.Likely == "" || c.Pending() || len(c.Usable()) == 0 {
		return ""
	}
	return c.draftKey()
}

func (c *Case) draftKey() string {
	type exhibit struct{ ID, Slot, SHA256 string }
	var exhibits []exhibit
	for _, e := range c.Usable() {
		exhibits = append(exhibits, exhibit{e.ID, e.Slot, e.SHA256})
	}
	raw, err := json.Marshal([]any{c.Likely, c.Scenario, c.Lang, c.Key, exhibits})
	if err != nil {
		panic(fmt.Sprintf("flows: a draft cannot be written: %v", err)) // only plain data is in there
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// early asks for the draft's pieces to be made ahead, if there is something to make.
func (c *Case) early() []Effect {
	if c.EarlyKey() == "" {
		return nil
	}
	return []Effect{{Kind: EffectEarly, Actor: c.Actor, Chat: c.Chat, Case: c.ID}}
}

// EarlyBegun gives the draft to the worker with token. What was made for the draft
// as it was before goes along: what still fits is taken over. It returns false if
// there is nothing to do: all is made, or it was begun too often.
func (c *Case) EarlyBegun(token string) bool {
	key := c.EarlyKey()
	if key == "" {
		return false
	}
	if c.Early == nil {
		c.Early = &Early{}
	}
	e := c.Early
	if e.Key == key && e.Pack.State == PackReady || e.Runs >= earlyRuns {
		return false
	}
	if e.Pack.Channel != c.Likely {
		e.Pack = Pack{Channel: c.Likely}
	}
	if e.Key != key {
		e.Pack.Warnings = nil
	}
	e.Key, e.Attempt, e.Pack.State = key, token, PackRendering
	e.Runs++
	return true
}

// EarlyPart keeps what is made so far. An error of class Conflict means that the
// draft is no longer the one it is made for.
func (c *Case) EarlyPart(token string, pack Pack) error {
	if c.Early == nil || token == "" || c.Early.Attempt != token || c.Early.Key != c.EarlyKey() {
		return conflict("case %s: the draft has changed", c.ID)
	}
	pack.Pieces = slices.DeleteFunc(slices.Clone(pack.Pieces), func(p Piece) bool { return p.Blob == "" })
	c.Early.Pack = pack
	return nil
}

// Ahead is what exists of a pack when work on it begins: what an attempt before
// published, or what was made early.
func (c *Case) Ahead(p Pack) Pack {
	if c.Early == nil || c.Early.Pack.Channel != p.Channel || c.Early.Pack.Tier != p.Tier || p.Parted || p.Made() > 0 || p.Round > 0 {
		return p
	}
	p.Pieces, p.Begun = c.Early.Pack.Pieces, c.Early.Pack.Begun
	if c.Early.Key == c.draftKey() { // of the same files: what was said of them still holds
		p.Warnings = c.Early.Pack.Warnings
	}
	return p
}

// dropEarly forgets what was made early for another channel than channel, or all
// of it for "". Its files go when the case's other leftovers do.
func (c *Case) dropEarly(channel string) {
	if c.Early != nil && (channel == "" || c.Early.Pack.Channel != channel) {
		c.Early = nil
	}
}
