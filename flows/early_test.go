package flows

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows/catalog"
	"clipcase/media"
)

func draftCase() *Case {
	return &Case{ID: "CC0001", Scenario: "account-ban", Lang: "zh", Likely: "douyin-app", Exhibits: []Exhibit{
		{ID: "e1", Slot: "screen", State: ExhibitProbed, SHA256: "a", Probe: &media.Probe{Kind: media.KindVideo}},
	}}
}

func TestEarlyKeyFollowsTheDraft(t *testing.T) {
	t.Parallel()
	key := draftCase().EarlyKey()
	require.NotEmpty(t, key)
	for name, change := range map[string]func(*Case){
		"another moment":   func(c *Case) { c.Key = &KeyMoment{Range: media.Range{Start: 1, End: 2}} },
		"another channel":  func(c *Case) { c.Likely = "email" },
		"another language": func(c *Case) { c.Lang = "en" },
		"another slot":     func(c *Case) { c.Exhibits[0].Slot = "" },
		"another file":     func(c *Case) { c.Exhibits[0].SHA256 = "b" },
		"one more":         func(c *Case) { c.Exhibits = append(c.Exhibits, Exhibit{ID: "e2", State: ExhibitProbed}) },
	} {
		c := draftCase()
		change(c)
		require.NotEqual(t, key, c.EarlyKey(), name)
		require.NotEmpty(t, c.EarlyKey(), name)
	}
	for name, change := range map[string]func(*Case){
		"handed in":         func(c *Case) { c.Submitted = time.Now() },
		"cancelled":         func(c *Case) { c.Cancelled = time.Now() },
		"quarantined":       func(c *Case) { c.Quarantined = true },
		"no channel":        func(c *Case) { c.Likely = "" },
		"a file on its way": func(c *Case) { c.Exhibits[0].State = ExhibitFetching },
		"no file":           func(c *Case) { c.Exhibits[0].Removed = true },
	} {
		c := draftCase()
		change(c)
		require.Empty(t, c.EarlyKey(), name)
		require.False(t, c.EarlyBegun("w"), name)
	}
	c := draftCase()
	c.Statement = "words are no part of files"
	require.Equal(t, key, c.EarlyKey())
}

// Of a booklet everything has the person's words in it.
func TestNothingOfWordsIsMadeAhead(t *testing.T) {
	t.Parallel()
	story, still := media.Recipe{Kind: media.KindEML, Story: true}, media.Recipe{Kind: media.KindImage}
	of := func(recipes ...media.Recipe) catalog.Channel {
		return catalog.Channel{Tiers: []catalog.Tier{{Recipes: recipes}}}
	}
	require.False(t, aheadOf(catalog.Channel{}))
	require.False(t, aheadOf(of(story)))
	require.True(t, aheadOf(of(still)))
	require.True(t, aheadOf(of(still, story)))
}

func TestEarlyWorkIsBoundedAndFenced(t *testing.T) {
	t.Parallel()
	c := draftCase()
	part := Pack{Channel: "douyin-app", State: PackRendering, Pieces: []Piece{{Name: "a", Blob: "b/a"}, {Name: "b"}}, Warnings: []Text{T("x")}}
	require.True(t, c.EarlyBegun("w1"))
	require.Equal(t, Conflict, ClassOf(c.EarlyPart("w2", part)))
	require.NoError(t, c.EarlyPart("w1", part))
	require.Len(t, c.Early.Pack.Pieces, 1, "only what exists")

	ahead := c.Ahead(Pack{Channel: "douyin-app", State: PackRendering})
	require.Len(t, ahead.Pieces, 1)
	require.Len(t, ahead.Warnings, 1)
	require.Empty(t, c.Ahead(Pack{Channel: "email"}).Pieces, "another channel")
	require.Empty(t, c.Ahead(Pack{Channel: "douyin-app", Tier: 1}).Pieces, "a smaller pack")
	own := Pack{Channel: "douyin-app", Pieces: []Piece{{Name: "c", Blob: "b/c"}}}
	require.Equal(t, own, c.Ahead(own), "what an attempt published goes first")

	c.Key = &KeyMoment{Range: media.Range{Start: 1, End: 2}}
	require.Equal(t, Conflict, ClassOf(c.EarlyPart("w1", part)), "the draft has changed")
	require.Empty(t, c.Ahead(Pack{Channel: "douyin-app"}).Warnings, "nor is what was said of it still true")
	for range earlyRuns - 1 {
		require.True(t, c.EarlyBegun("w"))
	}
	require.False(t, c.EarlyBegun("w"), "enough for one draft")
}
