// Package e2e tests package otlp against the receiver of the OpenTelemetry
// Collector and the storage of Prometheus, both in the process of the test. It is
// a module of its own, so that what they depend on is no matter of ours.
package e2e

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"iter"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/config/configtls"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/otlpreceiver"
	"go.opentelemetry.io/collector/receiver/receivertest"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/otlp"
	"github.com/wattnut/wattnut/nut"
)

// fleet is UPSes at rest.
type fleet []collectors.UPS

func (f fleet) All() iter.Seq[collectors.UPS] { return slices.Values(f) }

// ups makes a Live one of lines like "battery.charge: 87".
func ups(name string, lines ...string) collectors.UPS {
	var d nut.Draft
	for _, line := range lines {
		key, value, _ := strings.Cut(line, ": ")
		d.Set(nut.Name(key), value)
	}
	now := time.Now()
	return collectors.UPS{Snapshot: d.Freeze(name, nut.Live, now), Contact: now}
}

// collector is a real one's receiver, and what it received.
type collector struct {
	metrics consumertest.MetricsSink
	logs    consumertest.LogsSink
}

// receive starts a collector at an address, with TLS where there is a
// certificate, until the test ends.
func (c *collector) receive(t *testing.T, protocol, address string, tls *configtls.ServerConfig) {
	t.Helper()
	factory := otlpreceiver.NewFactory()
	config := factory.CreateDefaultConfig().(*otlpreceiver.Config)
	if protocol == "grpc" {
		grpc := config.Protocols.GRPC.GetOrInsertDefault()
		grpc.NetAddr.Endpoint = address
		if tls != nil {
			*grpc.TLS.GetOrInsertDefault() = *tls
		}
	} else {
		http := config.Protocols.HTTP.GetOrInsertDefault()
		http.ServerConfig.NetAddr.Endpoint = address
		if tls != nil {
			*http.ServerConfig.TLS.GetOrInsertDefault() = *tls
		}
	}
	settings := receivertest.NewNopSettings(factory.Type())
	metrics, err := factory.CreateMetrics(t.Context(), settings, config, &c.metrics)
	if err != nil {
		t.Fatal(err)
	}
	logs, err := factory.CreateLogs(t.Context(), settings, config, &c.logs)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []component.Component{metrics, logs} {
		if err := part.Start(t.Context(), componenttest.NewNopHost()); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = part.Shutdown(context.WithoutCancel(t.Context())) })
	}
}

// received is the names of metrics and events.
func (c *collector) received() (metrics, events []string) {
	for _, m := range c.metrics.AllMetrics() {
		for _, resource := range m.ResourceMetrics().All() {
			for _, scope := range resource.ScopeMetrics().All() {
				for _, metric := range scope.Metrics().All() {
					metrics = append(metrics, metric.Name())
				}
			}
		}
	}
	for _, l := range c.logs.AllLogs() {
		for _, resource := range l.ResourceLogs().All() {
			for _, scope := range resource.ScopeLogs().All() {
				for _, record := range scope.LogRecords().All() {
					events = append(events, record.EventName())
				}
			}
		}
	}
	return metrics, events
}

// free finds an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// run runs an Exporter as the environment says, until end is called or the test
// ends.
func run(t *testing.T, c otlp.Config) (e *otlp.Exporter, end func()) {
	t.Helper()
	settings, err := otlp.FromEnv()
	if err != nil {
		t.Fatal(err)
	}
	c.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	if e, err = otlp.New(t.Context(), settings, c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- e.Run(ctx) }()
	end = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	t.Cleanup(end)
	return e, end
}

// certificate makes one for the loopback address, and writes it and its key.
func certificate(t *testing.T) (certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, kind string, der []byte) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	return write("cert.pem", "CERTIFICATE", cert), write("key.pem", "PRIVATE KEY", private)
}
