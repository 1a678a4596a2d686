package prometheus_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/exporter/prometheus"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/nut"
)

// What other exporters of NUT's data get wrong, by their names. PeaNUT's are in
// exporter/web, those about rules in alerts.

// One stale or absent UPS blinds the rest: DRuggeri hangs, HON95 answers 503,
// netdata and telegraf fail.
func TestPeersOneStaleUPSBlindsTheRest(t *testing.T) {
	s := newSite(t, fleet{stale("old"), rack()})
	for name, answer := range map[string]nuttest.Answer{
		"stale": nuttest.Say("ERR DATA-STALE"), "absent": nuttest.Say("ERR DRIVER-NOT-CONNECTED"), "hangs": nuttest.Hang,
	} {
		s.odd.Set("LIST VAR old", answer)
		for query, want := range map[string]string{"probe target": `nut_battery_charge_ratio{ups="far"} 0.42`, "druggeri server": `network_ups_tools_battery_charge{ups="far"} 42`, "hon95 target": `nut_battery_charge{ups="far"} 0.42`} {
			page, parameter, _ := strings.Cut(query, " ")
			h := map[string]http.Handler{"probe": s.Probe(), "druggeri": s.DRuggeri(), "hon95": s.HON95()}[page]
			code, text := s.ask(h, parameter+"=$T")
			if code != http.StatusOK || !strings.Contains(text, want) {
				t.Errorf("%s, %s: %d\n%s", name, page, code, text)
			}
		}
	}
	for _, h := range []http.Handler{s.DRuggeri(), s.HON95()} {
		if code, text := s.ask(h, ""); code != http.StatusOK || !strings.Contains(text, `ups="rack"`) || strings.Contains(text, `ups="old"`) {
			t.Errorf("%d\n%s", code, text)
		}
	}
}

// Two UPSes without ?ups=: DRuggeri answers 500 "empty metric collected:".
func TestPeersDRuggeriTwoUPSes(t *testing.T) {
	s := newSite(t, fleet{rack(), of("office", "battery.charge", "5")})
	code, page := s.ask(s.DRuggeri(), "")
	if code != http.StatusOK {
		t.Fatal(code, page)
	}
	well(t, page)
	has(t, page,
		`network_ups_tools_battery_charge{ups="rack"} 87`, `network_ups_tools_battery_charge{ups="office"} 5`,
		`network_ups_tools_ups_status{ups="rack",flag="OL"} 1`, `network_ups_tools_device_info{ups="office"} 1`,
		`network_ups_tools_device_info{ups="rack",model="Tower",mfr="Example",serial="0764",type="ups"} 1`)
}

// 96 protocol commands for one UPS of 42 variables where 3 suffice (DRuggeri),
// each time over a new connection.
func TestPeersDRuggeriCommands(t *testing.T) {
	s := newSite(t, nil)
	var rows []string
	for i := range 42 {
		rows = append(rows, fmt.Sprintf(`vendor.v%d "%d"`, i, i))
	}
	s.odd.Set("LIST VAR far", nuttest.List("VAR far", rows...))
	_, page := s.ask(s.DRuggeri(), "server=$T&ups=far&variables=")
	has(t, page, "network_ups_tools_vendor_v41 41")
	if got := s.odd.Requests(); !slices.Equal(got, []string{"VER", "LIST UPS", "LIST VAR far"}) {
		t.Errorf("asked %q", got)
	}
	s.ask(s.Probe(), "target=$T&ups=far")
	if got := s.odd.Requests(); !slices.Equal(got, []string{"LIST UPS", "LIST VAR far"}) || s.odd.Opened() != 1 {
		t.Errorf("asked %q over %d connections", got, s.odd.Opened())
	}
}

// ?server=X makes the exporter send its configured user and password to X
// (DRuggeri).
func TestPeersDRuggeriLeaksItsPassword(t *testing.T) {
	s := newSite(t, nil, "username: u", "password: p")
	thief := nuttest.StartOdd(t, map[string]nuttest.Answer{"VER": nuttest.Say("x"), "LIST UPS": nuttest.List("UPS")})
	if code, text := s.ask(s.DRuggeri(), "server="+thief.Addr); code != http.StatusForbidden {
		t.Errorf("%d %s", code, text)
	}
	if thief.Opened() != 0 {
		t.Error("it was asked")
	}
	// Allowed or not, what belongs to one target goes to no other.
	s.Servers.Replace(append(allowed(t, thief.Addr), allowed(t, s.odd.Addr)...))
	s.ask(s.DRuggeri(), "server="+thief.Addr)
	if got := thief.Requests(); !slices.Equal(got, []string{"VER", "LIST UPS"}) {
		t.Errorf("asked %q", got)
	}
	// A password of the query goes where the query says, if that is allowed.
	s.ask(s.DRuggeri(), "username=a&password=b&server=$T&ups=far")
	if got := s.odd.Requests(); len(got) < 2 || got[0] != "USERNAME a" {
		t.Errorf("asked %q", got)
	}
	if code, _ := s.ask(s.DRuggeri(), "username=a&password=b&server=192.0.2.1"); code != http.StatusForbidden {
		t.Error("a password went to a server that is not allowed")
	}
}

// ?target= is an open relay (HON95).
func TestPeersHON95OpenRelay(t *testing.T) {
	s := newSite(t, nil)
	inside := nuttest.StartOdd(t, nil)
	for _, h := range []http.Handler{s.HON95(), s.Probe()} {
		if code, text := s.ask(h, "target="+inside.Addr); code != http.StatusForbidden {
			t.Errorf("%d %s", code, text)
		}
	}
	if inside.Opened() != 0 {
		t.Error("it was asked")
	}
}

// An escaped quote in any value is a 503 (HON95).
func TestPeersHON95EscapedQuote(t *testing.T) {
	s := newSite(t, nil)
	for _, h := range []http.Handler{s.HON95(), s.Probe()} {
		code, page := s.ask(h, "target=$T")
		if code != http.StatusOK || !strings.Contains(page, `model="6\" \\ rack"`) {
			t.Errorf("%d\n%s", code, page)
		}
		well(t, page)
	}
}

// Serial "0764" becomes 764 (DRuggeri, telegraf).
func TestPeersDRuggeriSerial(t *testing.T) {
	s := newSite(t, fleet{rack()})
	_, page := s.ask(s.DRuggeri(), "variables=")
	if !strings.Contains(page, `serial="0764"`) || strings.Contains(page, " 764") {
		t.Error(page)
	}
}

// VA called watts (HON95): its page keeps the name, ours are right.
func TestPeersHON95VoltAmperes(t *testing.T) {
	s := newSite(t, fleet{rack()})
	_, theirs := s.ask(s.HON95(), "")
	has(t, theirs, `nut_power_watts{ups="rack"} 150`)
	has(t, page(t, fleet{rack()}), `nut_ups_power_voltamperes{ups="rack"} 150`, `nut_ups_realpower_watts{ups="rack"} 120`, "!nut_power_watts")
}

// 500 UPSes of which 50 are stale: the page of the agent that has them is as
// fast as ever, and tells of all.
func TestPeersManyOfOursWhichSomeAreStale(t *testing.T) {
	f := many(t, 500)
	for i := range f {
		if i%10 == 3 {
			f[i].Snapshot = f[i].Snapshot.With(nut.Stale, time.Now())
		}
	}
	h := prometheus.New(f, "1").Handler(slog.New(slog.DiscardHandler))
	start := time.Now()
	w := get(h)
	if took := time.Since(start); w.Code != http.StatusOK || took > time.Second {
		t.Errorf("%d after %v", w.Code, took)
	}
	for line, want := range map[string]int{
		"\nnut_ups_up{": 500, "\nnut_ups_data_age_seconds{": 500, "\nnut_ups_on_line{": 450, "\nnut_ups_info{": 450,
	} {
		if n := strings.Count(w.Body.String(), line); n != want {
			t.Errorf("%d of %q, want %d", n, line, want)
		}
	}
	well(t, w.Body.String())
}

// 500 UPSes of which 50 are stale, and one that hangs: the page has the rest, in
// time.
func TestPeersManyOfWhichSomeAreStale(t *testing.T) {
	s := newSite(t, nil)
	var rows []string
	for i := range 500 {
		ups := fmt.Sprintf("u%03d", i)
		rows = append(rows, ups+` ""`)
		answer := nuttest.List("VAR "+ups, `ups.status "OL"`)
		if i%10 == 3 {
			answer = nuttest.Say("ERR DATA-STALE")
		}
		if i == 77 {
			answer = nuttest.Hang
		}
		s.odd.Set("LIST VAR "+ups, answer)
	}
	s.odd.Set("LIST UPS", nuttest.List("UPS", rows...))
	start := time.Now()
	code, page := s.ask(s.Probe(), "target=$T", "X-Prometheus-Scrape-Timeout-Seconds", "10")
	if took := time.Since(start); code != http.StatusOK || took > 6*time.Second {
		t.Errorf("%d after %v", code, took)
	}
	if n := strings.Count(page, "\nnut_ups_on_line{"); n != 449 {
		t.Errorf("%d are told", n)
	}
	if n := strings.Count(page, "\nnut_ups_up{"); n != 500 {
		t.Errorf("%d are named", n)
	}
}
