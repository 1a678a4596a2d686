package collectors_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// snapshot makes a Live snapshot of lines like "battery.charge: 87".
func snapshot(lines ...string) *nut.Snapshot {
	var d nut.Draft
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		d.Set(nut.Name(name), value)
	}
	return d.Freeze("rack", nut.Live, time.Time{})
}

// text writes samples as Prometheus does, without the label ups.
func text(samples []collectors.Sample) []string {
	var lines []string
	for _, s := range samples {
		var labels []string
		for i, name := range s.Desc.Labels {
			if name != "ups" && s.Labels[i] != "" {
				labels = append(labels, fmt.Sprintf("%s=%q", name, s.Labels[i]))
			}
		}
		braces := ""
		if labels != nil {
			braces = "{" + strings.Join(labels, ",") + "}"
		}
		lines = append(lines, fmt.Sprintf("%s%s %v", s.Desc.Name, braces, s.Value))
	}
	return lines
}

func TestReadings(t *testing.T) {
	tests := []struct {
		says string // the variables, parted by |
		want string // the samples, parted by |
	}{
		// Units and base units.
		{"battery.charge: 87", "nut_battery_charge_ratio 0.87"},
		{"ups.load: 16.90", "nut_ups_load_ratio 0.169"},
		{"battery.runtime: 1200", "nut_battery_runtime_seconds 1200"},
		{"battery.runtime.low: 120", "nut_battery_runtime_low_seconds 120"},
		{"battery.energysave.delay: 2", "nut_battery_energysave_delay_seconds 120"},
		{"battery.capacity: 7.2", "nut_battery_capacity_coulombs 25920"},
		{"ups.temperatureF: 77", "nut_ups_temperaturef_celsius 25"},
		{"ups.power.nominal: 3000", "nut_ups_power_nominal_voltamperes 3000"},
		{"input.voltage:  0230.0 ", "nut_input_voltage_volts 230"},
		{"battery.packs: 4", "nut_battery_packs 4"},
		{"output.powerfactor: 0.9", "nut_output_powerfactor_ratio 0.9"},
		{"output.power.percent: 12", "nut_output_power_ratio 0.12"},
		{"BATTERY.Charge: 50", "nut_battery_charge_ratio 0.5"},

		// What is table-like is labels.
		{"input.L1-N.voltage: 229", `nut_input_phase_voltage_volts{phase="L1-N"} 229`},
		{"input.l1.current: 2", `nut_input_phase_current_amperes{phase="L1"} 2`},
		{"input.bypass.L1-N.voltage: 229", `nut_input_bypass_phase_voltage_volts{phase="L1-N"} 229`},
		{"input.2.frequency: 50", `nut_input_source_frequency_hertz{source="2"} 50`},
		{"outlet.2.realpower: 45", `nut_outlet_realpower_watts{outlet="2"} 45`},
		{"outlet.group.1.delay.start: 5", `nut_outlet_group_delay_start_seconds{group="1"} 5`},
		{"outlet.group.1.count: 5", `nut_outlet_group_outlets{group="1"} 5`},
		{"outlet.count: 8", "nut_outlets 8"},
		{"outlet.realpower: 45", "nut_outlets_realpower_watts 45"},
		{"outlet.0.realpower: 45", "nut_outlets_realpower_watts 45"},
		{"ambient.temperature: 21", `nut_ambient_temperature_celsius{sensor="0"} 21`},
		{"ambient.1.temperature: 21", `nut_ambient_temperature_celsius{sensor="1"} 21`},
		{"ambient.1.humidity: 40", `nut_ambient_humidity_ratio{sensor="1"} 0.4`},
		{"device.2.input.voltage: 230", `nut_device_input_voltage_volts{device="2"} 230`},
		{"device.2.outlet.1.current: 1", `nut_device_outlet_current_amperes{device="2",outlet="1"} 1`},
		{"device.uptime: 9", "nut_device_uptime_seconds 9"},
		{"device.2.uptime: 9", `nut_device_device_uptime_seconds{device="2"} 9`},
		{"battery.cell3.voltage: 3.3", `nut_battery_cell_voltage_volts{cell="3"} 3.3`},

		// One of two that say the same keeps its name.
		{"outlet.0.current: 1|outlet.current: 2", `nut_outlets_current_amperes 1|nut_unmapped_outlet_current{variable="outlet.current"} 2`},

		// Dates.
		{"battery.date: 2024-02-01", "nut_battery_date_timestamp_seconds 1.7067456e+09"},
		{"battery.date: 02/01/24", "nut_battery_date_timestamp_seconds 1.7067456e+09"},
		{"battery.date: 31/01/2024", "nut_battery_date_timestamp_seconds 1.7066592e+09"},
		{"battery.date: not set", ""},
		{"battery.date: 2001/00/00", ""},

		// Enumerations.
		{"ups.beeper.status: Enabled", `nut_ups_beeper_status{state="enabled"} 1|nut_ups_beeper_status{state="disabled"} 0|nut_ups_beeper_status{state="muted"} 0`},
		{"outlet.1.status: glows", `nut_outlet_status{outlet="1",state="on"} 0|nut_outlet_status{outlet="1",state="off"} 0|nut_outlet_status{outlet="1",state="glows"} 1`},
		{"ups.beeper.status: ", ""},

		// Identities are never numbers.
		{"ups.serial: 0764|ups.vendorid: 0764|ups.firmware: 12|driver.parameter.password: 1234", ""},

		// Numbers that the vocabulary does not know.
		{"vendor.thing: 1.5", `nut_unmapped_vendor_thing{variable="vendor.thing"} 1.5`},
		{"ups.debug.V: 7", `nut_unmapped_ups_debug_v{variable="ups.debug.V"} 7`},
		{"ups.debug.S: 7", `nut_unmapped_ups_debugs{variable="ups.debug.S"} 7`},
		{"a.b.total: 1", `nut_unmapped_abtotal{variable="a.b.total"} 1`},
		{"ups.contacts.x: 1|ups.contacts-x: 2", `nut_unmapped_ups_contacts_x{variable="ups.contacts-x"} 2|nut_unmapped_ups_contacts_x{variable="ups.contacts.x"} 1`},
		{"{evil=\"1\"} 2\n#: 3", `nut_unmapped_evil_1_2{variable="{evil=\"1\"} 2\n#"} 3`},
		{"\xff\xfe: 3", `nut_unmapped{variable="�"} 3`},
		{"vendor.text: words", ""},

		// No numbers.
		{"battery.charge: NaN|ups.load: 1e3|input.voltage: 0x10|input.current: |output.voltage: 230 V", ""},
	}
	for _, tt := range tests {
		got := strings.Join(text(collectors.Readings(snapshot(strings.Split(tt.says, "|")...), false)), "|")
		if got != tt.want {
			t.Errorf("%q\n got %s\nwant %s", tt.says, got, tt.want)
		}
	}
}

func TestStatus(t *testing.T) {
	lines := text(collectors.Readings(snapshot("ups.status: OB DISCHRG STRANGE"), false))
	for _, want := range []string{
		`nut_ups_status{status="OL"} 0`, `nut_ups_status{status="OB"} 1`, `nut_ups_status{status="STRANGE"} 1`,
		"nut_ups_on_battery 1", "nut_ups_on_line 0", "nut_ups_discharging 1", "nut_ups_forced_shutdown 0",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("there is no %s", want)
		}
	}
	lines = text(collectors.Readings(snapshot("ups.status: OB"), true))
	for _, want := range []string{`nut_ups_status{status="FSD"} 1`, "nut_ups_forced_shutdown 1", "nut_ups_on_battery 1"} {
		if !slices.Contains(lines, want) {
			t.Errorf("under a forced shutdown there is no %s", want)
		}
	}
	if lines := text(collectors.Readings(snapshot("battery.packs: 1"), true)); len(lines) != 1 {
		t.Errorf("without a status there is %q", lines)
	}
}

func TestInfo(t *testing.T) {
	s := snapshot("ups.serial: 0764", "device.mfr: A \"quoted\" \\ maker\n", "ups.mfr: other", "device.description: its own")
	info, ok := collectors.Info(collectors.UPS{Snapshot: s})
	want := `nut_ups_info{description="its own",manufacturer="A \"quoted\" \\ maker",serial="0764"} 1`
	if got := text([]collectors.Sample{info})[0]; !ok || got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	info, _ = collectors.Info(collectors.UPS{Snapshot: s, Desc: "configured"})
	if info.Labels[1] != "configured" {
		t.Errorf("the description is %q", info.Labels[1])
	}
}

func TestDetails(t *testing.T) {
	got := text(collectors.Readings(snapshot("outlet.1.id: 01", "outlet.1.desc: Router", "outlet.2.name: b",
		"outlet.group.1.name: g", "ambient.1.name: Door", "ambient.1.serial: 007", "outlet.3.voltage: x"), false))
	want := []string{
		`nut_ambient_info{sensor="1",name="Door",serial="007"} 1`,
		`nut_outlet_info{outlet="1",id="01",desc="Router"} 1`,
		`nut_outlet_info{outlet="2",name="b"} 1`,
		`nut_outlet_group_info{group="1",name="g"} 1`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestContact(t *testing.T) {
	now := time.Unix(1000, 0)
	live := snapshot("battery.charge: 1", "ups.status: OL")
	tests := []struct {
		ups  collectors.UPS
		want string
	}{
		{collectors.UPS{Snapshot: live, Contact: now.Add(-3 * time.Second)}, "nut_ups_up 1|nut_ups_data_age_seconds 3"},
		{collectors.UPS{Snapshot: live, Contact: now.Add(time.Second)}, "nut_ups_up 1|nut_ups_data_age_seconds 0"},
		{collectors.UPS{Snapshot: live.With(nut.Stale, now), Contact: now.Add(-time.Minute)}, "nut_ups_up 0|nut_ups_data_age_seconds 60"},
		{collectors.UPS{Snapshot: live.With(nut.Absent, now)}, "nut_ups_up 0|nut_ups_data_age_seconds +Inf"},
	}
	for _, tt := range tests {
		samples := slices.Collect(tt.ups.All(now))
		if got := strings.Join(text(samples[:2]), "|"); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
		if up := samples[0].Value == 1; up != (len(samples) > 2) {
			t.Errorf("%s, and %d samples", tt.want, len(samples))
		}
	}
}

func TestReadingsAreBounded(t *testing.T) {
	var d nut.Draft
	for i := range 30000 {
		d.Set(nut.Name(fmt.Sprint("vendor.x", i)), "1")
	}
	d.Set(nut.Name("vendor."+strings.Repeat("é", 1<<16)), "1")
	d.Set("battery.type", strings.Repeat("x", 1<<20))
	samples := collectors.Readings(d.Freeze("u", nut.Live, time.Time{}), false)
	if len(samples) > 20000 {
		t.Errorf("%d samples", len(samples))
	}
	for _, s := range samples {
		if len(s.Desc.Name) > 200 || len(s.Labels[1]) > 256 {
			t.Fatalf("a name of %d bytes, a label of %d", len(s.Desc.Name), len(s.Labels[1]))
		}
	}
}

// Whatever a device says, the samples fit on a page.
func FuzzReadings(f *testing.F) {
	for _, seed := range [][2]string{
		{"battery.charge", "50"},
		{"ups.status", "OL \"{}\\"},
		{"outlet.1.status", "\xff"},
		{"x.{y}.z s", "-1."},
		{"device.1.outlet.0.name", "1"},
		{"battery.date", "01/02/03"},
		{"ambient.1.contacts.2.status", "open"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, name, value string) {
		var d nut.Draft
		d.Set(nut.Name(name), value)
		d.Set("ups.status", value)
		u := collectors.UPS{Snapshot: d.Freeze("u", nut.Live, time.Time{}), Desc: value}
		check(t, slices.Collect(u.All(time.Now())))
	})
}

// check tells of anything that would spoil a page.
func check(t *testing.T, samples []collectors.Sample) {
	t.Helper()
	seen := map[string]bool{}
	labels := map[string][]string{}
	for _, s := range samples {
		name := s.Desc.Name
		switch {
		case !validName(name):
			t.Errorf("the name %q", name)
		case len(s.Labels) != len(s.Desc.Labels):
			t.Errorf("%s has %d labels and %d values", name, len(s.Desc.Labels), len(s.Labels))
		case labels[name] != nil && !slices.Equal(labels[name], s.Desc.Labels):
			t.Errorf("%s has the labels %q and %q", name, labels[name], s.Desc.Labels)
		case math.IsNaN(s.Value):
			t.Errorf("%s is NaN", name)
		case seen[name+fmt.Sprintf("%q", s.Labels)]:
			t.Errorf("%s%q is there twice", name, s.Labels)
		}
		seen[name+fmt.Sprintf("%q", s.Labels)] = true
		labels[name] = s.Desc.Labels
		for _, l := range s.Labels {
			if !utf8.ValidString(l) {
				t.Errorf("%s has the label %q", name, l)
			}
		}
	}
}

func validName(s string) bool {
	if !strings.HasPrefix(s, "nut_") || strings.HasSuffix(s, "_") || strings.Contains(s, "__") {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}
