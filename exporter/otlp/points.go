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

type point = metricdata.DataPoint[float64]

// piece is what one UPS has of one metric. Its points have no time yet.
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
)

func newMetric(d *collectors.Desc) metric {
	m := metric{help: d.Help}
	m.name, m.unit = d.OTel()
	if d.Kind == collectors.Counter {
		m.shape = rising
	}
	return m
}

// render renders what follows from a snapshot alone.
func render(forced bool) func(*nut.Snapshot) []piece {
	return func(s *nut.Snapshot) []piece { return pieces(collectors.Readings(s, forced)) }
}

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
	return point{Attributes: attribute.NewSet(attributes...), Value: s.Value}
}

// text is an attribute of any bytes: what is not UTF-8 would spoil the whole
// message.
func text(key, value string) attribute.KeyValue {
	return attribute.String(key, strings.ToValidUTF8(value, "\uFFFD"))
}

// data makes a metric's data of points that are its own, all observed now.
func (m metric) data(points []point, start, now time.Time) metricdata.Aggregation {
	for i := range points {
		points[i].Time = now
		if m.shape != gauge {
			points[i].StartTime = start
		}
	}
	if m.shape == gauge {
		return metricdata.Gauge[float64]{DataPoints: points}
	}
	return metricdata.Sum[float64]{
		DataPoints: points, Temporality: metricdata.CumulativeTemporality, IsMonotonic: m.shape == rising,
	}
}
