// Package otlp sends samples and power events to an OpenTelemetry collector.
//
// Where to and how is said by the standard environment, OTEL_*; nothing is
// sent unless it names an endpoint. Metrics are read from the same snapshots
// as the page that Prometheus scrapes, and have the same names there, see
// [collectors.Desc.OTel]. Events go out as logs.
//
// A collector that is down, slow or refuses costs a bounded amount of memory
// and nothing else: nobody waits for it but goroutines of this package.
package otlp
