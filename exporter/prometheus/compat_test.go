package prometheus_test

import (
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/internal/nuttest"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// of makes a UPS that is well, of names and values.
func of(name string, variables ...string) collectors.UPS {
	var d nut.Draft
	for i := 0; i < len(variables); i += 2 {
		d.Set(nut.Name(variables[i]), variables[i+1])
	}
	return collectors.UPS{Snapshot: d.Freeze(name, nut.Live, time.Time{}), Contact: time.Now(), Desc: "The " + name}
}

func stale(name string) collectors.UPS {
	u := of(name, "ups.status", "OL", "battery.charge", "50")
	u.Snapshot = u.Snapshot.With(nut.Stale, time.Time{})
	return u
}

// rack says all that the pages of others tell.
func rack() collectors.UPS {
	return of("rack",
		"battery.charge", "87", "battery.charge.low", "10", "battery.runtime", "1830", "battery.voltage", "27.20", "battery.voltage.nominal", "24",
		"battery.type", "PbAc", "device.mfr", "Example", "device.model", "Tower", "device.serial", "0764", "device.type", "ups",
		"device.uptime", "12", "driver.name", "usbhid-ups", "driver.version", "2.8.0", "input.voltage", "230.1", "input.voltage.nominal", "230",
		"input.L1-N.voltage", "229", "outlet.1.switchable", "yes", "ups.beeper.status", "enabled", "ups.load", "16.9", "ups.power", "150",
		"ups.realpower", "120", "ups.status", "OL CHRG ODD", "ups.firmware", "1.0", "ups.productid", "0002", "ups.delay.start", "none",
		"vendor.Some-Thing", "7", "vendor.some.switch", "Disabled")
}

// sampleLines are the lines of a page that are no comments.
func sampleLines(page string) string {
	var b strings.Builder
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return b.String()
}

const druggeriPage = `network_ups_tools_battery_charge 87
network_ups_tools_battery_voltage 27.2
network_ups_tools_battery_voltage_nominal 24
network_ups_tools_device_info{model="Tower",mfr="Example",serial="0764",type="ups"} 1
network_ups_tools_input_voltage 230.1
network_ups_tools_input_voltage_nominal 230
network_ups_tools_ups_load 16.9
network_ups_tools_ups_status{flag="OL"} 1
network_ups_tools_ups_status{flag="CHRG"} 1
network_ups_tools_ups_status{flag="ODD"} 1
network_ups_tools_ups_status{flag="OB"} 0
network_ups_tools_ups_status{flag="LB"} 0
network_ups_tools_ups_status{flag="HB"} 0
network_ups_tools_ups_status{flag="RB"} 0
network_ups_tools_ups_status{flag="DISCHRG"} 0
network_ups_tools_ups_status{flag="BYPASS"} 0
network_ups_tools_ups_status{flag="CAL"} 0
network_ups_tools_ups_status{flag="OFF"} 0
network_ups_tools_ups_status{flag="OVER"} 0
network_ups_tools_ups_status{flag="TRIM"} 0
network_ups_tools_ups_status{flag="BOOST"} 0
network_ups_tools_ups_status{flag="FSD"} 0
network_ups_tools_ups_status{flag="SD"} 0
`

func TestDRuggeri(t *testing.T) {
	s := newSite(t, fleet{rack()})
	_, page := s.ask(s.DRuggeri(), "")
	well(t, page)
	if got := sampleLines(page); got != druggeriPage {
		t.Errorf("the page is\n%s", got)
	}
	has(t, page, "# HELP network_ups_tools_battery_charge ", "# TYPE network_ups_tools_battery_charge gauge")
	if !strings.Contains(page, "(battery.charge)\n") {
		t.Error("the help does not name the variable")
	}
	for query, lines := range map[string][]string{
		"variables=": {
			"network_ups_tools_vendor_Some_Thing 7", "network_ups_tools_vendor_some_switch 0", "network_ups_tools_ups_beeper_status 1",
			"network_ups_tools_input_L1_N_voltage 229", "network_ups_tools_ups_realpower 120", `network_ups_tools_ups_status{flag="SD"} 0`,
			"!network_ups_tools_device_serial", "!network_ups_tools_ups_productid", "!network_ups_tools_outlet_1_switchable", "!network_ups_tools_ups_delay_start",
		},
		"variables=battery.runtime,+ups.status&statuses=OB,X,X": {
			"network_ups_tools_battery_runtime 1830", "!network_ups_tools_battery_charge", "network_ups_tools_device_info{",
			`network_ups_tools_ups_status{flag="OB"} 0`, `network_ups_tools_ups_status{flag="X"} 0`, `!network_ups_tools_ups_status{flag="LB"}`,
		},
		"statuses=":             {`network_ups_tools_ups_status{flag="OL"} 1`, `!network_ups_tools_ups_status{flag="OB"}`},
		"ups=rack":              {"network_ups_tools_battery_charge 87"},
		"ups=none":              {"!network_ups_tools"},
		"server=$T&ups=far":     {"network_ups_tools_battery_charge 42", `network_ups_tools_device_info{model="6\" \\ rack",serial="0764"} 1`},
		"username=u&password=p": {"network_ups_tools_battery_charge 87"},
	} {
		code, page := s.ask(s.DRuggeri(), query)
		if code != http.StatusOK {
			t.Errorf("%s is answered with %d %s", query, code, page)
		}
		well(t, page)
		has(t, page, lines...)
	}
}

func TestDRuggeriServerPort(t *testing.T) {
	s := newSite(t, fleet{rack()})
	host, port, _ := strings.Cut(s.odd.Addr, ":")
	if _, page := s.ask(s.DRuggeri(), "ups=far&server="+host+"&serverport="+port); !strings.Contains(page, "battery_charge 42") {
		t.Error(page)
	}
	if _, page := s.ask(s.DRuggeri(), "ups=far&serverport="+port); !strings.Contains(page, "battery_charge 42") {
		t.Error(page) // the host is 127.0.0.1 there
	}
	if code, page := s.ask(s.DRuggeri(), "server=192.0.2.1&serverport=80"); code != http.StatusForbidden {
		t.Error(code, page)
	}
	if code, page := s.ask(s.DRuggeri(), "server=::1&serverport=80"); code != http.StatusForbidden || !strings.Contains(page, "[::1]:80") {
		t.Error(code, page)
	}
}

func TestDRuggeriForced(t *testing.T) {
	u := rack()
	u.Forced = true
	s := newSite(t, fleet{u})
	_, page := s.ask(s.DRuggeri(), "")
	has(t, page, `network_ups_tools_ups_status{flag="FSD"} 1`, `network_ups_tools_ups_status{flag="OL"} 1`)
	_, page = s.ask(s.HON95(), "")
	has(t, page, `nut_ups_status{ups="rack",status="FSD"} 1`, `nut_status{ups="rack"} 0`)
}

const hon95Page = `nut_battery_charge{ups="rack"} 0.87
nut_battery_charge_low{ups="rack"} 0.1
nut_battery_runtime_seconds{ups="rack"} 1830
nut_battery_voltage_nominal_volts{ups="rack"} 24
nut_battery_voltage_volts{ups="rack"} 27.2
nut_battery_volts{ups="rack"} 27.2
nut_beeper_status{ups="rack"} 1
nut_exporter_info{version="1.2.3"} 1
nut_info{version="1.2.3"} 1
nut_input_voltage_nominal_volts{ups="rack"} 230
nut_input_voltage_volts{ups="rack"} 230.1
nut_input_volts{ups="rack"} 230.1
nut_load{ups="rack"} 0.169
nut_power_watts{ups="rack"} 150
nut_real_power_watts{ups="rack"} 120
nut_server_info{version="1.2.3"} 1
nut_status{ups="rack"} 1
nut_ups_info{ups="rack",description="The rack",device_type="ups",manufacturer="Example",model="Tower",battery_type="PbAc",driver="usbhid-ups",driver_version="2.8.0",usb_product_id="0002",ups_firmware="1.0",type="ups",nut_version="2.8.0"} 1
nut_ups_status{ups="rack",status="OL"} 1
nut_ups_status{ups="rack",status="OB"} 0
nut_ups_status{ups="rack",status="LB"} 0
nut_ups_status{ups="rack",status="CHRG"} 1
nut_ups_status{ups="rack",status="RB"} 0
nut_ups_status{ups="rack",status="FSD"} 0
nut_ups_status{ups="rack",status="BYPASS"} 0
nut_ups_status{ups="rack",status="SD"} 0
nut_ups_status{ups="rack",status="CP"} 0
nut_ups_status{ups="rack",status="BOOST"} 0
nut_ups_status{ups="rack",status="OFF"} 0
nut_uptime_seconds{ups="rack"} 12
`

func TestHON95(t *testing.T) {
	s := newSite(t, fleet{rack(), stale("old")})
	_, page := s.ask(s.HON95(), "")
	well(t, page)
	if got := sampleLines(page); got != hon95Page {
		t.Errorf("the page is\n%s", got)
	}
	_, page = s.ask(s.HON95(), "target=$T")
	has(t, page, `nut_server_info{version="2.8.0"} 1`, `nut_battery_charge{ups="far"} 0.42`, `nut_status{ups="far"} 1`, `!nut_status{ups="old"}`)
	for query, code := range map[string]int{"target=192.0.2.1": 403, "target=a:b:c": 400} {
		if got, text := s.ask(s.HON95(), query); got != code {
			t.Errorf("%s is answered with %d %s", query, got, text)
		}
	}
}

// Each word of the beeper and of the old status has its number.
func TestHON95Ranks(t *testing.T) {
	tests := []struct{ status, beeper, want string }{
		{"OL", "enabled", "1 1"},
		{"OB DISCHRG", "disabled", "2 2"},
		{"LB OB", "muted", "3 3"},
		{"ALARM OL", "x", "0 0"},
	}
	for _, tt := range tests {
		s := newSite(t, fleet{of("u", "ups.status", tt.status, "ups.beeper.status", tt.beeper)})
		_, page := s.ask(s.HON95(), "")
		status, beeper, _ := strings.Cut(tt.want, " ")
		has(t, page, `nut_status{ups="u"} `+status+"\n", `nut_beeper_status{ups="u"} `+beeper+"\n")
	}
	s := newSite(t, fleet{of("mute", "ups.load", "1")})
	_, page := s.ask(s.HON95(), "")
	has(t, page, "!nut_status", "!nut_ups_status", "!nut_beeper_status", `nut_load{ups="mute"} 0.01`)
}

// Prometheus's own tool has nothing to say about any page.
func TestPromtoolIsSilentAboutTargets(t *testing.T) {
	promtool := testenv.Need(t, "promtool")
	s := newSite(t, fleet{rack(), stale("old"), hostile()})
	pages := map[string]func() (int, string){
		"probe":         func() (int, string) { return s.ask(s.Probe(), "target=$T") },
		"druggeri":      func() (int, string) { return s.ask(s.DRuggeri(), "") },
		"druggeri all":  func() (int, string) { return s.ask(s.DRuggeri(), "variables=&ups=rack") },
		"hon95":         func() (int, string) { return s.ask(s.HON95(), "") },
		"hon95 target":  func() (int, string) { return s.ask(s.HON95(), "target=$T") },
		"probe nothing": func() (int, string) { return s.ask(s.Probe(), "target=$T&ups=none") },
	}
	for name, get := range pages {
		_, page := get()
		cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(page)
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	s = newSite(t, dumps(t))
	for query, h := range map[string]http.Handler{"variables=": s.DRuggeri(), "": s.HON95()} {
		_, page := s.ask(h, query)
		well(t, page)
		cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
		cmd.Stdin = strings.NewReader(page)
		out, _ := cmd.CombinedOutput() // which says all there is to say
		for line := range strings.Lines(string(out)) {
			// DRuggeri's names are NUT's, and one device calls a variable a counter.
			if !strings.HasSuffix(line, "_counter metric name should not include type 'counter'\n") {
				t.Error(line)
			}
		}
	}
}

// The pages agree with the distribution's upsd about a UPS of it.
func TestPagesOfARealServer(t *testing.T) {
	upsd := nuttest.StartUPSD(t, nuttest.Config{Devices: []nuttest.Device{
		{Name: "one", Desc: "The first", Dev: "ups.status: OL\nbattery.charge: 90\nups.load: 16.9\n"},
		{Name: "gone"},
	}})
	s := newSite(t, nil)
	s.Servers.Replace(allowed(t, upsd.Addr))
	q := "target=" + upsd.Addr
	_, page := s.ask(s.Probe(), q)
	has(t, page, `nut_ups_up{ups="one"} 1`, `nut_ups_up{ups="gone"} 0`, `nut_ups_load_ratio{ups="one"} 0.169`)
	_, page = s.ask(s.HON95(), q)
	has(t, page, `nut_server_info{version="2.8.0"} 1`, `nut_load{ups="one"} 0.169`)
	_, page = s.ask(s.DRuggeri(), "server="+strings.Replace(upsd.Addr, ":", "&serverport=", 1))
	has(t, page, `network_ups_tools_ups_load{ups="one"} 16.9`)
}
