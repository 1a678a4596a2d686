package prometheus_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/prometheus"
)

func get(h http.Handler, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHandlerNegotiates(t *testing.T) {
	h := prometheus.New(fleet{read(t, "small", "testdata/small.dev")}, "1", counts{}).Handler(slog.New(slog.DiscardHandler))
	tests := []struct{ accept, contentType, end string }{
		{"", "text/plain; version=0.0.4", ""},
		{"text/html,*/*", "text/plain; version=0.0.4", ""},
		{"application/openmetrics-text;version=1.0.0,text/plain;q=0.5", "application/openmetrics-text; version=1.0.0", "# EOF\n"},
		{"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", "text/plain; version=0.0.4", ""},
	}
	for _, tt := range tests {
		w := get(h, "Accept", tt.accept)
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), tt.contentType) {
			t.Errorf("%q is answered with %d %s", tt.accept, w.Code, w.Header().Get("Content-Type"))
		}
		body := w.Body.String()
		if !strings.Contains(body, "nut_battery_charge_ratio{ups=\"small\"} 1\n") || !strings.Contains(body, "nut_agent_info{") {
			t.Errorf("%q has not all of the page", tt.accept)
		}
		if hasEnd := strings.HasSuffix(body, "# EOF\n"); hasEnd != (tt.end != "") || strings.Count(body, "# EOF") > 1 {
			t.Errorf("%q ends in %q", tt.accept, body[len(body)-20:])
		}
	}
}

func TestHandlerGzips(t *testing.T) {
	h := prometheus.New(many(t, 20), "1").Handler(slog.New(slog.DiscardHandler))
	for value, want := range map[string]bool{
		"": false, "identity": false, "gzip;q=0": false, "gzip; q=0.0": false, "br, gzip;q=0.5": true, "gzip": true, "*": true,
	} {
		w := get(h, "Accept-Encoding", value)
		var body io.Reader = w.Body
		if zipped := w.Header().Get("Content-Encoding") == "gzip"; zipped != want {
			t.Errorf("%q gets a zipped page: %v", value, zipped)
		} else if zipped {
			var err error
			if body, err = gzip.NewReader(w.Body); err != nil {
				t.Fatal(err)
			}
		}
		text, err := io.ReadAll(body)
		if err != nil || !bytes.Contains(text, []byte(`nut_ups_up{ups="ups0019"} 1`)) {
			t.Errorf("%q gets %d bytes, %v", value, len(text), err)
		}
	}
}

// held is a fleet that holds on to whoever asks.
type held struct{ inside, leave chan struct{} }

func (f held) All() iter.Seq[collectors.UPS] {
	return func(func(collectors.UPS) bool) { f.inside <- struct{}{}; <-f.leave }
}

func TestHandlerRefusesTooMany(t *testing.T) {
	f := held{make(chan struct{}), make(chan struct{})}
	h := prometheus.New(f, "1").Handler(slog.New(slog.DiscardHandler))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if w := get(h); w.Code != http.StatusOK {
				t.Errorf("one of eight is answered with %d", w.Code)
			}
		})
		<-f.inside
	}
	if w := get(h); w.Code != http.StatusServiceUnavailable {
		t.Errorf("the ninth is answered with %d", w.Code)
	}
	close(f.leave)
	all.Wait()
}

func TestHandlerTellsOfAWrongSource(t *testing.T) {
	var logged bytes.Buffer
	h := prometheus.New(none{}, "1", wrong{}).Handler(slog.New(slog.NewTextHandler(&logged, nil)))
	if w := get(h); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "nut_agent_info") {
		t.Errorf("answered with %d", w.Code)
	}
	if !strings.Contains(logged.String(), "nut_wrong") {
		t.Errorf("the log says %q", logged.String())
	}
}

// none is a fleet of nothing.
type none struct{}

func (none) All() iter.Seq[collectors.UPS] { return func(func(collectors.UPS) bool) {} }

func BenchmarkScrape(b *testing.B) {
	for _, encoding := range []string{"identity", "gzip"} {
		for _, n := range []int{1, 100, 1000} {
			b.Run(fmt.Sprint(encoding, "/", n), func(b *testing.B) {
				h := prometheus.New(many(b, n), "1").Handler(slog.New(slog.DiscardHandler))
				for b.Loop() {
					w := get(h, "Accept-Encoding", encoding)
					b.ReportMetric(float64(w.Body.Len()), "page-bytes")
				}
			})
		}
	}
}
