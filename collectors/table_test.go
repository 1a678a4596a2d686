package collectors_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/nut"
)

// The names that shared/METRICS.md binds.
func TestBoundNames(t *testing.T) {
	want := map[nut.Name]string{
		"battery.charge":               "nut_battery_charge_ratio",
		"battery.charge.low":           "nut_battery_charge_low_ratio",
		"battery.runtime":              "nut_battery_runtime_seconds",
		"battery.runtime.low":          "nut_battery_runtime_low_seconds",
		"battery.voltage.nominal":      "nut_battery_voltage_nominal_volts",
		"battery.temperature":          "nut_battery_temperature_celsius",
		"ups.temperature":              "nut_ups_temperature_celsius",
		"ambient.{sensor}.temperature": "nut_ambient_temperature_celsius",
		"ups.load":                     "nut_ups_load_ratio",
		"ups.realpower.nominal":        "nut_ups_realpower_nominal_watts",
		"ups.power":                    "nut_ups_power_voltamperes",
		"input.voltage":                "nut_input_voltage_volts",
		"input.frequency":              "nut_input_frequency_hertz",
		"input.transfer.low":           "nut_input_transfer_low_volts",
		"input.{phase}.voltage":        "nut_input_phase_voltage_volts",
		"outlet.{outlet}.realpower":    "nut_outlet_realpower_watts",
		"battery.charger.status":       "nut_battery_charger_status",
		"ups.beeper.status":            "nut_ups_beeper_status",
		"ups.test.result":              "nut_ups_test_result",
	}
	for _, row := range collectors.Table() {
		if name, ok := want[row.Entry.Name]; ok {
			delete(want, row.Entry.Name)
			if row.Desc.Name != name {
				t.Errorf("%s is %s, want %s", row.Entry.Name, row.Desc.Name, name)
			}
		}
	}
	if len(want) > 0 {
		t.Errorf("these are not in the table: %v", want)
	}
}

// A family has one set of labels, and two variables share one only where a
// label tells them apart.
func TestTableHasNoTwoOfAName(t *testing.T) {
	byName := map[string]collectors.Row{}
	for _, row := range collectors.Table() {
		d := row.Desc
		if !validName(d.Name) || d.Help == "" {
			t.Errorf("%s has the name %q and the help %q", row.Entry.Name, d.Name, d.Help)
		}
		if d.Labels[0] != "ups" || slices.Contains(d.Labels[1:], "ups") {
			t.Errorf("%s has the labels %q", d.Name, d.Labels)
		}
		if d.Unit != "" && !strings.HasSuffix(d.Name, "_"+d.Unit) {
			t.Errorf("%s does not end in its unit %s", d.Name, d.Unit)
		}
		other, ok := byName[d.Name]
		byName[d.Name] = row
		if !ok {
			continue
		}
		if !slices.Equal(other.Desc.Labels, d.Labels) || other.Desc.Help != d.Help || !slices.Contains(d.Labels, "sensor") {
			t.Errorf("%s is the name of %s %q and %s %q", d.Name, row.Entry.Name, d.Labels, other.Entry.Name, other.Desc.Labels)
		}
	}
}

// Whatever a standard variable says is told: by a family of its own, in a label, or
// on request as it is. Only the settings of drivers, which may be secrets, are told
// where they are numbers and not else.
func TestEveryStandardVariableIsTold(t *testing.T) {
	told := func(d *nut.Draft) map[string]bool {
		all := make(map[string]bool)
		u := collectors.UPS{Snapshot: d.Freeze("u", nut.Live, time.Time{}), Texts: true}
		for s := range u.All(time.Time{}) {
			all[fmt.Sprint(s.Desc.Name, s.Labels)] = true
		}
		return all
	}
	silent := told(new(nut.Draft))
	n := 0
	for e := range nut.Variables() {
		name := hole.ReplaceAllString(string(e.Name), "1")
		if !e.Standard || e.Type != nut.Number && strings.HasPrefix(name, "driver.parameter.") {
			continue
		}
		n++
		var d nut.Draft
		value := "5"
		switch {
		case len(e.Values) > 0:
			value = e.Values[0]
		case e.Type == nut.Date:
			value = "2024-05-06"
		case e.Type != nut.Number:
			value = "some words"
		}
		d.Set(nut.Name(name), value)
		all := told(&d)
		maps.DeleteFunc(all, func(sample string, _ bool) bool { return silent[sample] })
		if len(all) == 0 {
			t.Errorf("%s: %q is told nowhere", name, value)
		}
	}
	if n < 300 {
		t.Errorf("only %d variables are standard", n)
	}
}

// hole is a place in a template.
var hole = regexp.MustCompile(`\{[^}]*\}`)
