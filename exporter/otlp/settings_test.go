package otlp

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestSettings(t *testing.T) {
	const endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
	for name, tt := range map[string]struct {
		env           []string
		metrics, logs Protocol
	}{
		"nothing is asked for": {nil, off, off},
		"no endpoint":          {[]string{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_METRIC_EXPORT_INTERVAL", "what"}, off, off},
		"an endpoint":          {[]string{endpoint, "http://c:4318"}, http, http},
		"by gRPC":              {[]string{endpoint, "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"}, grpc, grpc},
		"each its own way": {[]string{
			endpoint, "http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf",
		}, grpc, http},
		"metrics only, by its endpoint": {[]string{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://p:9090/api/v1/otlp/v1/metrics"}, http, off},
		"metrics only, by name":         {[]string{"OTEL_METRICS_EXPORTER", "otlp"}, http, off},
		"no logs":                       {[]string{endpoint, "https://c", "OTEL_LOGS_EXPORTER", "none"}, http, off},
		"disabled":                      {[]string{endpoint, "https://c", "OTEL_SDK_DISABLED", "TRUE"}, off, off},
		"disabled, and wrong":           {[]string{endpoint, "what", "OTEL_SDK_DISABLED", "true"}, off, off},
	} {
		t.Run(name, func(t *testing.T) {
			clean(t, tt.env...)
			s, err := FromEnv()
			if err != nil || s.Metrics != tt.metrics || s.Logs != tt.logs || s.Off() != (tt.metrics == off && tt.logs == off) {
				t.Errorf("got %+v, %v", s, err)
			}
		})
	}
}

func TestSettingsOfTheQueue(t *testing.T) {
	clean(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c")
	if s, err := FromEnv(); err != nil || s.queue != 2048 || s.batch != 512 || s.timeout != 30*time.Second {
		t.Errorf("got %+v, %v", s, err)
	}
	t.Setenv("OTEL_BLRP_MAX_QUEUE_SIZE", "7")
	t.Setenv("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "3")
	t.Setenv("OTEL_BLRP_EXPORT_TIMEOUT", "1500")
	if s, err := FromEnv(); err != nil || s.queue != 7 || s.batch != 3 || s.timeout != 1500*time.Millisecond {
		t.Errorf("got %+v, %v", s, err)
	}
}

// What the SDK would leave out without a word that anyone reads is told.
func TestSettingsRefused(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, value, want string }{
		{"OTEL_METRICS_EXPORTER", "prometheus", `OTEL_METRICS_EXPORTER: "prometheus" is neither otlp nor none`},
		{"OTEL_LOGS_EXPORTER", "console", `OTEL_LOGS_EXPORTER: "console" is neither`},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", `OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" is neither http/protobuf nor grpc`},
		{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "tcp", `OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "tcp"`},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "does not begin with http://"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://\x7f", "OTEL_EXPORTER_OTLP_ENDPOINT: parse"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT", "10s", `OTEL_EXPORTER_OTLP_TIMEOUT: "10s" is not a number of milliseconds`},
		{"OTEL_EXPORTER_OTLP_COMPRESSION", "zstd", `"zstd" is neither gzip nor none`},
		{"OTEL_EXPORTER_OTLP_HEADERS", "secret", "OTEL_EXPORTER_OTLP_HEADERS: it is not a list"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", "/none/such", "OTEL_EXPORTER_OTLP_CERTIFICATE: open /none/such"},
		{"OTEL_EXPORTER_OTLP_CERTIFICATE", empty, "has no certificate in it"},
		{"OTEL_EXPORTER_OTLP_CLIENT_KEY", "/none/such", "OTEL_EXPORTER_OTLP_CLIENT_KEY: open"},
		{"OTEL_METRIC_EXPORT_INTERVAL", "0", `OTEL_METRIC_EXPORT_INTERVAL: "0" is not a number from 1`},
		{"OTEL_METRIC_EXPORT_TIMEOUT", "-1", "OTEL_METRIC_EXPORT_TIMEOUT"},
		{"OTEL_BLRP_MAX_QUEUE_SIZE", "99999999999", "OTEL_BLRP_MAX_QUEUE_SIZE"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clean(t, "OTEL_EXPORTER_OTLP_ENDPOINT", "http://c", tt.name, tt.value)
			s, err := FromEnv()
			if err == nil || !strings.Contains(err.Error(), tt.want) || !s.Off() {
				t.Errorf("got %+v, %v, want %s", s, err, tt.want)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("%v shows a secret", err)
			}
		})
	}
}
