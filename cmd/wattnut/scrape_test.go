package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/wattnut/wattnut/agent"
	"github.com/wattnut/wattnut/agent/config"
	"github.com/wattnut/wattnut/internal/nuttest"
)

// bigSite writes the configuration of n UPSes of 60 variables.
func bigSite(tb testing.TB, n int) (dir string) {
	tb.Helper()
	dir = tb.TempDir()
	var upses, device strings.Builder
	for i := range n {
		fmt.Fprintf(&upses, "[ups%04d]\ndriver = dummy-ups\nport = big.dev\nmode = dummy-once\n", i)
	}
	device.WriteString("ups.status: OL CHRG\nbattery.charge: 87\nups.realpower: 120\nups.load: 23\nbattery.date: 2024-01-01\n")
	for i := range 45 {
		fmt.Fprintf(&device, "outlet.%d.current: 0.%d\n", i+1, i)
	}
	for name, text := range map[string]string{
		"ups.conf": upses.String(), "big.dev": device.String(), "upsd.conf": "LISTEN 127.0.0.1 " + nuttest.FreePort(tb) + "\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// sink is an answer that nobody reads.
type sink struct {
	header http.Header
	size   int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) WriteHeader(int)             {}
func (s *sink) Write(p []byte) (int, error) { s.size += len(p); return len(p), nil }

// bigStation runs a station of n UPSes of 60 variables until the test ends, and
// returns its pages when all of them are up.
func bigStation(tb testing.TB, n int) http.Handler {
	tb.Helper()
	dir := bigSite(tb, n)
	cfg, _ := config.Load(config.Options{Dir: dir})
	cfg.Env.WebListen, cfg.Env.History = "127.0.0.1:0", filepath.Join(dir, "history.db")
	s, err := build(tb.Context(), cfg, agent.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.run(ctx, nil, nil) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			tb.Error(err)
		}
	})
	pages := s.web.Handler()
	nuttest.Await(tb, func() error {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		if up := strings.Count(w.Body.String(), "\nnut_battery_age_seconds{"); up < n {
			return fmt.Errorf("%d of %d are up", up, n)
		}
		return nil
	})
	return pages
}

// A scrape of /metrics with everything that an agent has on it: its UPSes, their
// histories, and itself.
func BenchmarkScrape(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			pages := bigStation(b, n)
			request := httptest.NewRequest(http.MethodGet, "/metrics", nil)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			before := processorTime(b)
			for b.Loop() {
				w.size = 0
				pages.ServeHTTP(w, request)
			}
			b.ReportMetric(float64((processorTime(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(w.size), "page-bytes")
		})
	}
}

// processorTime is what this process has used, polls and the collection of garbage
// included: on a machine that is busy with other things, the time on the clock says
// little.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
