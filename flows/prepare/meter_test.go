package prepare

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"clipcase/flows"
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
