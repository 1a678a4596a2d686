package e2e

import (
	"crypto/tls"
	"slices"
	"testing"
	"time"

	"go.opentelemetry.io/collector/config/configtls"

	"github.com/wattnut/wattnut/exporter/otlp"
	"github.com/wattnut/wattnut/nut"
)

// protocols are the two, and the names that the environment has for them.
var protocols = []string{"http/protobuf", "grpc"}

// Metrics and events reach a real collector, by each protocol, plain and by
// TLS, compressed and not.
func TestSends(t *testing.T) {
	certFile, keyFile := certificate(t)
	for _, protocol := range protocols {
		for _, secure := range []bool{false, true} {
			t.Run(protocol+map[bool]string{false: "", true: " by TLS"}[secure], func(t *testing.T) {
				var server *configtls.ServerConfig
				scheme := "http"
				t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
				if secure {
					scheme = "https"
					server = &configtls.ServerConfig{Config: configtls.Config{CertFile: certFile, KeyFile: keyFile}}
					t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", certFile)
					t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
				}
				var c collector
				address := free(t)
				c.receive(t, protocol, address, server)
				t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", scheme+"://"+address)
				e, _ := run(t, otlp.Config{
					Fleet: fleet{ups("rack", "battery.charge: 50", "ups.status: OB")}, Version: "1.2", Instance: "me", Hardware: true,
				})
				at := time.Now().Add(-time.Minute)
				e.Event(nut.Event{Time: at, UPS: "rack", Type: "ONBATT", Text: "it is dark"})
				if err := e.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
				metrics, events := c.received()
				for _, want := range []string{"nut.ups.up", "nut.ups.data_age", "nut.battery.charge", "nut.ups.on_battery", "hw.battery.charge", "hw.status"} {
					if !slices.Contains(metrics, want) {
						t.Errorf("there is no %s in %q", want, metrics)
					}
				}
				if !slices.Equal(events, []string{"ONBATT"}) {
					t.Fatalf("the events are %q", events)
				}
				checkRecord(t, &c, at)
				checkResource(t, &c)
			})
		}
	}
}

func checkRecord(t *testing.T, c *collector, at time.Time) {
	t.Helper()
	record := c.logs.AllLogs()[0].ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().At(0)
	name, _ := record.Attributes().Get("ups")
	text, _ := record.Attributes().Get("text")
	if name.Str() != "rack" || text.Str() != "it is dark" || !record.Timestamp().AsTime().Equal(at) || record.SeverityText() != "WARN" ||
		record.Body().Str() != "rack: ONBATT it is dark" {
		t.Errorf("the event is %v at %v: %q", record.Attributes().AsRaw(), record.Timestamp(), record.Body().Str())
	}
}

func checkResource(t *testing.T, c *collector) {
	t.Helper()
	for _, who := range []map[string]any{
		c.metrics.AllMetrics()[0].ResourceMetrics().At(0).Resource().Attributes().AsRaw(),
		c.logs.AllLogs()[0].ResourceLogs().At(0).Resource().Attributes().AsRaw(),
	} {
		if who["service.name"] != "wattnut" || who["service.version"] != "1.2" || who["service.instance.id"] != "me" || who["host.name"] == "" {
			t.Errorf("the resource is %v", who)
		}
	}
}

// A collector whose certificate nobody vouches for gets nothing.
func TestStrangeCertificate(t *testing.T) {
	certFile, keyFile := certificate(t)
	if _, err := tls.LoadX509KeyPair(certFile, keyFile); err != nil {
		t.Fatal(err)
	}
	other, _ := certificate(t)
	for _, protocol := range protocols {
		t.Run(protocol, func(t *testing.T) {
			var c collector
			address := free(t)
			c.receive(t, protocol, address, &configtls.ServerConfig{Config: configtls.Config{CertFile: certFile, KeyFile: keyFile}})
			t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "https://"+address)
			t.Setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", other)
			t.Setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "300")
			t.Setenv("OTEL_METRIC_EXPORT_TIMEOUT", "500")
			t.Setenv("OTEL_BLRP_EXPORT_TIMEOUT", "500")
			e, _ := run(t, otlp.Config{Fleet: fleet{ups("rack")}})
			e.Event(nut.Event{Time: time.Now(), UPS: "rack", Type: "ONBATT"})
			_ = e.Flush(t.Context())
			if metrics, events := c.received(); len(metrics)+len(events) > 0 {
				t.Errorf("got %q and %q", metrics, events)
			}
		})
	}
}
