package prepare_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

// over is what a pack weighs, as a case keeps it when it was too big.
func over(p flows.Pack) []flows.Weight {
	var all []flows.Weight
	for _, x := range p.Pieces {
		all = append(all, flows.Weight{Exhibit: x.Exhibit, Kind: x.Kind, Codec: x.Codec, Range: x.Range, Bytes: x.Bytes})
	}
	return all
}

// Of a recording that is small already, a smaller tier would give the same again:
// what the channel called too big bounds what is made in its place.
func TestEveryPieceOfTheNextTierIsSmaller(t *testing.T) {
	t.Parallel()
	for _, channel := range []string{"douyin-dm", "douyin-app", "email", "email-25mb", "douyin-ads", "douyin-shop", "wechat", "generic"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			e := &engine{size: 150_000} // however it is planned, if it may be
			var before flows.Pack
			for tier := range 3 {
				req := request(t, []string{channel}, "a.mp4=film", "b.png=picture")
				req.Channels[0].Tier = tier
				req.Channels[0].Earlier = flows.Pack{Channel: channel, Tier: tier, Over: over(before)}
				obs := &observer{}
				_, err := run(t, e, req, obs)
				require.NoError(t, err)
				require.Len(t, obs.packs, 1)
				for _, piece := range obs.packs[0].Pieces {
					for _, old := range before.Pieces {
						if old.Exhibit == piece.Exhibit {
							require.Less(t, piece.Bytes, old.Bytes, "%s of tier %d", piece.Name, tier)
						}
					}
				}
				before = obs.packs[0]
			}
		})
	}
}

func TestWhatCannotBeSmallerIsNotHandedOut(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-dm"}, "a.mp4=film")
	req.Channels[0].Tier = 1
	req.Channels[0].Earlier.Over = []flows.Weight{{Exhibit: "e1", Kind: media.KindVideo, Codec: "hevc", Range: media.Range{End: 12}, Bytes: 1000}}
	obs := &observer{}
	record, err := run(t, &engine{floor: 900}, req, obs)
	require.NoError(t, err)
	require.Empty(t, obs.packs)
	require.Empty(t, obs.parts)
	require.Len(t, record.Pieces, 1, "only the words")
}
