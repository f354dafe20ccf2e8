package prepare

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
	"clipcase/media"
)

type deaf struct{}

func (deaf) Progress(flows.WorkProgress)            {}
func (deaf) Pack(context.Context, flows.Pack) error { return nil }

// Pieces that take three times as long as planned, or a third, must not make
// the time left leap: between two looks it falls by the time that passed and
// follows the truth gently.
func TestTimeLeftDoesNotLeap(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	m := newMeter(func() time.Time { return now }, "CC0042", deaf{})
	m.cost = 60
	m.step(stepRender)
	// Units of cost per second: as planned, slow, stuck, fast, all in one job.
	paces := []float64{1, 0.3, 0, 3, 0.5, 2}
	done, last := 0.0, -1.0
	for i := 0; done < m.cost; i++ {
		now = now.Add(500 * time.Millisecond)
		more := paces[i/20%len(paces)] / 2
		done += more
		m.inJob("douyin-dm", more)
		left := m.now.Left
		if last >= 0 {
			require.InDelta(t, last, left, max(2.5, last*0.15), "after %.1f units", done)
		}
		last = left
	}
	require.Less(t, last, 6.0, "at the end little is left")
}

// What is found out of one piece is believed of the others of its original until they
// tell themselves.
func TestEffortIsBelievedOfTheOthers(t *testing.T) {
	t.Parallel()
	one, other := &exhibit{}, &exhibit{}
	video := media.Piece{Kind: media.KindVideo, Codec: "hevc", Range: media.Range{End: 10}, Width: 720, Height: 1560, FPS: 30}
	files := []*file{
		{exhibit: one, plan: video}, {exhibit: one, plan: video}, {exhibit: one, plan: media.Piece{Kind: media.KindImage}}, {exhibit: other, plan: video},
	}
	w := &work{meter: newMeter(time.Now, "CC0042", deaf{})}
	w.packs = []*pack{{work: w, files: files}}
	w.price()
	quiet := w.meter.cost
	piece := files[0].cost

	w.reckon(files[0], 2)
	require.InDelta(t, 2*piece, files[0].cost, 1e-9)
	require.InDelta(t, 4.0/3*files[1].quiet, files[1].cost, 1e-9, "the same original")
	require.InDelta(t, files[2].quiet, files[2].cost, 1e-9, "a still")
	require.InDelta(t, files[3].quiet, files[3].cost, 1e-9, "another original")
	require.InDelta(t, quiet+piece+files[1].quiet/3, w.meter.cost, 1e-9)

	w.reckon(files[1], 1)
	require.InDelta(t, files[1].quiet, files[1].cost, 1e-9)
	require.InDelta(t, quiet+piece, w.meter.cost, 1e-9)

	// What a job under way has made still counts when the rest is reckoned anew.
	files[0].made = &media.Made{}
	w.price()
	require.InDelta(t, quiet+piece, w.meter.cost, 1e-9, "and its reading is paid for once")
}
