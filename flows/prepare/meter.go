package prepare

import (
	"math"
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
	inside  float64   // of the costs of the jobs under way
	begun   time.Time // of rendering
	told    float64   // seconds since begun at which the time left was last reckoned
	first   time.Duration
}

func newMeter(clock func() time.Time, id string, obs Observer) *meter {
	return &meter{clock: clock, obs: obs, started: clock(), now: flows.WorkProgress{Case: id, Left: -1}}
}

func (m *meter) elapsed() time.Duration { return m.clock().Sub(m.started) }

func (m *meter) step(name string) {
	m.now.Step = name
	if name == stepRender && m.begun.IsZero() {
		m.begun = m.clock()
	}
	if name == stepDocument {
		m.now.Left = 0 // a blink, whatever the estimate still said
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

// inJob says that so much more of the planned cost is done of a job under way, for
// a channel ("" = none that anyone waits for).
func (m *meter) inJob(channel string, more float64) {
	m.inside += more
	m.rendered(channel)
}

// endJob says that a job under way has ended, of which inside was told and whose
// planned cost was cost.
func (m *meter) endJob(channel string, inside, cost float64) {
	m.inside, m.spent = m.inside-inside, m.spent+cost
	m.rendered(channel)
}

func (m *meter) rendered(channel string) {
	if channel != "" {
		m.now.Channel = channel
	}
	if m.cost <= 0 {
		return
	}
	done := min(m.cost, m.spent+m.inside)
	share := done / m.cost
	if taken := m.clock().Sub(m.begun).Seconds(); taken > 1 {
		// Costs are about seconds: the first pieces correct that, not replace it.
		m.left(taken, (m.cost-done)*(taken+believed)/(done+believed))
	}
	m.reach(shareProbe + (shareRender-shareProbe)*share)
}

const (
	believed = 5.0 // seconds of work that the planned costs count as much as
	settling = 4.0 // seconds in which what is shown follows most of a new estimate; less towards the end
)

// left moves the time left towards a new estimate, gently: a number that jumps
// is not believed.
func (m *meter) left(taken, estimate float64) {
	if m.now.Left < 0 {
		m.now.Left, m.told = estimate, taken
		return
	}
	passed := max(0, taken-m.told)
	m.told = taken
	expected := max(0, m.now.Left-passed)
	m.now.Left = expected + (estimate-expected)*(1-math.Exp(-passed/max(0.3, min(settling, estimate/4))))
}

// piece notes the first finished piece.
func (m *meter) piece() {
	if m.first == 0 {
		m.first = m.elapsed()
	}
}

func (m *meter) tell() { m.obs.Progress(m.now) }
