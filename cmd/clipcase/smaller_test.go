package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/internal/testclips"
	"clipcase/media/ffmpeg"
)

// latest keeps the pack as it stays.
type latest struct{ pack flows.Pack }

func (*latest) Progress(flows.WorkProgress) {}

func (l *latest) Pack(_ context.Context, p flows.Pack) error {
	l.pack = p
	return nil
}

// A short, small recording is below every limit of every tier: told that it was too
// big, the next pack must all the same be smaller, piece by piece.
func TestTooBigIsAnsweredWithLess(t *testing.T) {
	t.Parallel()
	words := flowstest.Catalogue(t)
	engine, err := ffmpeg.New(ffmpeg.Config{})
	require.NoError(t, err)
	preparer, err := prepare.New(prepare.Config{Catalog: words, Engine: engine, Clock: time.Now})
	require.NoError(t, err)
	clip := testclips.Make(t, testclips.Spec{Width: 180, Height: 320, FPS: 10, Seconds: 2})
	for _, channel := range []string{"douyin-dm", "douyin-app"} {
		t.Run(channel, func(t *testing.T) {
			t.Parallel()
			known, _ := words.Channel(channel)
			var before flows.Pack
			for tier := range known.Tiers {
				earlier := flows.Pack{Channel: channel, Tier: tier}
				for _, x := range before.Pieces {
					earlier.Over = append(earlier.Over, flows.Weight{Exhibit: x.Exhibit, Kind: x.Kind, Codec: x.Codec, Range: x.Range, Bytes: x.Bytes})
				}
				out := &latest{}
				_, err := preparer.Run(t.Context(), prepare.Request{
					Case: "CC0042", Scenario: "account-ban", Lang: "zh", Dir: t.TempDir(), Now: time.Now(), Original: true,
					Exhibits: []prepare.Exhibit{{ID: "e1", Path: clip, Name: "a.mp4"}},
					Channels: []prepare.Channel{{ID: channel, Tier: tier, Earlier: earlier}},
				}, out)
				require.NoError(t, err)
				require.NotEmpty(t, out.pack.Pieces)
				for _, x := range out.pack.Pieces {
					for _, old := range before.Pieces {
						if old.Kind == x.Kind {
							require.Less(t, x.Bytes, old.Bytes, x.Name)
						}
					}
				}
				before = out.pack
			}
		})
	}
}
