package prometheus_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/internal/nuttest"
)

func allowed(tb testing.TB, addresses ...string) []probe.Target {
	tb.Helper()
	text := "targets:\n"
	for _, a := range addresses {
		text += "- {target: \"" + a + "\", tls: no, timeout: 1s}\n"
	}
	list, err := probe.Parse([]byte(text), ".")
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// discover gets a list, a line for each target: "target label=value ...".
func discover(t *testing.T, s site, h http.Handler, query string) []string {
	t.Helper()
	code, text := s.ask(h, query)
	if code != http.StatusOK {
		t.Fatal(code, text)
	}
	var list []struct {
		Targets []string
		Labels  map[string]string
	}
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&list); err != nil {
		t.Fatal(err, text)
	}
	var lines []string
	for _, g := range list {
		line := strings.Join(g.Targets, "+")
		for _, name := range slices.Sorted(maps.Keys(g.Labels)) {
			line += fmt.Sprintf(" %s=%s", strings.TrimPrefix(name, "__meta_nut_"), g.Labels[name])
		}
		lines = append(lines, strings.ReplaceAll(line, s.odd.Addr, "$T"))
	}
	return lines
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("the list is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestDiscovery(t *testing.T) {
	s := newSite(t, fleet{of("rack"), of("office")})
	h := s.Discovery(func(string) []string { return nil })
	want := []string{
		"wattnut.example.org:9199 role=agent server= ups=,rack,office, __metrics_path__=/metrics",
		"wattnut.example.org:9199 role=server server=$T ups=,far,old, __metrics_path__=/probe __param_target=$T instance=$T site=cellar",
	}
	expect(t, discover(t, s, h, ""), want...)
	expect(t, discover(t, s, h, "role=ups"), want...)
	s.odd.Set("LIST UPS", nuttest.Close) // the list stays whole while a server is away
	expect(t, discover(t, s, h, ""), want...)
	if code, _ := s.ask(h, "role=x"); code != http.StatusBadRequest {
		t.Error(code)
	}
	if _, text := s.ask(h, "role=host"); text != "[]\n" {
		t.Errorf("no hosts are %q", text)
	}
}

// A host has the UPS that feeds it, as others know it.
func TestDiscoveryOfHosts(t *testing.T) {
	s := newSite(t, fleet{of("rack"), of("office")})
	s.odd.Set("LIST CLIENT far", nuttest.List("CLIENT far", "192.0.2.10", "127.0.0.1", "evil.example.org/x"))
	s.odd.Set("LIST CLIENT old", nuttest.List("CLIENT old", "192.0.2.20"))
	logins := map[string][]string{"rack": {"::1", "192.0.2.20", "192.0.2.30", "192.0.2.30"}, "office": {"2001:db8::1", "192.0.2.40"}}
	h := s.Discovery(func(ups string) []string { return logins[ups] })
	want := []string{
		"127.0.0.1 role=host servers=,$T, ups=,far, ups=far",
		"192.0.2.10 role=host servers=,$T, ups=,far, ups=far",
		"192.0.2.20 role=host servers=,$T,, ups=,old,rack,", // fed by two, and so by no one alone
		"192.0.2.30 role=host servers=,, ups=,rack, ups=rack",
		"192.0.2.40 role=host servers=,, ups=,office, ups=office",
		"[2001:db8::1] role=host servers=,, ups=,office, ups=office",
		"wattnut.example.org role=host servers=,, ups=,rack, ups=rack",
	}
	expect(t, discover(t, s, h, "role=host"), want...)
	// A host logs out when it is shut down, and a server goes with its power:
	// just then the mapping is needed.
	logins = nil
	s.odd.Set("LIST UPS", nuttest.Close)
	expect(t, discover(t, s, h, "role=host"), want...)
	s.Servers.Replace(nil)
	expect(t, discover(t, s, h, "role=host"), "192.0.2.20 role=host servers=,, ups=,rack, ups=rack", want[3], want[4], want[5], want[6])
}

// After a week a host that never came back has no UPS any more.
func TestDiscoveryForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		logins := []string{"192.0.2.1"}
		targets := &prometheus.Targets{Local: fleet{of("rack")}, Log: slog.New(slog.DiscardHandler)}
		s := site{targets, &nuttest.Odd{Addr: "odd"}}
		h := targets.Discovery(func(string) []string { return logins })
		one := "192.0.2.1 role=host servers=,, ups=,rack, ups=rack"
		expect(t, discover(t, s, h, "role=host"), one)
		logins = nil
		<-time.After(6 * 24 * time.Hour)
		expect(t, discover(t, s, h, "role=host"), one)
		<-time.After(2 * 24 * time.Hour)
		expect(t, discover(t, s, h, "role=host"))
	})
}

// Whatever logs in, the list is bounded.
func TestDiscoveryIsBounded(t *testing.T) {
	var clients []string
	for i := range 20000 {
		clients = append(clients, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	s := newSite(t, fleet{of("rack")})
	s.Servers.Replace(nil)
	if got := discover(t, s, s.Discovery(func(string) []string { return clients }), "role=host"); len(got) != 1<<14 {
		t.Errorf("%d hosts", len(got))
	}
}

// Servers that hang are asked at the same time, and hold the list up only once.
func TestDiscoveryInTime(t *testing.T) {
	var addresses []string
	for range 10 {
		addresses = append(addresses, nuttest.StartOdd(t, map[string]nuttest.Answer{"VER": nuttest.Hang}).Addr)
	}
	s := newSite(t, nil)
	s.Servers.Replace(allowed(t, addresses...))
	start := time.Now()
	if got := discover(t, s, s.Discovery(func(string) []string { return nil }), ""); len(got) != 11 {
		t.Error(got)
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
}
