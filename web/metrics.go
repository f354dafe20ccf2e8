package web

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"clipcase/flows"
)

// Metrics counts the work done. Labels are names of the catalogue and of the
// program, never of people or cases.
type Metrics struct {
	registry *prometheus.Registry
	packs    *prometheus.CounterVec
	pieces   *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	failures *prometheus.CounterVec
}

// Lengths tells how many tasks wait and run in each queue.
type Lengths func() (waiting, running map[string]int, err error)

// NewMetrics makes the counters.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		packs:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clipcase_packs_made_total", Help: "Packs made, by channel."}, []string{"channel"}),
		pieces:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clipcase_pieces_made_total", Help: "Pieces made, by channel."}, []string{"channel"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "clipcase_work_seconds", Help: "Seconds a piece of work took, by kind.",
			Buckets: []float64{0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3600},
		}, []string{"kind"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "clipcase_failures_total", Help: "Failures, by kind of work and class."}, []string{"kind", "class"}),
	}
	m.registry.MustRegister(m.packs, m.pieces, m.seconds, m.failures,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// WithQueues adds the queues' lengths, read when the figures are asked for.
func (m *Metrics) WithQueues(lengths Lengths) { m.registry.MustRegister(&queueCollector{lengths}) }

// Refusals tells what channels did not take.
type Refusals func(context.Context) ([]flows.RefusalCount, error)

// WithRefusals adds what channels did not take, read when the figures are asked for.
func (m *Metrics) WithRefusals(told Refusals) { m.registry.MustRegister(&refusalCollector{told}) }

// Made counts a pack with its pieces.
func (m *Metrics) Made(channel string, pieces int) {
	m.packs.WithLabelValues(channel).Inc()
	m.pieces.WithLabelValues(channel).Add(float64(pieces))
}

// Spent counts the time of one piece of work.
func (m *Metrics) Spent(kind string, seconds float64) {
	m.seconds.WithLabelValues(kind).Observe(seconds)
}

// Failed counts a failure.
func (m *Metrics) Failed(kind string, class flows.Class) {
	m.failures.WithLabelValues(kind, string(class)).Inc()
}

func (m *Metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
}

// queueCollector reads the queues at each scrape.
type queueCollector struct{ lengths Lengths }

func (*queueCollector) waiting() *prometheus.Desc {
	return prometheus.NewDesc("clipcase_queue_waiting", "Tasks waiting, by queue.", []string{"queue"}, nil)
}

func (*queueCollector) running() *prometheus.Desc {
	return prometheus.NewDesc("clipcase_queue_running", "Tasks running, by queue.", []string{"queue"}, nil)
}

// Describe implements prometheus.Collector.
func (q *queueCollector) Describe(out chan<- *prometheus.Desc) {
	out <- q.waiting()
	out <- q.running()
}

// Collect implements prometheus.Collector.
func (q *queueCollector) Collect(out chan<- prometheus.Metric) {
	waiting, running, err := q.lengths()
	if err != nil {
		out <- prometheus.NewInvalidMetric(q.waiting(), err)
		return
	}
	for queue, n := range waiting {
		out <- prometheus.MustNewConstMetric(q.waiting(), prometheus.GaugeValue, float64(n), queue)
	}
	for queue, n := range running {
		out <- prometheus.MustNewConstMetric(q.running(), prometheus.GaugeValue, float64(n), queue)
	}
}
