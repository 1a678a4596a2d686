package collectors_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/otlptranslator"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// translated is what Prometheus calls a family that came by OTLP, in its
// default way.
func translated(t *testing.T, d *collectors.Desc) string {
	t.Helper()
	metric := otlptranslator.Metric{Type: otlptranslator.MetricTypeGauge}
	if d.Kind == collectors.Counter {
		metric.Type = otlptranslator.MetricTypeMonotonicCounter
	}
	metric.Name, metric.Unit = d.OTel()
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	name, err := namer.Build(metric)
	if err != nil {
		t.Errorf("%s: %v", d.Name, err)
	}
	return name
}

// One dashboard and one rule set serve scraping and pushing alike: every family
// has one name, whichever way it comes.
func TestOTelLeadsBack(t *testing.T) {
	all := collectors.Descs()
	for _, row := range collectors.Table() {
		all = append(all, row.Desc)
	}
	byName := map[string]string{}
	for _, d := range all {
		if got := translated(t, d); got != strings.TrimRight(d.Name, "_.") {
			name, unit := d.OTel()
			t.Errorf("%s is %s (%s), which comes out as %s", d.Name, name, unit, got)
		}
		name, unit := d.OTel()
		if other, ok := byName[name]; ok && other != d.Name+" "+unit {
			t.Errorf("%s is the name of %s and of %s %s", name, other, d.Name, unit)
		}
		byName[name] = d.Name + " " + unit
	}
}

// The same goes for the families that no table has: those of devices in a daisy
// chain and of variables that nobody knows.
func TestOTelOfReadings(t *testing.T) {
	s := snapshot("device.2.input.voltage: 230", "device.2.battery.date: 2024-01-01", "vendor.seconds.total: 1",
		"ups.debug.volts: 1", "x__y..ratio: 2", "ups.status: OL", "outlet.1.name: a")
	for sample := range (collectors.UPS{Snapshot: s}).All(time.Now()) {
		if got := translated(t, sample.Desc); got != sample.Desc.Name {
			t.Errorf("%s comes out as %s", sample.Desc.Name, got)
		}
	}
}

func FuzzOTelLeadsBack(f *testing.F) {
	f.Add("vendor.seconds.total")
	f.Add("device.1.a-b.volts")
	f.Fuzz(func(t *testing.T, name string) {
		var d nut.Draft
		d.Set(nut.Name(name), "1")
		for _, s := range collectors.Readings(d.Freeze("u", nut.Live, time.Time{}), false) {
			if got := translated(t, s.Desc); got != s.Desc.Name {
				t.Errorf("%s comes out as %s", s.Desc.Name, got)
			}
		}
	})
}

func TestOTelNames(t *testing.T) {
	counter := func(name, unit string) *collectors.Desc {
		return &collectors.Desc{Name: name, Unit: unit, Kind: collectors.Counter}
	}
	tests := []struct {
		desc       *collectors.Desc
		name, unit string
	}{
		{row(t, "battery.charge.low"), "nut.battery.charge.low", "1"},
		{row(t, "battery.voltage.nominal"), "nut.battery.voltage.nominal", "V"},
		{row(t, "ups.power.nominal"), "nut.ups.power.nominal.voltamperes", ""},
		{row(t, "battery.date"), "nut.battery.date.timestamp", "s"},
		{row(t, "output.power.percent"), "nut.output.power.ratio", ""},
		{row(t, "outlet.{outlet}.realpower"), "nut.outlet.realpower", "W"},
		{row(t, "ups.beeper.status"), "nut.ups.beeper.status", ""},
		{find(t, "nut_ups_up"), "nut.ups.up", ""},
		{find(t, "nut_ups_data_age_seconds"), "nut.ups.data_age", "s"},
		{find(t, "nut_ups_info"), "nut.ups.info", ""},
		{find(t, "nut_ups_forced_shutdown"), "nut.ups.forced_shutdown", ""},
		{find(t, "nut_ups_on_battery"), "nut.ups.on_battery", ""},
		{counter("nut_upsd_auth_failures_total", ""), "nut.upsd.auth_failures", ""},
		{counter("nut_ups_energy_joules_total", "joules"), "nut.ups.energy", "J"},
		{counter("nut_ups_transfers_total", ""), "nut.ups.transfers", ""},
		// These would be the flag without their units.
		{counter("nut_ups_on_battery_seconds_total", "seconds"), "nut.ups.on_battery_seconds_total", ""},
		{&collectors.Desc{Name: "nut_ups_on_battery_seconds", Unit: "seconds"}, "nut.ups.on_battery_seconds", ""},
		// The translation would not put these units back.
		{&collectors.Desc{Name: "nut_x_volts_high_volts", Unit: "volts"}, "nut.x.volts_high_volts", ""},
		{counter("nut_x_ratio_total", "ratio"), "nut.x.ratio", ""},
	}
	for _, tt := range tests {
		if name, unit := tt.desc.OTel(); name != tt.name || unit != tt.unit {
			t.Errorf("%s is %s (%s), want %s (%s)", tt.desc.Name, name, unit, tt.name, tt.unit)
		}
		if got := translated(t, tt.desc); got != tt.desc.Name {
			t.Errorf("%s comes out as %s", tt.desc.Name, got)
		}
	}
}

// row finds the family of a variable.
func row(t *testing.T, name nut.Name) *collectors.Desc {
	t.Helper()
	rows := collectors.Table()
	i := slices.IndexFunc(rows, func(r collectors.Row) bool { return r.Entry.Name == name })
	if i < 0 {
		t.Fatalf("there is no row for %s", name)
	}
	return rows[i].Desc
}

// find finds a family that comes from no single variable.
func find(t *testing.T, name string) *collectors.Desc {
	t.Helper()
	all := collectors.Descs()
	i := slices.IndexFunc(all, func(d *collectors.Desc) bool { return d.Name == name })
	if i < 0 {
		t.Fatalf("there is no %s", name)
	}
	return all[i]
}
