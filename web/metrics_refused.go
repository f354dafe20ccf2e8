package web

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// refusalsWithin bounds how long the figures wait for what was refused.
const refusalsWithin = 3 * time.Second

// refusalCollector reads what channels did not take at each scrape.
type refusalCollector struct{ told Refusals }

func (*refusalCollector) desc() *prometheus.Desc {
	return prometheus.NewDesc("clipcase_refused_by_channel_total", "Packs that a channel did not take as the person says, by reason and the limit that was nearest.",
		[]string{"channel", "reason", "limit"}, nil)
}

// Describe implements prometheus.Collector.
func (r *refusalCollector) Describe(out chan<- *prometheus.Desc) { out <- r.desc() }

// Collect implements prometheus.Collector.
func (r *refusalCollector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), refusalsWithin)
	defer cancel()
	all, err := r.told(ctx)
	if err != nil {
		out <- prometheus.NewInvalidMetric(r.desc(), err)
		return
	}
	for _, one := range all {
		out <- prometheus.MustNewConstMetric(r.desc(), prometheus.CounterValue, float64(one.Times), one.Channel, one.Reason, one.Limit)
	}
}
