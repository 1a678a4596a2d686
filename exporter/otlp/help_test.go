package otlp

import (
	"iter"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// fleet is UPSes at rest.
type fleet []collectors.UPS

func (f fleet) All() iter.Seq[collectors.UPS] { return slices.Values(f) }

// source is samples at rest.
type source []collectors.Sample

func (s source) Samples() iter.Seq[collectors.Sample] { return slices.Values(s) }

// ups makes a Live one of lines like "battery.charge: 87".
func ups(name string, lines ...string) collectors.UPS {
	var d nut.Draft
	for _, line := range lines {
		key, value, _ := strings.Cut(line, ": ")
		d.Set(nut.Name(key), value)
	}
	now := time.Now()
	return collectors.UPS{Snapshot: d.Freeze(name, nut.Live, now), Contact: now}
}

// clean takes away whatever the environment says of OpenTelemetry, and says
// other things.
func clean(t *testing.T, pairs ...string) {
	t.Helper()
	for _, v := range os.Environ() {
		if key, _, _ := strings.Cut(v, "="); strings.HasPrefix(key, "OTEL_") {
			t.Setenv(key, "")
		}
	}
	for pair := range slices.Chunk(pairs, 2) {
		t.Setenv(pair[0], pair[1])
	}
}

// quiet discards what is logged.
func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

// lines writes metrics in the way of Prometheus, sorted.
func lines(t *testing.T, s metricdata.ScopeMetrics) []string {
	t.Helper()
	var all []string
	for _, m := range s.Metrics {
		for _, p := range points(t, m) {
			var labels []string
			for _, kv := range p.Attributes.ToSlice() {
				labels = append(labels, string(kv.Key)+"="+kv.Value.AsString())
			}
			line := m.Name + "{" + strings.Join(labels, ",") + "} " + formatted(p.Value)
			if m.Unit != "" {
				line += " " + m.Unit
			}
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return all
}

func points(t *testing.T, m metricdata.Metrics) []metricdata.DataPoint[float64] {
	t.Helper()
	switch data := m.Data.(type) {
	case metricdata.Gauge[float64]:
		return data.DataPoints
	case metricdata.Sum[float64]:
		return data.DataPoints
	}
	t.Fatalf("%s is a %T", m.Name, m.Data)
	return nil
}

// logTo logs to b, from one goroutine at a time.
func logTo(b *strings.Builder) *slog.Logger { return slog.New(slog.NewTextHandler(b, nil)) }
