package prometheus

import (
	"fmt"

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
		desc := prometheus.NewDesc(s.Desc.Name, s.Desc.Help, s.Desc.Labels, nil)
		metric, err := constMetric(desc, s)
		if err != nil {
			metric = prometheus.NewInvalidMetric(desc, err)
		}
		ch <- metric
	}
}

func constMetric(desc *prometheus.Desc, s collectors.Sample) (prometheus.Metric, error) {
	switch s.Desc.Kind {
	case collectors.Histogram:
		return constHistogram(desc, s)
	case collectors.Counter:
		return prometheus.NewConstMetric(desc, prometheus.CounterValue, s.Value, s.Labels...)
	default:
		return prometheus.NewConstMetric(desc, prometheus.GaugeValue, s.Value, s.Labels...)
	}
}

// constHistogram makes a histogram, whose buckets have in them what those below
// have.
func constHistogram(desc *prometheus.Desc, s collectors.Sample) (prometheus.Metric, error) {
	d := s.Distribution
	if d == nil || len(d.Counts) != len(d.Bounds)+1 {
		return nil, fmt.Errorf("%s: it has no classes between its bounds", s.Desc.Name)
	}
	buckets, below := make(map[float64]uint64, len(d.Bounds)), uint64(0)
	for i, bound := range d.Bounds {
		below += d.Counts[i]
		buckets[bound] = below
	}
	return prometheus.NewConstHistogram(desc, d.Count(), d.Sum, buckets, s.Labels...)
}
