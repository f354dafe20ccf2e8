package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"clipcase/flows"
	"clipcase/flows/catalog"
	"clipcase/media"
	"clipcase/storage"
	"clipcase/web/casepage"
)

// evidence makes the link that a mail and the pages to print carry. It leads to
// the first recording of the case, lives as long as the case, stands on its page
// and can be taken back there.
type evidence struct {
	doors  *storage.Doors
	cases  *storage.Cases
	cat    *catalog.Catalog
	public string // PUBLIC_URL
	clock  func() time.Time
}

// Evidence implements jobs.Linker.
func (l *evidence) Evidence(ctx context.Context, c *flows.Case, packs []flows.Pack) (string, error) {
	if !slices.ContainsFunc(packs, l.carries) {
		return "", nil
	}
	e := l.shown(c)
	if e == nil {
		return "", nil
	}
	known, err := l.doors.Links(ctx, c.ID)
	if err != nil {
		return "", fmt.Errorf("evidence links: %w", err)
	}
	for _, k := range known {
		if k.Blob == e.Blob {
			return l.public + "/e/" + k.Token, nil
		}
	}
	if _, err := l.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
		c.NoteLink(flows.LinkMade, e.SHA256, "", l.clock())
		return nil, nil
	}); err != nil {
		return "", fmt.Errorf("note an evidence link: %w", err)
	}
	made, err := l.doors.NewLink(ctx, casepage.LinkTo(c.ID, e))
	if err != nil {
		return "", fmt.Errorf("evidence link: %w", err)
	}
	return l.public + "/e/" + made.Token, nil
}

// carries says whether a link has a place in a pack: its channel takes links, and
// a mail or pages to print are made for it.
func (l *evidence) carries(p flows.Pack) bool {
	ch, _ := l.cat.Channel(p.Channel) // one that is gone takes none
	return ch.Links && p.Tier < len(ch.Tiers) && slices.ContainsFunc(ch.Tiers[p.Tier].Recipes, func(r media.Recipe) bool {
		return r.Kind == media.KindEML || r.Kind == media.KindPDF
	})
}

// shown is the recording a link may lead to: the first that was looked at, whose
// link was not taken back. Where a kind of matter asks for faces or papers at all,
// nothing is linked to without the person's doing: what they sent may stand in
// another place than the one it is asked for.
func (l *evidence) shown(c *flows.Case) *flows.Exhibit {
	s, ok := l.cat.Scenario(c.Scenario)
	if !ok || slices.ContainsFunc(s.Exhibits, func(x catalog.Slot) bool { return x.Consent != "" }) {
		return nil
	}
	for _, e := range c.Usable() {
		if e.State == flows.ExhibitProbed && e.Probe != nil && e.Probe.Kind == media.KindVideo {
			if c.LinkTakenBack(e.SHA256) {
				return nil
			}
			return e
		}
	}
	return nil
}
