package prometheus

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	client "github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// Exporter makes the page that Prometheus scrapes. Its methods may be called
// from any goroutine. Make one with [New].
type Exporter struct {
	fleet    collectors.Fleet
	registry *prometheus.Registry
	quiet    *nut.Memo[[]piece] // what a snapshot says
	forced   *nut.Memo[[]piece] // the same under an order to shut down
	slots    chan struct{}      // one for each page that may be in the making
}

// New returns an exporter of a fleet, of the process and the Go runtime, of
// nut_agent_info with the version, and of further sources. The families of a
// source must be of other names than all those.
func New(fleet collectors.Fleet, version string, sources ...collectors.Source) *Exporter {
	e := &Exporter{
		fleet:    fleet,
		registry: prometheus.NewRegistry(),
		quiet:    nut.NewMemo(render(false)),
		forced:   nut.NewMemo(render(true)),
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

// family is one family of the page, in pieces from many UPSes.
type family struct {
	desc   *collectors.Desc
	pieces [][]byte
}

// families gathers what the fleet says, sorted by name.
func (e *Exporter) families(now time.Time) []*family {
	byName := make(map[string]*family)
	add := func(d *collectors.Desc, lines []byte) {
		f := byName[d.Name]
		if f == nil {
			f = &family{desc: d}
			byName[d.Name] = f
		}
		f.pieces = append(f.pieces, lines)
	}
	for u := range e.fleet.All() {
		for _, s := range collectors.Contact(u, now) {
			add(s.Desc, appendSample(nil, s))
		}
		if info, ok := collectors.Info(u); ok {
			add(info.Desc, appendSample(nil, info))
		}
		memo := e.quiet
		if u.Forced {
			memo = e.forced
		}
		for _, p := range memo.Of(u.Snapshot) {
			add(p.desc, p.lines)
		}
	}
	return slices.SortedFunc(maps.Values(byName), func(a, b *family) int { return cmp.Compare(a.desc.Name, b.desc.Name) })
}

// Write writes the page in a format of expfmt's, the text format or
// OpenMetrics. What a source has wrong is left out and told; the rest of the
// page is whole.
func (e *Exporter) Write(w io.Writer, format expfmt.Format) error {
	var header []byte
	for _, f := range e.families(time.Now()) {
		header = appendHeader(header[:0], f.desc)
		if _, err := w.Write(header); err != nil {
			return err
		}
		for _, lines := range f.pieces {
			if _, err := w.Write(lines); err != nil {
				return err
			}
		}
	}
	return e.writeSelf(expfmt.NewEncoder(w, format))
}

// writeSelf writes what is not of the fleet, and the end of the page.
func (e *Exporter) writeSelf(encoder expfmt.Encoder) error {
	families, gatherErr := e.registry.Gather()
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
