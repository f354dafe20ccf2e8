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
			return l.noted(ctx, c, e, k.Token) // whoever made it may have died before it was noted
		}
	}
	made, err := l.doors.NewLink(ctx, casepage.LinkTo(c.ID, e))
	if err != nil {
		return "", fmt.Errorf("evidence link: %w", err)
	}
	return l.noted(ctx, c, e, made.Token)
}

// noted is the address of a link that is there, once the history says so: after the
// link, so that it never tells of one that does not exist. One that its owner took
// back in between is none.
func (l *evidence) noted(ctx context.Context, c *flows.Case, e *flows.Exhibit, token string) (string, error) {
	if c.LinkNoted(e.SHA256, "") != flows.LinkMade {
		now, err := l.cases.Update(ctx, c.ID, func(c *flows.Case) ([]flows.Effect, error) {
			if c.LinkNoted(e.SHA256, "") == "" && !c.LinkTakenBack(e.SHA256) {
				c.NoteLink(flows.LinkMade, e.SHA256, "", l.clock())
			}
			return nil, nil
		})
		if err != nil {
			return "", fmt.Errorf("note an evidence link: %w", err)
		}
		if now.LinkTakenBack(e.SHA256) {
			if err := l.doors.RevokeLink(ctx, c.ID, token); err != nil && flows.ClassOf(err) != flows.NotFound {
				return "", fmt.Errorf("take an evidence link back: %w", err)
			}
			return "", nil
		}
	}
	return l.public + "/e/" + token, nil
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
