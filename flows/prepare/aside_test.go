package prepare_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/flows/dossier"
	"clipcase/flows/prepare"
	"clipcase/internal/flowstest"
	"clipcase/media"
)

// While the first pack's videos are made, the pictures of the packs behind are made
// by the engine for what nobody waits for; none goes out before its pack's turn.
func TestPicturesOfOthersAreMadeAside(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-dm", "email", "douyin-app"}, "a.mp4=settled")
	req.Key = &flows.KeyMoment{Exhibit: "e1", Range: media.Range{Start: 0, End: 12}}
	made := make(chan struct{})
	pictures := 0
	behind := &engine{seen: func(j media.Job) {
		for _, p := range j.Pieces {
			require.Equal(t, media.KindImage, p.Kind)
		}
		if pictures++; pictures == 2 {
			close(made)
		}
	}}
	videos := 0
	e := &engine{spoil: func(m *media.Made) {
		require.NotEqual(t, media.KindImage, m.Piece.Kind, "pictures are made aside")
		if videos++; videos == 2 {
			<-made // the first pack's second piece waits for the pictures of both others
		}
	}}
	obs := &observer{}
	record, err := runBeside(t.Context(), t, e, behind, req, obs)
	require.NoError(t, err)
	require.Equal(t, 2, pictures)
	require.Equal(t, "douyin-dm", obs.packs[0].Channel, "nothing goes out before the first pack")
	kinds := map[string]int{}
	for _, p := range record.Pieces {
		kinds[p.Channel+" "+string(p.Kind)]++
	}
	require.Positive(t, kinds["email image"])
	require.Positive(t, kinds["douyin-app image"])
	rises(t, obs)
}

// What goes wrong aside ends the run as it would elsewhere, and what goes wrong
// elsewhere leaves nothing running.
func TestWhatIsMadeAsideFails(t *testing.T) {
	t.Parallel()
	req := request(t, []string{"douyin-dm", "email"}, "a.mp4=settled")
	_, err := runBeside(t.Context(), t, &engine{}, &engine{failure: errors.New("no room")}, req, &observer{})
	require.ErrorContains(t, err, "no room")

	req = request(t, []string{"douyin-dm", "email"}, "a.mp4=settled")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err = runBeside(ctx, t, &engine{}, &engine{seen: func(media.Job) { cancel() }}, req, &observer{})
	require.ErrorIs(t, err, context.Canceled)
}

func runBeside(ctx context.Context, t *testing.T, e, behind prepare.Engine, req prepare.Request, obs prepare.Observer) (*dossier.Record, error) {
	t.Helper()
	p, err := prepare.New(prepare.Config{Catalog: flowstest.Catalogue(t), Engine: e, Behind: behind, Clock: clock()})
	require.NoError(t, err)
	return p.Run(ctx, req, obs)
}
