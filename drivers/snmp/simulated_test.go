package snmp

import (
	"testing"
	"time"

	"github.com/wattnut/wattnut/drivers/drivertest"
	"github.com/wattnut/wattnut/drivers/simulator/live"
	"github.com/wattnut/wattnut/drivers/simulator/model"
	"github.com/wattnut/wattnut/drivers/simulator/snmpagent"
	"github.com/wattnut/wattnut/internal/testenv"
	"github.com/wattnut/wattnut/nut"
)

// simulation is a UPS by physics, quiet and full.
func simulation() *live.UPS {
	u := model.New(model.Spec{
		Power: 1500, RealPower: 1000, Online: true, Ambient: 25,
		Battery: model.Battery{Capacity: 200, Voltage: 24, Health: 1, Charge: 1, Charger: 100},
		Mains:   model.Mains{Voltage: 230, Frequency: 50},
		Load:    model.Load{Level: 0.4},
	})
	u.Wire(model.Plugged)
	return live.New(u, 1)
}

var faces = map[string]func(func(func(*model.UPS)), snmpagent.Identity) snmpagent.Objects{
	"ups-mib": snmpagent.UPSMIB, "powernet": snmpagent.PowerNet,
}

// TestSimulatedSuite is the suite against the simulated UPS, which obeys.
func TestSimulatedSuite(t *testing.T) {
	for name, face := range faces {
		t.Run(name, func(t *testing.T) {
			a := serve(t, face(simulation().Do, snmpagent.Identity{Mfr: "Acme", Model: "Ion", Serial: "7", Firmware: "1.0", Name: "ion"}),
				snmpagent.Config{Write: "private"})
			drivertest.Suite(t, drivertest.Config{
				Driver: Driver,
				Settings: settings("port", a.Addr().String(), "community", "private", "snmp_version", "v2c",
					"snmp_timeout", "0.2", "snmp_retries", "0"),
				Values: map[nut.Name]string{
					"input.transfer.low": "190", "input.transfer.high": "260", "battery.runtime.low": "300",
					"ups.delay.shutdown": "60", "ups.delay.start": "60",
				},
				Avoid: []nut.Name{
					"ups.timer.shutdown", "ups.timer.start", // they run
					"device.description", "output.voltage.nominal", // no agent lets these be set
					"load.off", "load.on", "shutdown.return", "shutdown.stayoff", "calibrate.start", "bypass.start",
				},
			})
		})
	}
}

// TestSimulatedLikeNUT reads the simulated UPS by both, and lets its mains fail.
func TestSimulatedLikeNUT(t *testing.T) {
	testenv.Need(t, "snmp-ups")
	for name, face := range faces {
		t.Run(name, func(t *testing.T) {
			u := simulation()
			a := serve(t, face(u.Do, snmpagent.Identity{Mfr: "Acme", Model: "Ion", Serial: "7", Firmware: "1.0", Name: "ion"}), snmpagent.Config{})
			known := differences{
				{variable: "ups.delay.*"}, {variable: "battery.runtime"}, {variable: "battery.*"}, {variable: "device.uptime"}, {variable: "input.bypass.phases"}, // 2.8.0 makes that up
				{variable: "input.voltage"}, {variable: "output.*"}, {variable: "ups.load"},
			}
			for _, wall := range []model.Wall{model.Plugged, model.Unplugged} {
				u.Do(func(m *model.UPS) { m.Wire(wall) })
				compareWithNUT(t, a.Addr().String(), known, nil, Config{})
				status := ours(t, a.Addr().String(), Config{})["ups.status"]
				if want := map[model.Wall]string{model.Plugged: "OL", model.Unplugged: "OB"}[wall]; status != want {
					t.Errorf("status %q, want %q", status, want)
				}
				<-time.After(10 * time.Millisecond)
			}
		})
	}
}
