package otlp

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// point is one number of a metric, or what a spread counted, at no time yet.
type point struct {
	attributes   attribute.Set
	value        float64
	distribution *collectors.Distribution // nil but of a spread
}

// piece is what one UPS has of one metric.
type piece struct {
	metric metric
	points []point
}

// metric is what all points of a metric share.
type metric struct {
	name, unit, help string
	shape            shape
}

// shape is how the numbers of a metric behave.
type shape uint8

const (
	gauge  shape = iota
	sum          // goes up and down, and makes sense added up
	rising       // a sum that only goes up
	spread       // a histogram
)

func newMetric(d *collectors.Desc) metric {
	m := metric{help: d.Help}
	m.name, m.unit = d.OTel()
	switch d.Kind {
	case collectors.Counter:
		m.shape = rising
	case collectors.Histogram:
		m.shape = spread
	case collectors.Gauge:
	}
	return m
}

// render renders what follows from a snapshot alone.
func render(forced bool) func(*nut.Snapshot) []piece {
	return func(s *nut.Snapshot) []piece { return pieces(collectors.Readings(s, forced)) }
}

func renderTexts(s *nut.Snapshot) []piece { return pieces(collectors.Texts(s)) }

// pieces makes points of samples, those of a family together.
func pieces(samples []collectors.Sample) []piece {
	slices.SortStableFunc(samples, func(a, b collectors.Sample) int { return cmp.Compare(a.Desc.Name, b.Desc.Name) })
	var all []piece
	for i, s := range samples {
		if i == 0 || samples[i-1].Desc.Name != s.Desc.Name {
			all = append(all, piece{metric: newMetric(s.Desc)})
		}
		last := &all[len(all)-1]
		last.points = append(last.points, newPoint(s))
	}
	return all
}

func newPoint(s collectors.Sample) point {
	attributes := make([]attribute.KeyValue, 0, len(s.Labels))
	for i, name := range s.Desc.Labels {
		if s.Labels[i] != "" { // to Prometheus, the same as one that is not there
			attributes = append(attributes, text(name, s.Labels[i]))
		}
	}
	return point{attribute.NewSet(attributes...), s.Value, s.Distribution}
}

// text is an attribute of any bytes: what is not UTF-8 would spoil the whole
// message.
func text(key, value string) attribute.KeyValue {
	return attribute.String(key, strings.ToValidUTF8(value, "\uFFFD"))
}

// data makes a metric's data of points, all observed now. What counts does so
// since start.
func (m metric) data(parts [][]point, start, now time.Time) metricdata.Aggregation {
	switch m.shape {
	case gauge:
		return metricdata.Gauge[float64]{DataPoints: numbers(parts, time.Time{}, now)}
	case spread:
		return metricdata.Histogram[float64]{DataPoints: spreads(parts, start, now), Temporality: metricdata.CumulativeTemporality}
	case sum, rising:
	}
	return metricdata.Sum[float64]{
		DataPoints: numbers(parts, start, now), Temporality: metricdata.CumulativeTemporality, IsMonotonic: m.shape == rising,
	}
}

func numbers(parts [][]point, start, now time.Time) []metricdata.DataPoint[float64] {
	all := make([]metricdata.DataPoint[float64], 0, len(parts))
	for _, part := range parts {
		for _, p := range part {
			all = append(all, metricdata.DataPoint[float64]{Attributes: p.attributes, StartTime: start, Time: now, Value: p.value})
		}
	}
	return all
}

func spreads(parts [][]point, start, now time.Time) []metricdata.HistogramDataPoint[float64] {
	all := make([]metricdata.HistogramDataPoint[float64], 0, len(parts))
	for _, part := range parts {
		for _, p := range part {
			d := p.distribution
			all = append(all, metricdata.HistogramDataPoint[float64]{
				Attributes: p.attributes, StartTime: start, Time: now,
				Count: d.Count(), Sum: d.Sum, Bounds: d.Bounds, BucketCounts: d.Counts,
			})
		}
	}
	return all
}
