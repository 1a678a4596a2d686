package otlp

import (
	"context"
	"slices"
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
	texts    *nut.Memo[[]piece] // what it says that is no number
	hardware *nut.Memo[[]piece] // the same as hw.*; nil for none
}

func newProducer(c Config, start time.Time) *producer {
	p := &producer{
		fleet: c.Fleet, version: c.Version, start: start,
		sources: append([]collectors.Source{agent(c.Version)}, c.Sources...),
		quiet:   nut.NewMemo(render(false)),
		forced:  nut.NewMemo(render(true)),
		texts:   nut.NewMemo(renderTexts),
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
		own.addAll(memo.Of(u.Snapshot))
		if u.Texts {
			own.addAll(p.texts.Of(u.Snapshot))
		}
		if p.hardware != nil {
			hw.addAll(p.hardware.Of(u.Snapshot))
		}
	}
	for _, source := range p.sources {
		for s := range source.Samples() {
			own.sample(s)
			if p.hardware != nil && s.Desc.Name == energyName {
				hw.add(hwEnergy, energy(s))
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

// page gathers points from many UPSes into metrics, in the order of their first
// appearance. The zero page is empty and ready.
type page struct {
	byName  map[string]int
	bundles []bundle
}

// bundle is a metric's points as they came. They are others' to keep.
type bundle struct {
	metric metric
	parts  [][]point
}

func (p *page) add(m metric, points ...point) {
	i, ok := p.byName[m.name]
	if !ok {
		if p.byName == nil {
			p.byName = make(map[string]int)
		}
		i = len(p.bundles)
		p.byName[m.name] = i
		p.bundles = append(p.bundles, bundle{metric: m})
	}
	p.bundles[i].parts = append(p.bundles[i].parts, points)
}

func (p *page) addAll(pieces []piece) {
	for _, piece := range pieces {
		p.add(piece.metric, piece.points...)
	}
}

func (p *page) sample(s collectors.Sample) { p.add(newMetric(s.Desc), newPoint(s)) }

// pieces is the page, in points of its own.
func (p *page) pieces() []piece {
	all := make([]piece, len(p.bundles))
	for i, b := range p.bundles {
		all[i] = piece{b.metric, slices.Concat(b.parts...)}
	}
	return all
}

func (p *page) scope(from *producer, now time.Time) metricdata.ScopeMetrics {
	s := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: scopeName, Version: from.version}}
	for _, b := range p.bundles {
		s.Metrics = append(s.Metrics, metricdata.Metrics{
			Name: b.metric.name, Description: b.metric.help, Unit: b.metric.unit, Data: b.metric.data(b.parts, from.start, now),
		})
	}
	return s
}
