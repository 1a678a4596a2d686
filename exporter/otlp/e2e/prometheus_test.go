package e2e

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"log/slog"
	"math"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	client "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/textparse"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/prometheus/prometheus/tsdb"
	"github.com/prometheus/prometheus/tsdb/chunkenc"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/otlp"
	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// source is samples at rest.
type source []collectors.Sample

func (s source) Samples() iter.Seq[collectors.Sample] { return slices.Values(s) }

// Every recorded device, and what an agent counts, comes to Prometheus by OTLP
// in the same series, with the same values, as from /metrics. Both ways go through
// Prometheus' own code: its OTLP receiver as it is set up by default and its
// storage, and its parser of pages.
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
	scraped, pushed := scrape(t, f, counted), push(t, f, counted)
	if len(scraped) < 25000 {
		t.Errorf("only %d series", len(scraped))
	}
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

// isShared tells whether a family is of those that go both ways: not of the
// process, and not about the pushing itself.
func isShared(name string) bool {
	return strings.HasPrefix(name, "nut_") && !strings.HasPrefix(name, "nut_otlp_")
}

// scrape is what Prometheus reads of the page.
func scrape(t *testing.T, f collectors.Fleet, s source) map[string]float64 {
	t.Helper()
	var page bytes.Buffer
	if err := prometheus.New(f, "1.2", s).Write(&page, expfmt.NewFormat(expfmt.TypeTextPlain)); err != nil {
		t.Fatal(err)
	}
	all := make(map[string]float64)
	parser := textparse.NewPromParser(page.Bytes(), labels.NewSymbolTable(), false)
	for {
		entry, err := parser.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry == textparse.EntrySeries {
			var set labels.Labels
			parser.Labels(&set)
			if isShared(set.Get(model.MetricNameLabel)) {
				_, _, all[set.String()] = parser.Series()
			}
		}
	}
}

// push is what Prometheus stores of what is pushed, without the labels that
// stand for the target.
func push(t *testing.T, f collectors.Fleet, s source) map[string]float64 {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	db, err := tsdb.Open(t.TempDir(), quiet, nil, tsdb.DefaultOptions(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	settings := func() config.Config { return config.Config{OTLPConfig: config.DefaultOTLPConfig} }
	receiver := remote.NewOTLPWriteHandler(quiet, client.NewRegistry(), db, settings, remote.OTLPOptions{LookbackDelta: 5 * time.Minute})
	server := httptest.NewServer(receiver)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", server.URL+"/api/v1/otlp/v1/metrics")
	e, end := run(t, otlp.Config{Fleet: f, Sources: []collectors.Source{s}, Version: "1.2", Instance: "me"})
	if err := e.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	all := stored(t, db)
	for s := range e.Samples() {
		if s.Labels != nil && s.Labels[1] == "failed" && s.Value > 0 {
			t.Errorf("%v of the messages were refused", s.Value)
		}
	}
	end()
	return all
}

func stored(t *testing.T, db *tsdb.DB) map[string]float64 {
	t.Helper()
	querier, err := db.Querier(math.MinInt64, math.MaxInt64)
	if err != nil {
		t.Fatal(err)
	}
	defer querier.Close()
	all := make(map[string]float64)
	set := querier.Select(t.Context(), false, nil, labels.MustNewMatcher(labels.MatchRegexp, model.MetricNameLabel, ".+"))
	for set.Next() {
		series := set.At()
		if !isShared(series.Labels().Get(model.MetricNameLabel)) {
			continue
		}
		if job, instance := series.Labels().Get("job"), series.Labels().Get("instance"); job != "wattnut" || instance != "me" {
			t.Errorf("%s is of %s, %s", series.Labels(), job, instance)
		}
		key := labels.NewBuilder(series.Labels()).Del("job", "instance").Labels().String()
		for it := series.Iterator(nil); it.Next() == chunkenc.ValFloat; {
			_, all[key] = it.At()
		}
	}
	if err := set.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
