package flows

import (
	"fmt"
	"slices"
	"time"

	"clipcase/media"
)

// settleDelay is how long answers to files wait for the rest of an album.
const settleDelay = 1500 * time.Millisecond

// Exhibit finds an exhibit by id; nil if there is none.
func (c *Case) Exhibit(id string) *Exhibit {
	for i := range c.Exhibits {
		if c.Exhibits[i].ID == id {
			return &c.Exhibits[i]
		}
	}
	return nil
}

// Usable lists the exhibits that packs are made from: taken out and refused ones
// are left aside, those still on their way are in.
func (c *Case) Usable() []*Exhibit {
	var usable []*Exhibit
	for i := range c.Exhibits {
		if e := &c.Exhibits[i]; !e.Removed && e.State != ExhibitRefused {
			usable = append(usable, e)
		}
	}
	return usable
}

// Pending says whether an exhibit that counts is not measured yet.
func (c *Case) Pending() bool {
	return slices.ContainsFunc(c.Usable(), func(e *Exhibit) bool { return e.State != ExhibitProbed })
}

// ExhibitStored records that the original is safely on disk. Again with the same
// content it changes nothing; error of class NotFound or Conflict otherwise.
func (c *Case) ExhibitStored(id string, s Stored, now time.Time) ([]Effect, error) {
	e, err := c.ongoing(id)
	if err != nil {
		return nil, err
	}
	if e.State != ExhibitFetching {
		if e.SHA256 == s.SHA256 {
			return nil, nil
		}
		return nil, conflict("exhibit %s is %s", id, e.State)
	}
	e.State, e.Blob, e.SHA256, e.Bytes = ExhibitStored, s.Blob, s.SHA256, s.Bytes
	c.spend(s.Bytes-e.File.Bytes, 0)
	c.note(now, "received", "exhibit", id, "bytes", s.Bytes, "sha256", s.SHA256)
	return []Effect{c.stamp()}, nil
}

// ExhibitProbed records what was measured of a stored exhibit and tells it in
// one quiet line, one for a whole album. After handing in, the last exhibit
// measured sets the work off.
func (c *Case) ExhibitProbed(id string, p media.Probe, now time.Time) ([]Effect, error) {
	e, err := c.ongoing(id)
	if err != nil {
		return nil, err
	}
	switch e.State {
	case ExhibitProbed:
		return nil, nil
	case ExhibitStored:
	default:
		return nil, conflict("exhibit %s is %s", id, e.State)
	}
	if p.Kind == media.KindVideo {
		c.spend(0, p.Duration-e.File.Duration)
	}
	if r := Disguised(e.File.Name, p); r != nil {
		return c.ExhibitRefused(id, r, now)
	}
	e.State, e.Probe = ExhibitProbed, &p
	c.note(now, "measured", "exhibit", id)
	if !c.Submitted.IsZero() {
		return c.settled(now), nil
	}
	if e.Removed {
		return nil, nil
	}
	return append([]Effect{c.receipt(e, now)}, c.early()...), nil
}

// spend counts what a file has beyond what was announced, and counted when it
// came: most documents and uploads announce no length. The file stays, whatever
// the day's share is; the next ones are refused.
func (c *Case) spend(bytes int64, seconds float64) {
	if bytes > 0 || seconds > 0 {
		c.Spend = Spend{Actor: c.Actor, Bytes: c.Spend.Bytes + max(0, bytes), Seconds: c.Spend.Seconds + max(0, seconds)}
	}
}

// counted says whether what became of an exhibit is told with its whole album.
func (c *Case) counted(e *Exhibit) bool {
	return e.Album != "" && !e.Removed && c.Submitted.IsZero()
}

// unusable is why an exhibit was not put in.
func unusable(e *Exhibit) []Block {
	if e.Problem == nil {
		return []Block{{Text: T("talk.refused.line", "name", fileName(e.File), "why", RefusalText(e.Refusal))}}
	}
	blocks := []Block{{Text: T("talk.lost.line", "name", fileName(e.File), "why", e.Problem.Text)}}
	if e.Problem.Incident != "" {
		blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.incident", "number", e.Problem.Incident)})
	}
	return blocks
}

// receipt is the quiet line about a measured exhibit and those of its album. If
// one of them cannot be used, it counts what was put in and what was not.
func (c *Case) receipt(e *Exhibit, now time.Time) Effect {
	slot, after := "got:"+e.ID, now
	blocks, bad := []Block{}, []Block{}
	there, left, coming := 0, 0, 0
	for i := range c.Exhibits {
		x := &c.Exhibits[i]
		switch same := x.ID == e.ID || e.Album != "" && x.Album == e.Album; {
		case !same || x.Removed:
		case x.State == ExhibitProbed:
			there++
			blocks = append(blocks, Block{Style: StyleNote, Text: T("talk.got.line", "what", c.measured(x))})
		case x.State == ExhibitRefused:
			left++
			bad = append(bad, unusable(x)...)
		default:
			coming++
		}
	}
	if left > 0 {
		blocks = slices.Concat([]Block{{Text: T("talk.got.tally", "count", there+left+coming, "there", there, "left", left, "coming", coming)}}, bad, blocks)
	}
	if e.Album != "" {
		slot, after = "got:"+e.Album, now.Add(settleDelay)
	}
	return c.show(slot, after, limitBlocks(blocks, 12)...)
}

// measured is what was found of an exhibit, in words: its name, length and size.
func (c *Case) measured(e *Exhibit) Text {
	p := e.Probe
	switch {
	case p == nil || p.Kind == media.KindDocument:
		return T("talk.got.document", "name", fileName(e.File), "size", FormatBytes(e.Bytes))
	case p.Kind == media.KindImage:
		return T("talk.got.image", "name", fileName(e.File), "size", FormatBytes(e.Bytes))
	}
	key := "talk.got.video"
	if p.Damaged {
		key = "talk.got.damaged"
	} else if e.File.Sent == SentUpload { // it came by another way than it is told: say all that was seen of it
		key = "talk.got.upload"
	}
	return T(key, "name", fileName(e.File), "length", FormatClock(p.Duration), "size", FormatBytes(e.Bytes), "width", p.Width, "height", p.Height)
}

// ExhibitRefused records that a file cannot be used and says so at once; the
// original stays and the rest of the case goes on.
func (c *Case) ExhibitRefused(id string, r *media.Refusal, now time.Time) ([]Effect, error) {
	e, err := c.ongoing(id)
	if err != nil {
		return nil, err
	}
	switch e.State {
	case ExhibitRefused:
		return nil, nil
	case ExhibitProbed:
		return nil, conflict("exhibit %s is %s", id, e.State)
	}
	e.State, e.Refusal = ExhibitRefused, r
	c.note(now, "refused", "exhibit", id, "code", string(r.Code))
	if c.counted(e) {
		return append([]Effect{c.receipt(e, now)}, c.early()...), nil
	}
	blocks := append(unusable(e), Block{Style: StyleNote, Text: T("talk.refused.rest")})
	return slices.Concat([]Effect{c.show("", time.Time{}, blocks...)}, c.settled(now), c.early()), nil
}

// ExhibitLost records that a file could not be fetched: the person is told what
// happened and asked to send it again.
func (c *Case) ExhibitLost(id string, p Problem, now time.Time) ([]Effect, error) {
	e, err := c.ongoing(id)
	if err != nil {
		return nil, err
	}
	if e.State == ExhibitRefused {
		return nil, nil
	}
	if e.State != ExhibitFetching {
		return nil, conflict("exhibit %s is %s", id, e.State)
	}
	e.State, e.Problem = ExhibitRefused, &p
	c.note(now, "lost", "exhibit", id, "class", string(p.Class), "incident", p.Incident)
	if c.counted(e) {
		return []Effect{c.receipt(e, now)}, nil
	}
	blocks := unusable(e)
	return append([]Effect{c.show("", time.Time{}, blocks...)}, c.settled(now)...), nil
}

// settled is what follows when the last exhibit of a case that was handed in is
// known: the work begins, or, if nothing can be used, every planned pack fails.
func (c *Case) settled(now time.Time) []Effect {
	if c.Submitted.IsZero() || c.Pending() {
		return nil
	}
	if len(c.Usable()) > 0 {
		return c.wake()
	}
	failed := false
	for i := range c.Packs {
		if p := &c.Packs[i]; p.State == PackPlanned || p.State == PackRendering {
			p.State, p.Attempt = PackFailed, ""
			p.Error = &Problem{Class: UserMedia, Text: T("talk.nothing.usable")}
			c.note(now, "failed", "channel", p.Channel, "class", string(UserMedia))
			failed = true
		}
	}
	if !failed {
		return nil
	}
	return []Effect{c.show("", time.Time{}, Block{Text: T("talk.nothing.usable")})}
}

// wake asks for the planned packs to be made, if there are any.
func (c *Case) wake() []Effect {
	planned := slices.ContainsFunc(c.Packs, func(p Pack) bool { return p.State == PackPlanned })
	if !planned || c.Pending() || c.ended() {
		return nil
	}
	return []Effect{{Kind: EffectProcess, Actor: c.Actor, Chat: c.Chat, Case: c.ID, Urgent: c.Urgent}}
}

// ended says whether nothing more is done for the case.
func (c *Case) ended() bool { return !c.Cancelled.IsZero() || c.Quarantined }

func (c *Case) ongoing(id string) (*Exhibit, error) {
	if !c.Cancelled.IsZero() {
		return nil, conflict("case %s is cancelled", c.ID)
	}
	e := c.Exhibit(id)
	if e == nil {
		return nil, &Error{Class: NotFound, Text: T("talk.absent"), Err: fmt.Errorf("case %s has no exhibit %s", c.ID, id)}
	}
	return e, nil
}

func (c *Case) show(slot string, after time.Time, blocks ...Block) Effect {
	return Effect{
		Kind: EffectShow, Actor: c.Actor, Chat: c.Chat, Case: c.ID, Slot: slot, After: after,
		Screen: &Screen{Step: "note", Token: tokenKeep, Lang: c.Lang, Blocks: blocks},
	}
}

func conflict(format string, args ...any) *Error {
	return &Error{Class: Conflict, Text: T("talk.conflict"), Err: fmt.Errorf(format, args...)}
}

func limitBlocks(blocks []Block, most int) []Block {
	if len(blocks) > most {
		return blocks[:most]
	}
	return blocks
}
