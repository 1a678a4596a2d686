package otlp

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	nethttp "net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	collectorlogs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	collectormetrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// taker is as much of a collector as shows what was sent; the tests in the
// module e2e have a real one.
type taker struct {
	mu      sync.Mutex
	metrics []string // names
	logs    []string // names of events
	who     []string // names of resource attributes
	headers nethttp.Header
}

func (c *taker) ServeHTTP(w nethttp.ResponseWriter, r *nethttp.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		body, _ = gzip.NewReader(body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		nethttp.Error(w, err.Error(), nethttp.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = r.Header
	switch r.URL.Path {
	case "/v1/metrics":
		var m collectormetrics.ExportMetricsServiceRequest
		if err := proto.Unmarshal(data, &m); err != nil {
			nethttp.Error(w, err.Error(), nethttp.StatusBadRequest)
		}
		for _, resource := range m.ResourceMetrics {
			for _, kv := range resource.Resource.Attributes {
				c.who = append(c.who, kv.Key+"="+kv.Value.GetStringValue())
			}
			for _, scope := range resource.ScopeMetrics {
				for _, metric := range scope.Metrics {
					c.metrics = append(c.metrics, metric.Name)
				}
			}
		}
	case "/v1/logs":
		var m collectorlogs.ExportLogsServiceRequest
		if err := proto.Unmarshal(data, &m); err != nil {
			nethttp.Error(w, err.Error(), nethttp.StatusBadRequest)
		}
		for _, resource := range m.ResourceLogs {
			for _, scope := range resource.ScopeLogs {
				for _, record := range scope.LogRecords {
					c.logs = append(c.logs, record.EventName)
				}
			}
		}
	default:
		nethttp.NotFound(w, r)
	}
}

// seen is a copy of what came.
func (c *taker) seen() (metrics, logs, who []string, headers nethttp.Header) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.metrics), slices.Clone(c.logs), slices.Clone(c.who), c.headers.Clone()
}

// start makes and runs an Exporter as the environment says, and returns what
// ends it.
func start(t *testing.T, c Config) (e *Exporter, end func()) {
	t.Helper()
	s, err := FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	if c.Log == nil {
		c.Log = quiet()
	}
	if e, err = New(t.Context(), s, c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	return e, sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ended with %v", err)
		}
	})
}

func TestSends(t *testing.T) {
	var c taker
	server := httptest.NewServer(&c)
	defer server.Close()
	clean(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret%20one", "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	e, end := start(t, Config{Fleet: fleet{ups("a", "battery.charge: 50")}, Version: "1.2", Instance: "me"})
	defer end()
	e.Event(nut.Event{Type: "ONBATT", UPS: "a", Time: time.Now()})
	if err := e.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	metrics, logs, who, headers := c.seen()
	for _, want := range []string{"nut.ups.up", "nut.ups.data_age", "nut.battery.charge", "nut.agent.info", "nut.otlp.exports"} {
		if !slices.Contains(metrics, want) {
			t.Errorf("there is no %s in %q", want, metrics)
		}
	}
	if !slices.Equal(logs, []string{"ONBATT"}) {
		t.Errorf("the events are %q", logs)
	}
	if !slices.Contains(who, "service.instance.id=me") || !slices.Contains(who, "service.name=wattnut") {
		t.Errorf("the resource is %q", who)
	}
	if headers.Get("X-Key") != "secret one" || headers.Get("Content-Encoding") != "gzip" || headers.Get("Content-Type") != "application/x-protobuf" {
		t.Errorf("the headers are %v", headers)
	}
}

// What there is goes out at the end.
func TestLastWords(t *testing.T) {
	var c taker
	server := httptest.NewServer(&c)
	defer server.Close()
	clean(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	e, end := start(t, Config{Fleet: fleet{ups("a")}})
	e.Event(nut.Event{Type: "SHUTDOWN", UPS: "a", Time: time.Now()})
	end()
	if metrics, logs, _, _ := c.seen(); !slices.Contains(metrics, "nut.ups.up") || !slices.Equal(logs, []string{"SHUTDOWN"}) {
		t.Errorf("got %q and %q", metrics, logs)
	}
	e.Event(nut.Event{Type: "ONLINE"}) // too late, and no harm
}

// A signal alone.
func TestOneSignal(t *testing.T) {
	var c taker
	server := httptest.NewServer(&c)
	defer server.Close()
	for _, none := range []string{"OTEL_LOGS_EXPORTER", "OTEL_METRICS_EXPORTER"} {
		clean(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL, "OTEL_LOGS_EXPORTER", "", "OTEL_METRICS_EXPORTER", "", none, "none")
		e, end := start(t, Config{Fleet: fleet{ups("a")}})
		e.Event(nut.Event{Type: "FSD", UPS: "a", Time: time.Now()})
		if err := e.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		end()
		c.mu.Lock()
		if (len(c.logs) > 0) == (none == "OTEL_LOGS_EXPORTER") || (len(c.metrics) > 0) == (none == "OTEL_METRICS_EXPORTER") {
			t.Errorf("without %s there are %q and %q", none, c.metrics, c.logs)
		}
		c.metrics, c.logs = nil, nil
		c.mu.Unlock()
	}
}

// A collector that is not there is told once, counted, and costs the end no
// more than the grace.
func TestNobodyThere(t *testing.T) {
	server := httptest.NewServer(&taker{})
	server.Close()
	clean(t, "OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	var b strings.Builder
	e, end := start(t, Config{Fleet: fleet{ups("a")}, Log: logTo(&b)})
	for range 3 {
		if err := e.Flush(t.Context()); err != nil {
			t.Error(err)
		}
	}
	e.Event(nut.Event{Type: "ONBATT", UPS: "a", Time: time.Now()})
	_ = e.Flush(t.Context())
	got := counted(e)
	began := time.Now()
	end()
	if took := time.Since(began); took > grace+time.Second {
		t.Errorf("the end took %v", took)
	}
	if got["nut_otlp_exports_total logs failed"] == 0 || got["nut_otlp_exports_total metrics failed"] != 4 || got["nut_otlp_events_waiting"] != 1 {
		t.Errorf("counted: %v", got)
	}
	if n := strings.Count(b.String(), "level=WARN"); n != 2 {
		t.Errorf("%d warnings:\n%s", n, b.String())
	}
}

// counted is what an Exporter says of itself.
func counted(e *Exporter) map[string]float64 {
	all := map[string]float64{}
	for s := range e.Samples() {
		all[strings.Join(append([]string{s.Desc.Name}, s.Labels...), " ")] = s.Value
	}
	return all
}

// metricClient that counts, or hangs.
type meter struct {
	sdkmetric.Exporter
	mu    sync.Mutex
	calls []time.Time
	hang  bool
	err   error
}

func (*meter) Temporality(sdkmetric.InstrumentKind) metricdata.Temporality {
	return metricdata.CumulativeTemporality
}

func (*meter) Aggregation(k sdkmetric.InstrumentKind) sdkmetric.Aggregation {
	return sdkmetric.DefaultAggregationSelector(k)
}

func (m *meter) Export(ctx context.Context, _ *metricdata.ResourceMetrics) error {
	m.mu.Lock()
	m.calls = append(m.calls, time.Now())
	m.mu.Unlock()
	if m.hang {
		<-ctx.Done()
		return ctx.Err()
	}
	return m.err
}

func (*meter) ForceFlush(context.Context) error { return nil }
func (*meter) Shutdown(context.Context) error   { return nil }

func (m *meter) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.calls)
}

// An event that may be the last takes the metrics with it; without one, they go
// out at the interval that the environment says.
func TestUrgentEventsTakeTheMetricsAlong(t *testing.T) {
	clean(t, "OTEL_METRIC_EXPORT_INTERVAL", "15000")
	synctest.Test(t, func(t *testing.T) {
		m := &meter{}
		e := &Exporter{urgent: make(chan struct{}, 1)}
		e.sendMetrics(m, Config{Fleet: fleet{ups("a")}, Log: quiet()}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx) }()
		pass(time.Minute + time.Second)
		if n := m.count(); n != 4 {
			t.Errorf("%d exports in a minute", n)
		}
		e.Event(nut.Event{Type: "ONBATT"})
		synctest.Wait()
		e.Event(nut.Event{Type: "LOWBATT"})
		synctest.Wait()
		if n := m.count(); n != 5 {
			t.Errorf("%d exports after LOWBATT", n)
		}
		cancel()
		<-done
		if n := m.count(); n != 6 {
			t.Errorf("%d exports after the end", n)
		}
	})
}

// A collector that hangs holds up neither Flush nor the end.
func TestHangingCollector(t *testing.T) {
	clean(t)
	synctest.Test(t, func(t *testing.T) {
		e := events(&client{slow: true}, 8, 5)
		e.sendMetrics(&meter{hang: true}, Config{Fleet: fleet{ups("a")}, Log: quiet()}, nil)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx) }()
		e.Event(nut.Event{Type: "ONBATT"})
		pass(90 * time.Second)
		soon, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		began := time.Now()
		if err := e.Flush(soon); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > time.Second {
			t.Errorf("flushed in %v: %v", time.Since(began), err)
		}
		began = time.Now()
		cancel()
		<-done
		if time.Since(began) > grace {
			t.Errorf("ended after %v", time.Since(began))
		}
	})
}

// A fleet of any size goes out in messages that collectors take.
func TestMessagesAreBounded(t *testing.T) {
	clean(t)
	var f fleet
	for range 3000 {
		f = append(f, collectors.UPS{Snapshot: ups("u", "ups.status: OL").Snapshot})
	}
	m := &meter{}
	e := &Exporter{urgent: make(chan struct{}, 1)}
	e.sendMetrics(m, Config{Fleet: f, Log: quiet()}, nil)
	if err := e.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	var points int
	for _, scope := range produce(t, newProducer(Config{Fleet: f}, time.Now())) {
		points += len(lines(t, scope))
	}
	if want := points/maxPoints + 1; m.count() < want || want < 2 {
		t.Errorf("%d points in %d messages", points, m.count())
	}
	if err := e.close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestOutcomeTellsTheEdges(t *testing.T) {
	var b strings.Builder
	o := &outcome{signal: "logs", log: logTo(&b)}
	long := strings.Repeat("a", 1<<20) // a collector's words are in its errors
	for _, err := range []error{nil, errors.New(long), errors.New("b"), nil, nil} {
		o.note(err)
	}
	if sent, failed := o.counts(); sent != 3 || failed != 2 {
		t.Errorf("%d sent, %d failed", sent, failed)
	}
	if got := b.String(); strings.Count(got, "level=WARN") != 1 || strings.Count(got, "level=INFO") != 1 || !strings.Contains(got, "error=a") || len(got) > 2*maxText {
		t.Errorf("told:\n%s", got)
	}
}
