package prometheus_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// site is pages about targets, and what stands behind them.
type site struct {
	*prometheus.Targets
	odd *nuttest.Odd
}

// newSite has a fleet of its own and may ask one odd server, which has a UPS
// that is well and one that is stale.
func newSite(tb testing.TB, local fleet, lines ...string) site {
	tb.Helper()
	odd := nuttest.StartOdd(tb, map[string]nuttest.Answer{
		"VER":          nuttest.Say("Network UPS Tools upsd 2.8.0 - http://www.networkupstools.org/"),
		"LIST UPS":     nuttest.List("UPS", `far "Far away"`, `old ""`),
		"LIST VAR far": nuttest.List("VAR far", `ups.status "OL"`, `battery.charge "42"`, `device.model "6\" \\ rack"`, `device.serial "0764"`),
		"LIST VAR old": nuttest.Say("ERR DATA-STALE"),
	})
	text := "targets:\n- target: \"" + odd.Addr + "\"\n  tls: no\n  labels: {site: cellar}\n"
	for _, line := range lines {
		text += "  " + line + "\n"
	}
	list, err := probe.Parse([]byte(text), ".")
	if err != nil {
		tb.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	servers := probe.New(list, log)
	tb.Cleanup(servers.Close)
	return site{&prometheus.Targets{Local: local, Servers: servers, Version: "1.2.3", Log: log}, odd}
}

// ask gets a page and returns its code and text. query is as after the "?",
// with $T for the odd server.
func (s site) ask(h http.Handler, query string, headers ...string) (int, string) {
	query = strings.ReplaceAll(query, "$T", url.QueryEscape(s.odd.Addr))
	r := httptest.NewRequest(http.MethodGet, "http://wattnut.example.org:9199/page?"+query, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// has tells what lines a page misses, and which it must not have.
func has(t *testing.T, page string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		line, not := strings.CutPrefix(line, "!")
		if found := strings.Contains("\n"+page, "\n"+line); found == not {
			t.Errorf("the page has %q: %v\n%s", line, found, page)
			return
		}
	}
}

// well parses a page, as Prometheus does.
func well(t *testing.T, page string) {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	if _, err := parser.TextToMetricFamilies(strings.NewReader(page)); err != nil {
		t.Errorf("%v in\n%s", err, page)
	}
}

func TestProbe(t *testing.T) {
	s := newSite(t, fleet{read(t, "small", "testdata/small.dev")})
	code, page := s.ask(s.Probe(), "target=$T")
	if code != http.StatusOK {
		t.Fatal(code, page)
	}
	well(t, page)
	has(t, page,
		`nut_probe_success 1`, `nut_ups_up{ups="far"} 1`, `nut_ups_up{ups="old"} 0`, `nut_ups_data_age_seconds{ups="old"} +Inf`,
		`nut_battery_charge_ratio{ups="far"} 0.42`, `nut_ups_on_line{ups="far"} 1`,
		`nut_ups_info{ups="far",description="Far away",model="6\" \\ rack",serial="0764"} 1`,
		`!nut_battery_charge_ratio{ups="old"}`, `!nut_ups_up{ups="small"}`, `!go_`)
	if strings.Contains(page, "server=") {
		t.Error("the page has a label for the server")
	}
	_, page = s.ask(s.Probe(), "target=$T&ups=far&ups=none")
	has(t, page, `nut_ups_up{ups="far"} 1`, `nut_ups_up{ups="none"} 0`, `!nut_ups_up{ups="old"}`)
	_, page = s.ask(s.Probe(), "target=$T", "Accept", "application/openmetrics-text;version=1.0.0")
	if !strings.HasSuffix(page, "# EOF\n") {
		t.Errorf("OpenMetrics ends in %q", page[len(page)-30:])
	}
}

// The page of a remote UPS has the families that /metrics has of the same UPS.
func TestProbeIsAsMetrics(t *testing.T) {
	big := read(t, "big", "testdata/big.dev")
	answers := map[string]nuttest.Answer{"VER": nuttest.Say("x"), "LIST UPS": nuttest.List("UPS", `big ""`)}
	var rows []string
	for v := range big.Snapshot.Variables() {
		rows = append(rows, fmt.Sprintf("%s %q", v.Name, v.Value))
	}
	answers["LIST VAR big"] = nuttest.List("VAR big", rows...)
	s := newSite(t, nil)
	for request, answer := range answers {
		s.odd.Set(request, answer)
	}
	_, got := s.ask(s.Probe(), "target=$T")
	without := func(page string) string {
		var b strings.Builder
		for line := range strings.Lines(fleetOnly(page)) {
			if !strings.Contains(line, "nut_ups_data_age_seconds") && !strings.Contains(line, "nut_probe_success") && !strings.Contains(line, "nut_agent_info") {
				b.WriteString(line)
			}
		}
		return b.String()
	}
	if want := without(page(t, fleet{big})); without(got) != want {
		t.Error(firstDifference(without(got), want))
	}
}

func TestProbeRefuses(t *testing.T) {
	s := newSite(t, nil, "ups: [far]")
	tests := []struct {
		query string
		code  int
		text  string
	}{
		{"", 400, "target: there is none"},
		{"target=", 400, "target: there is none"},
		{"target=a:b:c", 400, "no port number"},
		{"target=%zz", 400, "query: "},
		{"target=$T&ups=%0a", 400, "cannot be the name of a UPS"},
		{"target=$T&ups=" + strings.Repeat("x", 300), 400, "cannot be the name of a UPS"},
		{"target=$T" + strings.Repeat("&ups=a", 2000), 400, "more than 1024 names"},
		{"target=127.0.0.1:1", 403, "target 127.0.0.1:1: it is not in the file of targets (WATTNUT_PROBE_CONFIG)"},
		{"target=metadata.internal", 403, "target metadata.internal:3493: it is not"},
		{"target=$T&ups=old", 403, "is not one that may be shown"},
		{"target=$T&ups=far", 200, `nut_ups_up{ups="far"} 1`},
	}
	for _, tt := range tests {
		if code, text := s.ask(s.Probe(), tt.query); code != tt.code || !strings.Contains(text, tt.text) {
			t.Errorf("%.60s is answered with %d %s", tt.query, code, text)
		}
	}
	s.Servers = nil
	if code, text := s.ask(s.Probe(), "target=$T"); code != 403 || !strings.Contains(text, "there is no file of targets (WATTNUT_PROBE_CONFIG)") {
		t.Errorf("without a file it is answered with %d %s", code, text)
	}
}

// A target that is the agent itself is shown without asking over the network.
func TestProbeOfOneself(t *testing.T) {
	s := newSite(t, fleet{read(t, "small", "testdata/small.dev"), read(t, "big", "testdata/big.dev")})
	own := func(address string) net.Addr {
		a, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	tests := []struct {
		own, target string
		is          bool
	}{
		{"0.0.0.0:3493", "localhost", true},
		{"[::]:3493", "127.0.0.1:3493", true},
		{"[::1]:3493", "localhost", true},
		{"127.0.0.1:3493", "127.0.0.1", true},
		{"192.0.2.7:3493", "192.0.2.7", true},
		{"192.0.2.7:3493", "localhost", false},
		{"0.0.0.0:3493", "192.0.2.7", false},
		{"0.0.0.0:3493", "localhost:3494", false},
		{"0.0.0.0:3493", "other", false},
	}
	for _, tt := range tests {
		s.Own = []net.Addr{&net.UnixAddr{Name: "x"}, own(tt.own)}
		code, page := s.ask(s.Probe(), "target="+url.QueryEscape(tt.target)+"&ups=SMALL&ups=none")
		if is := code == http.StatusOK; is != tt.is {
			t.Errorf("served at %s, %s is answered with %d", tt.own, tt.target, code)
		} else if is {
			has(t, page, `nut_probe_success 1`, `nut_ups_up{ups="small"} 1`, `nut_ups_up{ups="none"} 0`, `!nut_ups_up{ups="big"}`)
		}
	}
}

// The page is out before Prometheus gives up on it.
func TestProbeInTime(t *testing.T) {
	s := newSite(t, nil)
	s.odd.Set("LIST VAR old", nuttest.Hang)
	start := time.Now()
	code, page := s.ask(s.Probe(), "target=$T", "X-Prometheus-Scrape-Timeout-Seconds", "0.8")
	if took := time.Since(start); code != http.StatusOK || took > 800*time.Millisecond {
		t.Errorf("answered with %d after %v", code, took)
	}
	has(t, page, `nut_ups_up{ups="far"} 1`, `nut_ups_up{ups="old"} 0`, `nut_probe_success 0`)
	for _, header := range []string{"", "x", "-1", "NaN", "1e300"} {
		s.odd.Set("LIST VAR old", nuttest.Say("ERR DATA-STALE"))
		if _, page := s.ask(s.Probe(), "target=$T", "X-Prometheus-Scrape-Timeout-Seconds", header); !strings.Contains(page, "nut_probe_success 1") {
			t.Errorf("with %q there is no success", header)
		}
	}
}

// Pages about targets take any query without harm.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"target=localhost:1&ups=a", "server=localhost&serverport=1&variables=&statuses=,,", "ups=%ff&variables=a%00b", "target=[::1", "target=%5b::1%5d:1",
		"statuses=a%22b&variables=ups.status", "serverport=99999999", "username=a&password=b", ";", "%",
	} {
		f.Add(q)
	}
	u := read(f, "small", "testdata/small.dev")
	local := fleet{u, {Snapshot: u.Snapshot.With(nut.Stale, time.Time{})}}
	targets := &prometheus.Targets{Local: local, Servers: probe.New(nil, slog.New(slog.DiscardHandler)), Log: slog.New(slog.DiscardHandler)}
	pages := []http.Handler{targets.Probe(), targets.DRuggeri(), targets.HON95(), targets.Discovery(func(string) []string { return nil })}
	f.Fuzz(func(t *testing.T, query string) {
		for _, h := range pages {
			r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
			r.URL.RawQuery = query
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%q is answered with %d %s", query, w.Code, w.Body)
			}
			if w.Code == http.StatusOK && !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
				well(t, w.Body.String())
			}
		}
	})
}

// BenchmarkProbe shows what the page of a remote server costs, in commands to it
// too.
func BenchmarkProbe(b *testing.B) {
	for _, n := range []int{1, 100} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newSite(b, nil)
			var rows []string
			for _, u := range many(b, n) {
				rows = append(rows, u.Snapshot.UPS+` ""`)
				var variables []string
				for v := range u.Snapshot.Variables() {
					variables = append(variables, fmt.Sprintf("%s %q", v.Name, v.Value))
				}
				s.odd.Set("LIST VAR "+u.Snapshot.UPS, nuttest.List("VAR "+u.Snapshot.UPS, variables...))
			}
			s.odd.Set("LIST UPS", nuttest.List("UPS", rows...))
			h := s.Probe()
			b.ReportAllocs()
			for b.Loop() {
				s.ask(h, "target=$T")
			}
			b.ReportMetric(float64(len(s.odd.Requests()))/float64(b.N), "commands/op")
		})
	}
}

var _ collectors.Fleet = fleet{}
