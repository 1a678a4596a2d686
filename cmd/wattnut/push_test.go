package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/agent/monitor"
	"github.com/wattnut/wattnut/nut/conf"
)

// heap is a collector that keeps the messages as they came, by their path.
type heap struct {
	mu  sync.Mutex
	got map[string][]byte
}

func (h *heap) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	data, err := io.ReadAll(r.Body)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		h.got[r.URL.Path] = append(h.got[r.URL.Path], data...)
	}
}

// has tells whether all words came to a path. Texts are themselves in protobuf.
func (h *heap) has(path string, words ...string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, word := range words {
		if !bytes.Contains(h.got[path], []byte(word)) {
			return false
		}
	}
	return true
}

// newStation builds one over a UPS that goes on battery after a second.
func newStation(t *testing.T) *station {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"ups.conf": "[rack]\n\tdriver = dummy-ups\n\tport = rack.seq\n\tpollinterval = 1\n",
		"rack.seq": "ups.status: OL\nbattery.charge: 87\nTIMER 1\nups.status: OB DISCHRG\nTIMER 3600\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("WATTNUT_LISTEN", "127.0.0.1:0")
	t.Setenv("WATTNUT_WEB_LISTEN", "127.0.0.1:0")
	t.Setenv("WATTNUT_STATE_DIR", filepath.Join(dir, "state"))
	c, report := config.Load(config.Options{Dir: dir})
	for _, p := range report.Problems {
		t.Log(p)
	}
	s, err := build(t.Context(), c, agent.Options{Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPush(t *testing.T) {
	collector := &heap{got: map[string][]byte{}}
	server := httptest.NewServer(collector)
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_METRIC_EXPORT_INTERVAL", "100")
	t.Setenv("WATTNUT_OTLP_HARDWARE", "yes")
	s := newStation(t)
	if s.sender == nil || len(s.sources()) != 4 {
		t.Fatal("nothing is sent")
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.run(ctx, nil, nil) }()
	late := time.After(20 * time.Second)
	for !collector.has("/v1/metrics", "nut.battery.charge", "nut.ups.on_battery", "nut.upsd.clients", "nut.agent.info", "hw.battery.charge", "service.instance.id") ||
		!collector.has("/v1/logs", "ONBATT", "rack") {
		select {
		case <-late:
			t.Fatalf("got %q", collector.got)
		case <-time.After(20 * time.Millisecond):
		}
	}
	hostEvents{s}.Notify(monitor.Notify{Type: monitor.OnBattery, UPS: "elsewhere@other"}) // devices tell that
	hostEvents{s}.Notify(monitor.Notify{Type: monitor.Forced, UPS: "rack@localhost"})
	hostEvents{s}.Notify(monitor.Notify{Type: monitor.Shutdown})
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !collector.has("/v1/logs", "rack: FSD", "SHUTDOWN") || collector.has("/v1/logs", "elsewhere") || collector.has("/v1/logs", "localhost") {
		t.Errorf("the last words are %q", collector.got["/v1/logs"])
	}
}

// Without a word of a collector, or with a wrong one, all else is as ever.
func TestNoPush(t *testing.T) {
	for _, endpoint := range []string{"", "collector:4317"} {
		t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
		s := newStation(t)
		if s.sender != nil || len(s.sources()) != 3 {
			t.Errorf("with %q something is sent", endpoint)
		}
		s.agent.Close()
		s.pages.Close()
		var report config.Report
		checkPush(&report)
		if err := report.Err(conf.Error); (err != nil) != (endpoint != "") {
			t.Errorf("with %q check says %v", endpoint, err)
		}
	}
}
