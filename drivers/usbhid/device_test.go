package usbhid

import (
	"testing"

	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/simulator/hid"
	"github.com/wattnut/wattnut/nut"
)

// fixed are variables that a client may set and that the persona keeps as they are.
var fixed = map[string][]nut.Name{
	"apc": {"input.sensitivity"}, "cps": {"input.sensitivity"}, "mge": {"output.voltage.nominal"},
	"tripplite": {"battery.charge.low", "input.transfer.low", "input.transfer.high"},
}

func TestSuite(t *testing.T) {
	for _, persona := range hid.Personas() {
		t.Run(persona, func(t *testing.T) {
			bus := new(fake)
			bus.plug(t, persona)
			pairs := []string{"pollonly", "yes"}
			if persona == "generic" {
				pairs = append(pairs, "productid", "0001")
			}
			drivertest.Suite(t, drivertest.Config{
				Driver: New(bus.bus()), Settings: settings(pairs...),
				Values: map[nut.Name]string{
					"battery.charge.low": "25", "battery.runtime.low": "240", "ups.delay.start": "40", "ups.delay.shutdown": "60",
					"input.transfer.low": "190", "input.transfer.high": "250",
				},
				Avoid: fixed[persona],
			})
		})
	}
}

// TestFacts are facts of each persona, as the vendor's table has them.
func TestFacts(t *testing.T) {
	for persona, want := range map[string]map[nut.Name]string{
		"apc": {
			"ups.model": "Back-UPS RS 1500G", "ups.firmware": "865.L6 .D", "ups.firmware.aux": "L6", "ups.mfr": "American Power Conversion",
			"ups.serial": "4B1234P56789", "ups.vendorid": "051d", "ups.productid": "0002", "battery.charge": "100", "battery.voltage": "27.3",
			"battery.type": "PbAc", "input.sensitivity": "medium", "ups.status": "OL", "ups.load": "30", "ups.realpower.nominal": "900",
			"battery.charge.low": "20", "ups.delay.shutdown": "20", "ups.timer.shutdown": "-1", "ups.test.result": "No test initiated",
			"ups.beeper.status": "enabled", "driver.version.data": "APC HID 0.101", "battery.mfr.date": "2021/09/14",
		},
		"cps": {
			"battery.voltage": "27.3", "ups.firmware": "CRMM7L6-1", "ups.delay.start": "120", "ups.status": "OL", "input.voltage": "232.0",
			"battery.status": "100%", "ups.model": "CP1500PFCLCD",
		},
		"mge": {
			"ups.model": "5P 1550", "battery.voltage": "27.3", "battery.capacity": "8.33", "battery.temperature": "21.9", "ups.power.nominal": "1500",
			"output.voltage.nominal": "230", "ups.status": "OL", "ups.start.auto": "yes", "outlet.id": "1", "ups.firmware": "03.08.0018",
		},
		"tripplite": {"battery.voltage": "27.3", "input.frequency": "50.0", "ups.model": "TRIPP LITE UPS", "ups.status": "OL", "ups.power.nominal": "1500"},
		"powercom":  {"ups.beeper.status": "enabled", "ups.status": "OL", "input.frequency": "50.0", "ups.timer.shutdown": "0"},
		"generic":   {"battery.voltage": "27.3", "ups.status": "OL", "ups.load": "30"},
	} {
		t.Run(persona, func(t *testing.T) {
			bus := new(fake)
			bus.plug(t, persona)
			s := opened(t, bus, "productid", ".").read()
			for name, value := range want {
				if got := s.Value(name); got != value {
					t.Errorf("%s is %q, want %q", name, got, value)
				}
			}
			if t.Failed() {
				for v := range s.Variables() {
					t.Logf("%s: %s", v.Name, v.Value)
				}
			}
		})
	}
}
