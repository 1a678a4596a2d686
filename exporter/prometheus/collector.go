package prometheus

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/wattnut/wattnut/collectors"
)

// Collector makes a collector of the client library of a source, for what an
// agent counts of itself. The families may differ from one scrape to the next.
func Collector(s collectors.Source) prometheus.Collector { return collector{s} }

type collector struct{ source collectors.Source }

// Describe describes nothing: what a source has is known when it is asked.
func (c collector) Describe(chan<- *prometheus.Desc) {}

func (c collector) Collect(ch chan<- prometheus.Metric) {
	for s := range c.source.Samples() {
		kind := prometheus.GaugeValue
		if s.Desc.Kind == collectors.Counter {
			kind = prometheus.CounterValue
		}
		desc := prometheus.NewDesc(s.Desc.Name, s.Desc.Help, s.Desc.Labels, nil)
		metric, err := prometheus.NewConstMetric(desc, kind, s.Value, s.Labels...)
		if err != nil {
			metric = prometheus.NewInvalidMetric(desc, err)
		}
		ch <- metric
	}
}
