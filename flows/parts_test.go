package flows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// ids are the items of a delivery, files by their names.
func ids(items []flows.Item) string {
	var all []string
	for _, item := range items {
		all = append(all, strings.TrimPrefix(item.ID, "file:"))
	}
	return strings.Join(all, " ")
}

// Every part only adds items, none changes its ID, and what comes to light at the
// end is said at the end.
func TestItemsOfAPackInParts(t *testing.T) {
	t.Parallel()
	packer, now := flows.NewPacker(builtin(t)), noon()
	c := open()
	_, err := c.ClaimPacks("w")
	require.NoError(t, err)
	channel := c.Packs[0].Channel
	part := flows.Pack{Channel: channel, Words: "1 2 3 4", Warnings: []flows.Text{flows.T("dossier.warn.cleaned")}, Pieces: []flows.Piece{
		{Name: "1.mp4", Number: 1, Kind: media.KindVideo}, {Name: "2.jpg", Number: 2, Kind: media.KindImage, Blob: "b2"},
		{Name: "3.jpg", Number: 3, Kind: media.KindImage, Blob: "b3"}, {Name: "4.gif", Number: 4, Kind: media.KindGIF},
	}}
	publish := func() *flows.Pack {
		effects, err := c.PackPart("w", part)
		require.NoError(t, err)
		require.Equal(t, flows.EffectDeliver, effects[0].Kind)
		return c.Pack(channel)
	}
	require.Equal(t, "head 2.jpg 3.jpg words", ids(packer.Items(c, publish())))
	_, err = c.DeliveryBegun(channel, 0, now)
	require.NoError(t, err)
	_, err = c.PartDelivered(channel, 0, 2)
	require.NoError(t, err)
	require.False(t, c.Pack(channel).Waits())
	_, err = c.DeliveryBegun(channel, 0, now)
	conflicts(t, err)

	part.Pieces = append([]flows.Piece(nil), part.Pieces...)
	part.Pieces[0].Blob = "b1"
	require.Equal(t, "head 2.jpg 3.jpg words 1.mp4", ids(packer.Items(c, publish())))
	require.True(t, c.Pack(channel).Waits())

	whole := part
	whole.Pieces, whole.Words = part.Pieces[:3], "1 2 3"
	whole.Warnings = append(part.Warnings[:1:1], flows.T("dossier.warn.missing"))
	_, err = c.PackReady("w", whole, now)
	require.NoError(t, err)
	items := packer.Items(c, c.Pack(channel))
	require.Equal(t, "head 2.jpg 3.jpg words 1.mp4 notes reworded more summary", ids(items))
	require.Len(t, items[5].Screen.Blocks, 1, "what the head said is not said again")
}

func TestAnAttemptWithOtherPiecesBeginsANewRound(t *testing.T) {
	t.Parallel()
	c := open()
	_, err := c.ClaimPacks("w")
	require.NoError(t, err)
	channel := c.Packs[0].Channel
	_, err = c.PackPart("w", flows.Pack{Channel: channel, Pieces: []flows.Piece{{Name: "1of2.jpg", Blob: "a"}, {Name: "2of2.gif"}}})
	require.NoError(t, err)
	_, err = c.PackReady("w", flows.Pack{Channel: channel, Pieces: []flows.Piece{{Name: "1of1.jpg", Blob: "b"}}}, noon())
	require.NoError(t, err)
	require.Equal(t, 1, c.Pack(channel).Round)
	require.False(t, c.Pack(channel).Parted)
}

func TestAPersonWhoBlocksUsInTheMiddleGetsTheRestLater(t *testing.T) {
	t.Parallel()
	c := open()
	_, err := c.ClaimPacks("w")
	require.NoError(t, err)
	channel := c.Packs[0].Channel
	pieces := []flows.Piece{{Name: "1of2.jpg", Blob: "a"}, {Name: "2of2.gif"}}
	_, err = c.PackPart("w", flows.Pack{Channel: channel, Pieces: pieces})
	require.NoError(t, err)
	require.NoError(t, c.DeliveryStopped(channel, 0, noon()))
	effects, err := c.PackReady("w", flows.Pack{Channel: channel, Pieces: []flows.Piece{pieces[0], {Name: "2of2.gif", Blob: "b"}}}, noon())
	require.NoError(t, err)
	for _, e := range effects {
		require.NotEqual(t, flows.EffectDeliver, e.Kind)
	}
	require.Len(t, c.Resume(), 1)
}

// The case summary comes once, with the first pack that is whole: also when the
// one planned first fails, and when it is made after all.
func TestTheSummaryComesWithTheFirstWholePack(t *testing.T) {
	t.Parallel()
	packer, now := flows.NewPacker(builtin(t)), noon()
	has := func(c *flows.Case, channel string) bool {
		return strings.HasSuffix(ids(packer.Items(c, c.Pack(channel))), "summary")
	}
	deliver := func(c *flows.Case, channel string) {
		round := c.Pack(channel).Round
		_, err := c.DeliveryBegun(channel, round, now)
		require.NoError(t, err)
		_, err = c.Delivered(channel, round, now)
		require.NoError(t, err)
	}
	piece := []flows.Piece{{Name: "1of1.jpg", Kind: media.KindImage, Blob: "b"}}

	c := open()
	_, err := c.ClaimPacks("w")
	require.NoError(t, err)
	_, err = c.PackFailed("w", "douyin-app", flows.Problem{Class: flows.Internal, Text: flows.T("jobs.failed")}, now)
	require.NoError(t, err)
	_, err = c.PackReady("w", flows.Pack{Channel: "email", Pieces: piece}, now)
	require.NoError(t, err)
	require.True(t, has(c, "email"), "the first one failed")
	deliver(c, "email")
	require.True(t, has(c, "email"), "the same pack gives the same items")

	p := c.Pack("douyin-app")
	p.State, p.Round = flows.PackPlanned, p.Round+1 // wanted again
	_, err = c.ClaimPacks("w2")
	require.NoError(t, err)
	_, err = c.PackReady("w2", flows.Pack{Channel: "douyin-app", Pieces: piece}, now)
	require.NoError(t, err)
	require.False(t, has(c, "douyin-app"), "the case was summed up before")

	c = open()
	c.Packs[0].Round = 1 // a retry makes it
	_, err = c.ClaimPacks("w")
	require.NoError(t, err)
	for _, channel := range []string{"douyin-app", "email"} { // both ready before one is handed out
		_, err = c.PackReady("w", flows.Pack{Channel: channel, Pieces: piece}, now)
		require.NoError(t, err)
	}
	require.True(t, has(c, "douyin-app"))
	require.False(t, has(c, "email"))
	deliver(c, "douyin-app")
	require.False(t, has(c, "email"))
}
