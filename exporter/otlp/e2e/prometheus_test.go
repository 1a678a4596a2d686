package e2e

import (
	"iter"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/otlp"
	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// source is samples at rest.
type source []collectors.Sample

func (s source) Samples() iter.Seq[collectors.Sample] { return slices.Values(s) }

// Every recorded device, and what an agent counts, comes to one Prometheus by OTLP
// in the same series, with the same values, as it scrapes from /metrics, by what its
// query API tells of both.
func TestPushedIsScraped(t *testing.T) {
	f := collectors.WithTexts(append(dumps(t), odd()...))
	counted := source{
		{
			Desc:   &collectors.Desc{Name: "nut_upsd_requests_total", Help: "Requests.", Kind: collectors.Counter, Labels: []string{"command", "result"}},
			Labels: []string{"GET VAR", "OK"}, Value: 7,
		},
		{
			Desc:   &collectors.Desc{Name: "nut_ups_energy_joules_total", Help: "Energy.", Unit: "joules", Kind: collectors.Counter, Labels: []string{"ups", "source"}},
			Labels: []string{"a", "measured"}, Value: 3.6e6,
		},
		{
			Desc:   &collectors.Desc{Name: "nut_ups_on_battery_seconds_total", Help: "Time.", Unit: "seconds", Kind: collectors.Counter, Labels: []string{"ups"}},
			Labels: []string{"a"}, Value: 60,
		},
		{
			Desc:   &collectors.Desc{Name: "nut_ups_on_battery_seconds", Help: "Time.", Unit: "seconds", Labels: []string{"ups"}},
			Labels: []string{"a"}, Value: 30,
		},
		{
			Desc:         &collectors.Desc{Name: "nut_driver_poll_duration_seconds", Help: "Time.", Unit: "seconds", Kind: collectors.Histogram, Labels: []string{"ups"}},
			Labels:       []string{"a"},
			Distribution: &collectors.Distribution{Bounds: []float64{.001, .9, 24.3}, Counts: []uint64{4, 0, 2, 1}, Sum: 55.5},
		},
	}
	metrics := httptest.NewServer(prometheus.New(f, "1.2", counted).Handler(slog.New(slog.DiscardHandler)))
	defer metrics.Close()
	server := startServer(t, metrics.Listener.Addr().String())
	push(t, f, counted, server.url)
	scraped, pushed := server.await("scraped", 25000), server.await("wattnut", 25000)
	t.Logf("%d series", len(scraped))
	for series, want := range scraped {
		got, ok := pushed[series]
		if delete(pushed, series); !ok {
			t.Errorf("%s is not pushed", series)
		} else if got != want && !strings.HasPrefix(series, `{__name__="nut_ups_data_age_seconds"`) {
			t.Errorf("%s is scraped as %v and pushed as %v", series, want, got)
		}
	}
	for series := range pushed {
		t.Errorf("%s is pushed only", series)
	}
}

// odd are UPSes in states that no recording has.
func odd() fleet {
	now := time.Now()
	forced := ups("forced", "ups.status: OB LB", "ups.alarm: \"quoted\" \\ back", "x.y\\\"z: 5")
	forced.Forced, forced.Desc = true, "a \"description\"\nof two lines, é"
	stale := ups("stale", "ups.status: OL")
	stale.Snapshot = stale.Snapshot.With(nut.Stale, now)
	return fleet{forced, stale, {Snapshot: new(nut.Draft).Freeze("absent", nut.Absent, now)}}
}

// dumps are the devices that were ever recorded.
func dumps(t *testing.T) fleet {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(testenv.Shared(t), "devices", "*.dev"))
	if err != nil {
		t.Fatal(err)
	}
	var f fleet
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for line := range strings.Lines(string(text)) {
			if name, value, ok := strings.Cut(line, ":"); ok && !strings.ContainsAny(name, "# ") {
				lines = append(lines, name+": "+strings.TrimSpace(value))
			}
		}
		f = append(f, ups(strings.TrimSuffix(filepath.Base(file), ".dev"), lines...))
	}
	return f
}

// push sends all there is, as the job wattnut.
func push(t *testing.T, f collectors.Fleet, s source, url string) {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", url+"/api/v1/otlp/v1/metrics")
	e, end := run(t, otlp.Config{Fleet: f, Sources: []collectors.Source{s}, Version: "1.2", Instance: "me"})
	if err := e.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	end()
	for s := range e.Samples() {
		if s.Labels != nil && s.Labels[1] == "failed" && s.Value > 0 {
			t.Errorf("%v of the messages were refused", s.Value)
		}
	}
}
