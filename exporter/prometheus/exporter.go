package prometheus

import (
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	client "github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/wattnut/wattnut/collectors"
)

// Exporter makes the page that Prometheus scrapes. Its methods may be called
// from any goroutine. Make one with [New].
type Exporter struct {
	fleet    collectors.Fleet
	registry *prometheus.Registry
	renderer renderer
	slots    chan struct{} // one for each page that may be in the making
}

// New returns an exporter of a fleet, of the process and the Go runtime, of
// nut_agent_info with the version, and of further sources. The families of a
// source must be of other names than all those.
func New(fleet collectors.Fleet, version string, sources ...collectors.Source) *Exporter {
	e := &Exporter{
		fleet:    fleet,
		registry: prometheus.NewRegistry(),
		renderer: newRenderer(),
		slots:    make(chan struct{}, maxPages),
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "nut_agent_info",
		Help:        "Which program this is, in its labels; always 1.",
		ConstLabels: prometheus.Labels{"version": version},
	})
	info.Set(1)
	e.registry.MustRegister(info, client.NewGoCollector(), client.NewProcessCollector(client.ProcessCollectorOpts{}))
	for _, s := range sources {
		e.registry.MustRegister(Collector(s))
	}
	return e
}

// Write writes the page in a format of expfmt's, the text format or
// OpenMetrics. What a source has wrong is left out and told; the rest of the
// page is whole.
func (e *Exporter) Write(w io.Writer, format expfmt.Format) error {
	p := make(page)
	e.renderer.fleet(p, e.fleet, time.Now())
	if err := p.write(w); err != nil {
		return err
	}
	return e.writeSelf(w, format)
}

// writeSelf writes what is not of the fleet, and the end of the page.
func (e *Exporter) writeSelf(w io.Writer, format expfmt.Format) error {
	encoder := expfmt.NewEncoder(w, format)
	families, gatherErr := e.registry.Gather()
	unclash(families, format)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			return err
		}
	}
	if closer, ok := encoder.(expfmt.Closer); ok {
		if err := closer.Close(); err != nil {
			return err
		}
	}
	return gatherErr
}
