package prepare

import (
	"time"

	"clipcase/flows"
)

// Shares of the whole that the steps before and after rendering take.
const (
	shareStage  = 2.0
	shareProbe  = 4.0
	shareRender = 98.0
)

// meter tells how far the work is. What it says never goes back.
type meter struct {
	clock   func() time.Time
	obs     Observer
	started time.Time
	now     flows.WorkProgress
	cost    float64 // planned work, in units that take about equally long
	spent   float64
	begun   time.Time // of rendering
	first   time.Duration
}

func newMeter(clock func() time.Time, id string, obs Observer) *meter {
	return &meter{clock: clock, obs: obs, started: clock(), now: flows.WorkProgress{Case: id, Left: -1}}
}

func (m *meter) elapsed() time.Duration { return m.clock().Sub(m.started) }

func (m *meter) step(name string) {
	m.now.Step = name
	if name == stepRender {
		m.begun = m.clock()
	}
	m.tell()
}

// reach moves to a percentage.
func (m *meter) reach(percent float64) {
	m.now.Percent = max(m.now.Percent, min(percent, 100))
	m.tell()
}

// part is a share of a step that runs from one percentage to another.
func (m *meter) part(from, to float64, done, of int) {
	m.reach(from + (to-from)*float64(done)/float64(max(of, 1)))
}

// rendered says that units of the planned cost are done, inside being those of
// the piece under way.
func (m *meter) rendered(channel string, inside float64) {
	m.now.Channel = channel
	if m.cost <= 0 {
		return
	}
	share := min(1, (m.spent+inside)/m.cost)
	taken := m.clock().Sub(m.begun).Seconds()
	if share > 0.02 && taken > 1 {
		m.now.Left = taken * (1 - share) / share
	}
	m.reach(shareProbe + (shareRender-shareProbe)*share)
}

// piece notes the first finished piece.
func (m *meter) piece() {
	if m.first == 0 {
		m.first = m.elapsed()
	}
}

func (m *meter) tell() { m.obs.Progress(m.now) }
