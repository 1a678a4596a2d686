package otlp

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// scopeName says what made the metrics and logs.
const scopeName = "github.com/wattnut/wattnut"

// producer makes metrics of what a fleet and further sources say, whenever the
// SDK asks. What follows from a snapshot is made once and kept with it.
type producer struct {
	fleet    collectors.Fleet
	sources  []collectors.Source
	version  string
	start    time.Time          // since when the counters count
	quiet    *nut.Memo[[]piece] // what a snapshot says
	forced   *nut.Memo[[]piece] // the same under an order to shut down
	hardware *nut.Memo[[]piece] // the same as hw.*; nil for none
}

func newProducer(c Config, start time.Time) *producer {
	p := &producer{
		fleet: c.Fleet, version: c.Version, start: start,
		sources: append([]collectors.Source{agent(c.Version)}, c.Sources...),
		quiet:   nut.NewMemo(render(false)),
		forced:  nut.NewMemo(render(true)),
	}
	if c.Hardware {
		p.hardware = nut.NewMemo(hardware)
	}
	return p
}

// Produce implements [metric.Producer].
func (p *producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	now := time.Now()
	var own, hw page
	for u := range p.fleet.All() {
		for _, s := range collectors.Contact(u, now) {
			own.sample(s)
		}
		if info, ok := collectors.Info(u); ok {
			own.sample(info)
		}
		memo := p.quiet
		if u.Forced {
			memo = p.forced
		}
		own.add(memo.Of(u.Snapshot))
		if p.hardware != nil {
			hw.add(p.hardware.Of(u.Snapshot))
		}
	}
	for _, source := range p.sources {
		for s := range source.Samples() {
			own.sample(s)
			if p.hardware != nil && s.Desc.Name == energyName {
				hw.add([]piece{{hwEnergy, []point{energy(s)}}})
			}
		}
	}
	all := []metricdata.ScopeMetrics{own.scope(p, now)}
	if p.hardware != nil {
		all = append(all, hw.scope(p, now))
		all[1].Scope.SchemaURL = hardwareSchema
	}
	return all, nil
}

// page gathers pieces from many UPSes into metrics, in the order of their first
// appearance. The zero page is empty and ready.
type page struct {
	byName map[string]int
	pieces []piece
}

func (p *page) add(all []piece) {
	for _, next := range all {
		points := p.of(next.metric)
		*points = append(*points, next.points...)
	}
}

func (p *page) sample(s collectors.Sample) {
	points := p.of(newMetric(s.Desc))
	*points = append(*points, newPoint(s))
}

// of is where the points of a metric are gathered.
func (p *page) of(m metric) *[]point {
	i, ok := p.byName[m.name]
	if !ok {
		if p.byName == nil {
			p.byName = make(map[string]int)
		}
		i = len(p.pieces)
		p.byName[m.name] = i
		p.pieces = append(p.pieces, piece{metric: m})
	}
	return &p.pieces[i].points
}

func (p *page) scope(from *producer, now time.Time) metricdata.ScopeMetrics {
	s := metricdata.ScopeMetrics{
		Scope:   instrumentation.Scope{Name: scopeName, Version: from.version},
		Metrics: make([]metricdata.Metrics, len(p.pieces)),
	}
	for i, piece := range p.pieces {
		m := piece.metric
		s.Metrics[i] = metricdata.Metrics{
			Name: m.name, Description: m.help, Unit: m.unit, Data: m.data(piece.points, from.start, now),
		}
	}
	return s
}
