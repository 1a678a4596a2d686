package e2e

import (
	"context"
	"io"
	"math"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"github.com/wattnut/wattnut/exporter/otlp"
	"github.com/wattnut/wattnut/nut"
)

// down is an address where nobody listens.
func down(t *testing.T, _ string) string {
	t.Helper()
	return free(t)
}

// slow takes everything and never answers.
func slow(t *testing.T, _ string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				_, _ = io.Copy(io.Discard, conn)
			}()
		}
	}()
	return l.Addr().String()
}

// refusing answers with an error, and by HTTP with more words than anyone wants.
func refusing(code int, status codes.Code) func(*testing.T, string) string {
	return func(t *testing.T, protocol string) string {
		t.Helper()
		if protocol != "grpc" {
			words := make([]byte, 1<<16)
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(code)
				_, _ = w.Write(words)
			}))
			t.Cleanup(s.Close)
			return s.Listener.Addr().String()
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
			return grpcstatus.Error(status, "no")
		}))
		t.Cleanup(s.Stop)
		go func() { _ = s.Serve(l) }()
		return l.Addr().String()
	}
}

// hurry makes everything fail a hundred times as often as in the field.
func hurry(t *testing.T, protocol, address string) {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+address)
	t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "50")
	t.Setenv("OTEL_METRIC_EXPORT_INTERVAL", "20")
	t.Setenv("OTEL_METRIC_EXPORT_TIMEOUT", "50")
	t.Setenv("OTEL_BLRP_EXPORT_TIMEOUT", "50")
	t.Setenv("OTEL_BLRP_MAX_QUEUE_SIZE", "100")
}

// heap is what is in use between two messages.
func heap() int64 {
	least := int64(math.MaxInt64)
	for range 10 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		least = min(least, int64(m.HeapAlloc))
		<-time.After(7 * time.Millisecond)
	}
	return least
}

// Whatever is wrong with a collector, memory is flat, an event waits for
// nothing, and the end is in time.
func TestMemoryIsFlat(t *testing.T) {
	var f fleet
	for i := range 100 {
		f = append(f, ups("u"+strconv.Itoa(i), "ups.status: OL CHRG", "battery.charge: 50", "input.voltage: 230"))
	}
	for name, trouble := range map[string]func(t *testing.T, protocol string) string{
		"down": down, "slow": slow,
		"busy":     refusing(http.StatusServiceUnavailable, codes.Unavailable),
		"refusing": refusing(http.StatusUnauthorized, codes.Unauthenticated),
	} {
		for _, protocol := range protocols {
			t.Run(name+" "+protocol, func(t *testing.T) {
				hurry(t, protocol, trouble(t, protocol))
				e, end := run(t, otlp.Config{Fleet: f, Hardware: true})
				// storm tells how many of its events took long, as each would that
				// waits for such a collector.
				storm := func(rounds int) (late int) {
					for range rounds {
						for range 200 {
							began := time.Now()
							e.Event(nut.Event{Time: began, UPS: "u1", Type: "ALARM", Text: "it goes on and on"})
							if time.Since(began) > 40*time.Millisecond {
								late++
							}
						}
						<-time.After(10 * time.Millisecond)
					}
					return late
				}
				storm(40)
				before, goroutines := heap(), runtime.NumGoroutine()
				late := storm(80)
				if grown := heap() - before; grown > 4<<20 {
					t.Errorf("%d bytes more are in use", grown)
				}
				if n := runtime.NumGoroutine() - goroutines; n > 20 {
					t.Errorf("%d goroutines more", n)
				}
				if late > 160 {
					t.Errorf("%d of 16000 events waited", late)
				}
				began := time.Now()
				end()
				if took := time.Since(began); took > 3*time.Second {
					t.Errorf("the end took %v", took)
				}
			})
		}
	}
}

// A collector that returns gets the metrics, and the events that it missed, in
// order.
func TestReturning(t *testing.T) {
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			address := free(t)
			hurry(t, protocol, address)
			t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "2000")
			t.Setenv("OTEL_METRIC_EXPORT_TIMEOUT", "2000")
			t.Setenv("OTEL_BLRP_EXPORT_TIMEOUT", "2000")
			e, _ := run(t, otlp.Config{Fleet: fleet{ups("rack", "battery.charge: 50")}})
			want := []string{"ONBATT", "LOWBATT", "ONLINE"}
			for _, kind := range want {
				e.Event(nut.Event{Time: time.Now(), UPS: "rack", Type: kind})
			}
			soon, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
			_ = e.Flush(soon)
			cancel()
			var c collector
			c.receive(t, protocol, address, nil)
			late := time.After(30 * time.Second)
			for {
				metrics, events := c.received()
				if slices.Contains(metrics, "nut.battery.charge") && slices.Equal(events, want) {
					return
				}
				select {
				case <-late:
					t.Fatalf("got %q and %q", metrics, events)
				case <-time.After(50 * time.Millisecond):
				}
			}
		})
	}
}
