package prometheus

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/wattnut/wattnut/collectors"
	"github.com/wattnut/wattnut/exporter/probe"
	"github.com/wattnut/wattnut/nut"
)

// HON95 answers /nut?target=host[:port] as HON95's prometheus-nut-exporter
// does, so that its dashboards and alerts go on. Without a target the UPSes are
// the local ones. A UPS without fresh data is left out, and the others are
// there.
func (t *Targets) HON95() http.Handler {
	return t.handle(parseHON95, func(p page, _ url.Values, r *probe.Report) {
		about := func(name, what, version string) {
			p.add(sample(name, "What the "+what+" is, in its labels; always 1.", 1, []string{"version"}, []string{version}))
		}
		about("nut_exporter_info", "exporter", t.Version)
		if r.Version != "" {
			about("nut_server_info", "server", r.Version)
			about("nut_info", "server", r.Version)
		}
		for u := range r.All() {
			if u.Snapshot.Health == nut.Live {
				addHON95(p, u)
			}
		}
	})
}

func parseHON95(v url.Values) (query, error) { return query{target: v.Get("target")}, nil }

// hon95Words are the words of nut_ups_status.
var hon95Words = []string{"OL", "OB", "LB", "CHRG", "RB", "FSD", "BYPASS", "SD", "CP", "BOOST", "OFF"}

// hon95Facts are the labels of nut_ups_info behind ups and description.
var hon95Facts = []struct {
	label    string
	variable nut.Name
}{
	{"description2", "device.description"},
	{"device_type", "device.type"},
	{"location", "device.location"},
	{"manufacturer", "device.mfr"},
	{"manufacturing_date", "ups.mfr.date"},
	{"model", "device.model"},
	{"battery_type", "battery.type"},
	{"driver", "driver.name"},
	{"driver_version", "driver.version"},
	{"driver_version_internal", "driver.version.internal"},
	{"driver_version_data", "driver.version.data"},
	{"usb_vendor_id", "ups.vendorid"},
	{"usb_product_id", "ups.productid"},
	{"ups_firmware", "ups.firmware"},
	{"ups_type", "ups.type"},
	{"type", "device.type"},
	{"nut_version", "driver.version"},
}

// hon95Gauges are the numbers, by their names there. Those with a share are
// percent, told as 0 to 1. The watts of ups.power are really voltamperes.
var hon95Gauges = []struct {
	name     string
	variable nut.Name
	share    bool
}{
	{"nut_uptime_seconds", "device.uptime", false},
	{"nut_load", "ups.load", true},
	{"nut_temperature_celsius", "ups.temperature", false},
	{"nut_battery_charge", "battery.charge", true},
	{"nut_battery_charge_low", "battery.charge.low", true},
	{"nut_battery_charge_warning", "battery.charge.warning", true},
	{"nut_battery_charge_restart", "battery.charge.restart", true},
	{"nut_battery_runtime_seconds", "battery.runtime", false},
	{"nut_battery_runtime_low_seconds", "battery.runtime.low", false},
	{"nut_battery_runtime_restart_seconds", "battery.runtime.restart", false},
	{"nut_delay_shutdown_seconds", "ups.delay.shutdown", false},
	{"nut_delay_start_seconds", "ups.delay.start", false},
	{"nut_battery_voltage_volts", "battery.voltage", false},
	{"nut_battery_voltage_nominal_volts", "battery.voltage.nominal", false},
	{"nut_battery_voltage_high_volts", "battery.voltage.high", false},
	{"nut_battery_voltage_low_volts", "battery.voltage.low", false},
	{"nut_battery_temperature_celsius", "battery.temperature", false},
	{"nut_input_voltage_volts", "input.voltage", false},
	{"nut_input_voltage_nominal_volts", "input.voltage.nominal", false},
	{"nut_input_voltage_minimum_volts", "input.voltage.minimum", false},
	{"nut_input_voltage_maximum_volts", "input.voltage.maximum", false},
	{"nut_input_transfer_low_volts", "input.transfer.low", false},
	{"nut_input_transfer_high_volts", "input.transfer.high", false},
	{"nut_input_current_amperes", "input.current", false},
	{"nut_input_current_nominal_amperes", "input.current.nominal", false},
	{"nut_input_frequency_hertz", "input.frequency", false},
	{"nut_input_frequency_nominal_hertz", "input.frequency.nominal", false},
	{"nut_input_frequency_low_hertz", "input.frequency.low", false},
	{"nut_input_frequency_high_hertz", "input.frequency.high", false},
	{"nut_output_voltage_volts", "output.voltage", false},
	{"nut_output_voltage_nominal_volts", "output.voltage.nominal", false},
	{"nut_output_current_amperes", "output.current", false},
	{"nut_output_current_nominal_amperes", "output.current.nominal", false},
	{"nut_output_frequency_hertz", "output.frequency", false},
	{"nut_output_frequency_nominal_hertz", "output.frequency.nominal", false},
	{"nut_power_watts", "ups.power", false},
	{"nut_power_nominal_watts", "ups.power.nominal", false},
	{"nut_real_power_watts", "ups.realpower", false},
	{"nut_real_power_nominal_watts", "ups.realpower.nominal", false},
	{"nut_battery_volts", "battery.voltage", false},
	{"nut_input_volts", "input.voltage", false},
	{"nut_output_volts", "output.voltage", false},
}

func addHON95(p page, u collectors.UPS) {
	s := u.Snapshot
	ups := func(name, help string, value float64) {
		p.add(sample(name, help, value, []string{"ups"}, []string{s.UPS}))
	}
	addHON95Info(p, u)
	words := status(u)
	if words != nil {
		for _, word := range hon95Words {
			value := 0.
			if words.Has(word) {
				value = 1
			}
			p.add(sample("nut_ups_status", "Whether a word is in the status of the UPS (ups.status).", value,
				[]string{"ups", "status"}, []string{s.UPS, word}))
		}
		ups("nut_status", "Status of the UPS: 1 is OL, 2 is OB, 3 is LB, 0 any other (ups.status).", rank(words[0], "OL", "OB", "LB"))
	}
	if beeper := s.Value("ups.beeper.status"); beeper != "" {
		ups("nut_beeper_status", "Beeper: 1 is enabled, 2 is disabled, 3 is muted, 0 any other (ups.beeper.status).",
			rank(beeper, "enabled", "disabled", "muted"))
	}
	for _, g := range hon95Gauges {
		if v, ok := s.Lookup(g.variable); ok {
			if value, ok := hon95Number(v, g.share); ok {
				ups(g.name, helpOf(g.variable), value)
			}
		}
	}
}

func addHON95Info(p page, u collectors.UPS) {
	labels, values := []string{"ups", "description"}, []string{u.Snapshot.UPS, u.Desc}
	for _, f := range hon95Facts {
		labels, values = append(labels, f.label), append(values, u.Snapshot.Value(f.variable))
	}
	p.add(sample("nut_ups_info", "What the UPS is, in its labels; always 1.", 1, labels, values))
}

// hon95Number reads a number. A share is moved by its point, so that 16.9 % is
// just 0.169.
func hon95Number(v nut.Variable, share bool) (float64, bool) {
	value, ok := v.Number()
	if !ok || !share {
		return value, ok
	}
	value, err := strconv.ParseFloat(strings.TrimSpace(v.Value)+"e-2", 64)
	return value, err == nil
}

// rank is the place of a word among some, from 1 on; 0 if it is none of them.
func rank(word string, words ...string) float64 {
	for i, w := range words {
		if w == word {
			return float64(i + 1)
		}
	}
	return 0
}
